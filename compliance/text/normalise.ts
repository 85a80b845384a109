import { isCopyrightLine } from './copyright-line';
import { unwrapMarkup } from './unwrap';

/** A licence text as the words that count, and the copyright lines that were set aside. */
export interface NormalisedText {
  readonly words: readonly string[];
  readonly copyrightLines: readonly string[];
}

/** Stands in the words of a template where a list mark may stand: "1.", "(a)", a bullet or nothing. */
export const MARK_PLACE = '\u0001';

/**
 * Brings a licence text into the form in which two copies of it are equal: case, line breaks, layout, quotes, dashes, bullets, spelling
 * variants and copyright lines do not count, every other word does. Nothing is dropped that could carry a condition; letters of other
 * scripts that look alike and invisible characters stay different, so that they show as a change.
 * Source of the rules: SPDX License List matching guidelines, the part of them that needs no judgement.
 */
export function normaliseText(text: string): NormalisedText {
  const words: string[] = [];
  const copyrightLines: string[] = [];
  for (const line of linesOf(text)) {
    const { notice, rest } = setAside(line.replace(COMMENT_MARK, ''));
    if (notice !== undefined) copyrightLines.push(notice);
    words.push(...wordsOf(rest));
  }
  return { words: withoutLastStop(words), copyrightLines };
}

/** A line without its copyright notice; a notice may share its line with the name of the licence. */
function setAside(line: string): { readonly notice?: string; readonly rest: string } {
  const bare = line.replace(EMPHASIS_OF_LINE, '$2');
  if (isCopyrightLine(bare)) return { notice: bare, rest: '' };
  const [, title = '', behind = ''] = TITLE_THEN_NOTICE.exec(bare) ?? [];
  if (isCopyrightLine(behind)) return { notice: behind, rest: title };
  const [, before = '', sentence = ''] = NOTICE_THEN_TITLE.exec(bare) ?? [];
  return isCopyrightLine(before) ? { notice: before, rest: sentence } : { rest: line };
}

/** The words of a text from the SPDX list, with the places where its list marks stand. */
export function templateWords(text: string): readonly string[] {
  const words: string[] = [];
  let itemMayBegin = true;
  for (const line of linesOf(text)) {
    const { notice, rest: bare } = setAside(line.replace(COMMENT_MARK, ''));
    if (notice !== undefined && bare === '') continue;
    const item: string = itemMayBegin || BULLET.test(line) ? bare.replace(LIST_MARK, '') : bare;
    if (item !== bare || BULLET.test(line)) words.push(MARK_PLACE);
    words.push(...wordsOf(item));
    // A number begins an item only where a sentence, a clause or a heading ended: "Section\n2. above" does not.
    itemMayBegin = bare === '' || /(?:[.:;,?!")]|\b(?:and|or))$/.test(bare);
  }
  return withoutLastStop(words);
}

/** Many copies lack the full stop at the very end. */
function withoutLastStop(words: readonly string[]): readonly string[] {
  const last = words.at(-1);
  return last?.endsWith('.') ? [...words.slice(0, -1), last.slice(0, -1)] : words;
}

/** Whether a word of a text is a list mark: "1.", "2.1", "(a)", "iv)". */
export function isListMark(word: string): boolean {
  return LIST_MARK.test(`${word} `);
}

function linesOf(text: string): readonly string[] {
  return unwrapMarkup(text.replace(/^\uFEFF/, '').replaceAll('\u00A0', ' '))
    .replace(/[\u2018\u2019\u201A\u201B\u201C\u201D\u201E\u2033`´']/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .split(/\r\n|[\n\r\f\v\u0085]/)
    .map((line) => line.trim().replace(/\s*\*\/$/, ''));
}

/** The words of one line, as they are compared. */
export function wordsOf(line: string): readonly string[] {
  return line
    .toLowerCase()
    .split(/[ \t]+/)
    .map(knownWord)
    .filter((word) => word !== '');
}

/** Marks of comments, quotations, headings and bullets in front of a line. */
const COMMENT_MARK = /^(?:(?:\/\*+|\*+\/|\/\/+|#+|>+|;+|[*•·+-]+|dnl|rem)(?:[ \t]+|$))+/i;
const BULLET = /^[*•·+-][ \t]+/;
const LIST_MARK = /^\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,4})[.)][ \t]+/i;
/** "MIT License Copyright (c) 2026 Somebody" on one line; the title counts like one on a line of its own. */
const TITLE_THEN_NOTICE = /^((?:[\w.-]+ ){1,5}Licen[cs]e(?: \([\w-]+\))?)[.:,]?\s+(Copyright\b.*)$/i;
/** "Copyright 2026 Somebody. Licensed under the MIT license." */
const NOTICE_THEN_TITLE = /^(Copyright\b.{1,120}?)[.,;]?\s+((?:Licensed|Released) under the [\w. -]{2,40}[.:]?)$/i;
const EMPHASIS_OF_LINE = /^([*_]{1,3})(.+)\1$/;
/** Words without a letter or digit are layout: rulers, dashes, frames of comments. */
const LAYOUT = /^[-*#/>=_~|•·+."]*$/;

/** Two spellings of one word, after the list of equivalent words of SPDX; the second is what is compared. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['licence', 'license'],
  ['licences', 'licenses'],
  ['licenced', 'licensed'],
  ['sublicence', 'sublicense'],
  ['sub-license', 'sublicense'],
  ['organisation', 'organization'],
  ['organisations', 'organizations'],
  ['acknowledgement', 'acknowledgment'],
  ['favour', 'favor'],
  ['behaviour', 'behavior'],
  ['non-infringement', 'noninfringement'],
  ['merchantibility', 'merchantability'],
]);

/** Words that were brought into their plain form: the 700 texts of the list have 850,000, and 30,000 different ones. */
const known = new Map<string, string>();
const MAX_KNOWN = 100_000;

function knownWord(word: string): string {
  const plain = known.get(word) ?? plainWord(word);
  if (known.size < MAX_KNOWN) known.set(word, plain);
  return plain;
}

function plainWord(word: string): string {
  if (LAYOUT.test(word)) return '';
  const bare = word.replace(/^[*_]+(?=[^*_])|(?<=[^*_])[*_]+$/g, '').replace(/"{2,}/g, '"');
  if (bare.includes('://'))
    return bare
      .replace('https://', 'http://')
      .replace(/^[<(]+|[>)]+(?=[.,;]?$)/g, '')
      .replace(/\/(?=[.,;]?$)/, '');
  const [, before = '', core = bare, after = ''] = /^(\W*)(.*?)(\W*)$/.exec(bare) ?? [];
  const spelt = SPELLINGS.get(core);
  return spelt === undefined ? bare : before + spelt + after;
}
