/** A licence text as the words that count, and the copyright lines that were set aside. */
export interface NormalisedText {
  readonly words: readonly string[];
  readonly copyrightLines: readonly string[];
}

/**
 * Brings a licence text into the form in which two copies of it are equal: case, line breaks, quotes, dashes, list bullets and copyright
 * lines do not count, every other word does. Nothing is dropped that could carry a condition; letters of other scripts that look alike
 * and invisible characters stay different, so that they show as a change.
 * Source of the rules: SPDX License List matching guidelines, the part of them that needs no judgement.
 */
export function normaliseText(text: string): NormalisedText {
  const words: string[] = [];
  const copyrightLines: string[] = [];
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/[\u2018\u2019\u201B`´]/g, "'")
    .replace(/[\u201C\u201D]|''/g, '"')
    .replace(/[\u2010-\u2015]/g, '-')
    .split(/\r\n|[\n\r\f]/);
  for (const raw of lines) {
    const line = raw.trim().replace(BULLET, '');
    if (line === '' || RULER.test(line)) continue;
    if (isCopyrightLine(line)) {
      copyrightLines.push(line);
      continue;
    }
    for (const word of line
      .toLowerCase()
      .replaceAll('https://', 'http://')
      .split(/[ \t\u00A0]+/))
      words.push(word);
  }
  return { words, copyrightLines };
}

const BULLET = /^(?:[*•]|#{1,6}|-)[ \t]+/;
const RULER = /^[-=*_]{3,}$/;
/** Longest line that is still taken for a plain copyright notice, in characters. */
const MAX_NOTICE = 200;
const NOTICE = /^(?:copyright(?: +notice)?:?[ \t]*(?:\(c\)|©|[[<{(]?(?:\d{4}|y{4}|year))|©|\(c\)[ \t]*\d{4})/i;
/** Words with which a "copyright line" would be saying more than who and when. */
const SAYS_MORE =
  /\b(?:not|no|non|only|must|may|shall|should|can|cannot|will|prohibit\w*|restrict\w*|forbid\w*|commercial\w*|except\w*|without|with|grant\w*|permi\w+|licen[cs]\w*|unlicen\w*|use[ds]?|usage|using|sell\w*|sold|subject|condition\w*|provid\w*|term\w*|agree\w*|requir\w*|unless|if|for|under|military|research|academic|evaluation|fee|pay\w*|revo\w+|right to|distribut\w*|modif\w*|derivative\w*)\b/i;

function isCopyrightLine(line: string): boolean {
  if (line.length > MAX_NOTICE || !NOTICE.test(line)) return false;
  return !SAYS_MORE.test(line.replace(/all rights reserved\.?/i, ''));
}
