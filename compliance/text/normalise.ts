import { isCopyrightLine } from './copyright-line';
import { unwrapMarkup } from './unwrap';

/** One word of a text. */
export interface Word {
  /** As it is compared. */
  readonly plain: string;
  /** As it is written. */
  readonly written: string;
  /** Line of a copyright notice that it belongs to, counted from 0; undefined for a word that counts. */
  readonly notice: number | undefined;
  /** Paragraph that it stands in: a notice does not go on behind an empty line. */
  readonly paragraph: number;
  readonly beginsLine: boolean;
}

/** A licence text as its words, and the copyright lines among them. */
export interface NormalisedText {
  readonly all: readonly Word[];
  /** Those that count, as they are compared. */
  readonly words: readonly string[];
  readonly copyrightLines: readonly string[];
  /** Where each row of up to OPENING_WORDS words stands in the first MAX_PREFACE_WORDS of `all`; "" stands everywhere. */
  readonly places: ReadonlyMap<string, readonly number[]>;
}

/** Words by which the beginning of a licence is found. */
export const OPENING_WORDS = 3;
/** Words that may stand in front of a licence, those of its notices included. */
const MAX_PREFACE_WORDS = 400;

/** Stands in the words of a template where a list mark may stand: "1.", "(a)", a bullet or nothing. */
export const MARK_PLACE = '\u0001';
/** Begins a word of a template that stands for a copyright notice of the SPDX text; its own words follow, joined by spaces. */
export const NOTICE_PLACE = '\u0002';

/**
 * Brings a licence text into the form in which two copies of it are equal: case, line breaks, layout, quotes, dashes, bullets, spelling
 * variants and copyright lines do not count, every other word does. Nothing is dropped that could carry a condition; letters of other
 * scripts that look alike and invisible characters stay different, so that they show as a change.
 * Source of the rules: SPDX License List matching guidelines, the part of them that needs no judgement.
 */
export function normaliseText(text: string): NormalisedText {
  const all: Word[] = [];
  const copyrightLines: string[] = [];
  let paragraph = 0;
  for (const line of linesOf(text)) {
    if (line === '') paragraph += 1;
    const lineFrom = all.length;
    for (const { text: part, isNotice } of partsOf(line.replace(COMMENT_MARK, ''))) {
      const notice = isNotice ? copyrightLines.push(part) - 1 : undefined;
      for (const written of part.split(BLANKS)) {
        const plain = plainOf(written);
        if (plain !== '') all.push({ plain, written, notice, paragraph, beginsLine: all.length === lineFrom });
      }
    }
  }
  const words = withoutLastStop(all.flatMap(({ plain, notice }) => (notice === undefined ? plain : [])));
  return { all, words, copyrightLines, places: placesOf(all) };
}

function placesOf(all: readonly Word[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (let at = 0; at < Math.min(all.length, MAX_PREFACE_WORDS); at += 1) {
    for (let length = 0; length <= OPENING_WORDS; length += 1) {
      const row = all
        .slice(at, at + length)
        .map(({ plain }) => plain)
        .join(' ');
      const known = places.get(row);
      if (known) known.push(at);
      else places.set(row, [at]);
    }
  }
  return places;
}

interface Part {
  readonly text: string;
  readonly isNotice: boolean;
}

/** A line as what counts and what is a copyright notice; a notice may share its line with the name of the licence. */
function partsOf(line: string): readonly Part[] {
  const bare = line.replace(EMPHASIS_OF_LINE, '$2');
  if (isCopyrightLine(bare)) return [{ text: bare, isNotice: true }];
  const [, title = '', behind = ''] = TITLE_THEN_NOTICE.exec(bare) ?? [];
  if (isCopyrightLine(behind)) return [counted(title), { text: behind, isNotice: true }];
  const [, before = '', sentence = ''] = NOTICE_THEN_TITLE.exec(bare) ?? [];
  return isCopyrightLine(before) ? [{ text: before, isNotice: true }, counted(sentence)] : [counted(line)];
}

const counted = (text: string): Part => ({ text, isNotice: false });

/** The words of a text from the SPDX list, with the places where its list marks and its notices stand. */
export function templateWords(text: string): readonly string[] {
  const found: string[] = [];
  let itemMayBegin = true;
  for (const line of linesOf(text)) {
    const parts = partsOf(line.replace(COMMENT_MARK, ''));
    for (const { text: part, isNotice } of parts) {
      if (isNotice) {
        found.push(`${NOTICE_PLACE}${wordsOf(part).join(NOTICE_PLACE)}`);
        continue;
      }
      const item: string = itemMayBegin || BULLET.test(line) ? part.replace(LIST_MARK, '') : part;
      if (item !== part || BULLET.test(line)) found.push(MARK_PLACE);
      found.push(...wordsOf(item));
      // A number begins an item only where a sentence, a clause or a heading ended: "Section\n2. above" does not.
      itemMayBegin = part === '' || /(?:[.:;,?!")]|\b(?:and|or))$/.test(part);
    }
  }
  return withoutLastStop(found);
}

/** Many copies lack the full stop at the very end. */
function withoutLastStop(text: readonly string[]): readonly string[] {
  const last = text.findLastIndex((word) => !word.startsWith(NOTICE_PLACE));
  return last >= 0 ? text.with(last, (text[last] as string).replace(/[.]$/, '')) : text;
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
    .split(BLANKS)
    .map(plainOf)
    .filter((word) => word !== '');
}

const BLANKS = /[ \t]+/;

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

/** Two spellings of one word, after the list of equivalent words of SPDX; the second is what is compared. "licence" is one wherever it stands. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['sub-license', 'sublicense'],
  ['organisation', 'organization'],
  ['organisations', 'organizations'],
  ['acknowledgement', 'acknowledgment'],
  ['favour', 'favor'],
  ['behaviour', 'behavior'],
  ['non-infringement', 'noninfringement'],
  ['merchantibility', 'merchantability'],
]);

/** Written words in their plain form: the 700 texts of the list have 850,000, and 30,000 different ones. */
const known = new Map<string, string>();
const MAX_KNOWN = 100_000;

function plainOf(written: string): string {
  const plain = known.get(written) ?? plainWord(written.toLowerCase());
  if (known.size < MAX_KNOWN) known.set(written, plain);
  return plain;
}

function plainWord(word: string): string {
  if (LAYOUT.test(word)) return '';
  const bare = word
    .replace(/^[*_]+(?=[^*_])|(?<=[^*_])[*_]+$/g, '')
    .replace(/"{2,}/g, '"')
    .replace(/-{2,}/g, '-');
  if (bare.includes('://'))
    return bare
      .replace('https://', 'http://')
      .replace(/^[<(]+|[>)]+(?=[.,;]?$)/g, '')
      .replace(/\/(?=[.,;]?$)/, '');
  const [, before = '', core = bare, after = ''] = /^(\W*)(.*?)(\W*)$/.exec(bare) ?? [];
  return before + (SPELLINGS.get(core) ?? core.replaceAll('licenc', 'licens').replaceAll('ß', 'ss')) + after;
}
