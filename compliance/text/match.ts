import { isName } from './copyright-line';
import type { LicenceTemplate, TemplateToken } from './licence-templates';
import { isListMark, MARK_PLACE, type NormalisedText, OPENING_WORDS, type Word } from './normalise';
import { isPreface } from './preface';

/**
 * Whether a text is the licence, word for word: titles of it and copyright notices, then one of its shapes, and nothing more but notices.
 * A notice may stand on lines of its own anywhere, and within a line only where the text of SPDX has one.
 */
export function isCopyOf(text: NormalisedText, template: LicenceTemplate): boolean {
  const { all } = text;
  return template.shapes.some((shape) =>
    startsOf(text, shape).some((start) => matches(all, start, shape) && isPreface(all, 0, start, template)),
  );
}

/** Longest filling of a slot, in words. */
const MAX_SLOT_WORDS = 16;
/** Longest run of notices inside a text, in words. */
const MAX_NOTICE_WORDS = 60;

/** Where a shape may begin: the list mark in front of its first words included. */
function startsOf({ all, places }: NormalisedText, shape: readonly TemplateToken[]): readonly number[] {
  const marked = shape[0] === MARK_PLACE;
  const found = places.get(openingOf(shape, marked ? 1 : 0)) ?? [];
  return marked ? found.flatMap((at) => (at > 0 && isListMark((all[at - 1] as Word).plain) ? [at - 1, at] : at)) : found;
}

/** The fixed words with which a shape goes on, joined by spaces. */
function openingOf(shape: readonly TemplateToken[], at: number): string {
  let opening = '';
  for (let index = at; index < at + OPENING_WORDS; index += 1) {
    const token = shape[index];
    if (typeof token !== 'string' || token === MARK_PLACE) break;
    opening = opening === '' ? token : `${opening} ${token}`;
  }
  return opening;
}

function stand(text: readonly Word[], at: number, words: readonly string[]): boolean {
  for (let offset = 0; offset < words.length; offset += 1) if (text[at + offset]?.plain !== words[offset]) return false;
  return true;
}

function matches(text: readonly Word[], start: number, shape: readonly TemplateToken[]): boolean {
  const failed = new Set<number>();
  const tryFrom = (at: number, index: number): boolean => {
    const key = at * (shape.length + 1) + index;
    if (failed.has(key)) return false;
    if (goOn(at, index)) return true;
    failed.add(key);
    return false;
  };
  const goOn = (from: number, first: number): boolean => {
    let at = from;
    for (let index = first; index < shape.length; index += 1) {
      const token = shape[index] as TemplateToken;
      if (token === MARK_PLACE) {
        if (isListMark(text[at]?.plain ?? '')) at += 1;
      } else if (typeof token === 'string') {
        // A line that looks like a notice may be one, or a part of a sentence of the licence that begins with the same words.
        while (beginsNotice(text, at)) {
          if (isWord(text[at], token, index === shape.length - 1) && tryFrom(at + 1, index + 1)) return true;
          at = endOfNotice(text, at);
        }
        if (!isWord(text[at], token, index === shape.length - 1)) return false;
        at += 1;
      } else if ('notice' in token) {
        return [...noticeLengths(text, at, token.notice, shape, index + 1)].some((length) => tryFrom(at + length, index + 1));
      } else {
        const filled = token.wordings
          ? token.wordings.find((wording) => stand(text, at, wording))?.length
          : lengthOfName(text, at, shape[index + 1]);
        if (filled === undefined) return false;
        at += filled;
      }
    }
    return isPreface(text, at, text.length);
  };
  return tryFrom(start, 0);
}

/** The last word may have a full stop where the template has none. */
function isWord(word: Word | undefined, expected: string, isLast: boolean): boolean {
  return word !== undefined && (word.plain === expected || (isLast && word.plain === `${expected}.`));
}

function beginsNotice(text: readonly Word[], at: number): boolean {
  const notice = text[at]?.notice;
  return notice !== undefined && text[at - 1]?.notice !== notice;
}

function endOfNotice(text: readonly Word[], at: number): number {
  let end = at;
  while (end < text.length && text[end]?.notice === text[at]?.notice) end += 1;
  return end;
}

/** How many words may be the notice that a template has here: its own words, other notices up to the words behind it, or none. */
function* noticeLengths(
  text: readonly Word[],
  at: number,
  own: readonly string[],
  shape: readonly TemplateToken[],
  next: number,
): Generator<number> {
  if (stand(text, at, own)) yield own.length;
  const behind = shape.findIndex(
    (token, index) => index >= next && token !== MARK_PLACE && !(typeof token === 'object' && 'notice' in token),
  );
  const opening = behind < 0 ? [] : openingOf(shape, behind).split(' ');
  for (let length = 1; behind >= 0 && length <= MAX_NOTICE_WORDS; length += 1) {
    if (!stand(text, at + length, opening)) continue;
    if (isPreface(text, at, at + length)) yield length;
    break;
  }
  yield 0;
}

/** A name, or what some copies say instead of one. */
function mayFill(words: readonly string[]): boolean {
  return INSTEAD_OF_A_NAME.has(words.join(' ')) || isName(words);
}
const INSTEAD_OF_A_NAME: ReadonlySet<string> = new Set(['this software', 'this project', 'this library']);

/** Words up to what follows in the template, when they can be a name. */
function lengthOfName(text: readonly Word[], at: number, next: TemplateToken | undefined): number | undefined {
  const follows = typeof next === 'object' && 'wordings' in next ? (next.wordings ?? []).map(([first]) => first) : [next];
  for (let length = 1; length <= MAX_SLOT_WORDS && at + length < text.length; length += 1) {
    if (!follows.includes(text[at + length]?.plain)) continue;
    return mayFill(text.slice(at, at + length).map((word) => word.plain)) ? length : undefined;
  }
  return undefined;
}
