import { isName } from './copyright-line';
import { type LicenceTemplate, licenceTitles, type TemplateToken } from './licence-templates';
import { isListMark, MARK_PLACE } from './normalise';

/** Whether words are the licence, word for word: a title of it, then one of its shapes, and nothing more. Linear in the words. */
export function isCopyOf(words: readonly string[], template: LicenceTemplate): boolean {
  return template.shapes.some((shape) => {
    for (const start of startsOf(words, shape)) if (matches(words, start, shape) && isTitle(words.slice(0, start), template)) return true;
    return false;
  });
}

/** Words that may stand in front of a licence. */
const MAX_TITLE_WORDS = 24;
/** Words that are compared before a beginning is tried. */
const OPENING_WORDS = 3;
/** Longest filling of a slot, in words. */
const MAX_SLOT_WORDS = 16;

function* startsOf(words: readonly string[], shape: readonly TemplateToken[]): Generator<number> {
  const marked = shape[0] === MARK_PLACE ? 1 : 0;
  const opening: string[] = [];
  for (const token of shape.slice(marked, marked + OPENING_WORDS)) {
    if (typeof token !== 'string' || token === MARK_PLACE) break;
    opening.push(token);
  }
  for (let start = 0; start <= Math.min(MAX_TITLE_WORDS, words.length - 1); start += 1) {
    const from = start + (marked > 0 && isListMark(words[start] ?? '') ? 1 : 0);
    if (opening.every((word, index) => words[from + index] === word)) yield start;
  }
}

/** Whether words are titles of a licence, one after the other, e.g. "license the mit license (mit)". */
export function isTitle(words: readonly string[], template: LicenceTemplate): boolean {
  let rest = words.join(' ');
  while (rest !== '') {
    const title = licenceTitles(template).find((candidate) => rest === candidate || rest.startsWith(`${candidate} `));
    if (title === undefined) return false;
    rest = rest.slice(title.length + 1);
  }
  return true;
}

function matches(words: readonly string[], start: number, shape: readonly TemplateToken[]): boolean {
  let at = start;
  for (const [index, token] of shape.entries()) {
    if (token === MARK_PLACE) {
      if (isListMark(words[at] ?? '')) at += 1;
    } else if (typeof token === 'string') {
      if (words[at] !== token) return false;
      at += 1;
    } else {
      const next = shape[index + 1];
      const filled = token.wordings
        ? token.wordings.find((wording) => wording.every((word, offset) => words[at + offset] === word))?.length
        : lengthOfName(words, at, typeof next === 'string' ? next : undefined, next);
      if (filled === undefined) return false;
      at += filled;
    }
  }
  return at === words.length;
}

/** A name, or what some copies say instead of one. */
function mayFill(words: readonly string[]): boolean {
  return INSTEAD_OF_A_NAME.has(words.join(' ')) || isName(words);
}
const INSTEAD_OF_A_NAME: ReadonlySet<string> = new Set(['this software', 'this project', 'this library']);

/** Words up to the next fixed word of the template, when they can be a name. */
function lengthOfName(
  words: readonly string[],
  at: number,
  next: string | undefined,
  token: TemplateToken | undefined,
): number | undefined {
  const follows = next === undefined && typeof token === 'object' ? (token.wordings ?? []).map((wording) => wording[0]) : [next];
  for (let length = 1; length <= MAX_SLOT_WORDS && at + length < words.length; length += 1) {
    if (follows.includes(words[at + length])) return mayFill(words.slice(at, at + length)) ? length : undefined;
  }
  return undefined;
}
