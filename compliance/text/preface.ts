import { isCopyrightLine } from './copyright-line';
import { type LicenceTemplate, licenceTitles } from './licence-templates';
import type { Word } from './normalise';

/** Longest copyright notice that goes on over line ends, in words. */
const MAX_NOTICE_WORDS = 40;
/** A title that names no licence: behind a notice on its line it would end another name, "Copyright 2026 Foo Limited License". */
const NAMELESS: ReadonlySet<string> = new Set(['license', 'license:']);
const NOTICE_BEGINS = /^(?:#*copyright|©|\(c\)|&copy;|all$|portions|parts|modif|original|port$)/i;

/**
 * Whether the words of a text from `start` to `end` are copyright notices, and titles of the licence when one is given, one after the other
 * and nothing else. None are.
 */
export function isPreface(text: readonly Word[], start: number, end: number, template?: LicenceTemplate): boolean {
  const reached = new Set([start]);
  for (let at = start; at < end; at += 1) {
    if (!reached.has(at)) continue;
    if (template) for (const length of titleLengths(text, at, end, template)) reached.add(at + length);
    for (const length of noticeLengths(text, at, end)) reached.add(at + length);
  }
  return reached.has(end);
}

function titleLengths(text: readonly Word[], at: number, end: number, template: LicenceTemplate): readonly number[] {
  const words = text.slice(at, end).map((word) => word.plain);
  const rest = `${words.join(' ')} `;
  const begins = at === 0 || text[at]?.beginsLine === true;
  return [...licenceTitles(template), ...template.notices].flatMap((title) =>
    rest.startsWith(`${title} `) && (begins || !NAMELESS.has(title)) ? title.split(' ').length : [],
  );
}

function noticeLengths(text: readonly Word[], at: number, end: number): readonly number[] {
  const first = text[at] as Word;
  const lengths: number[] = [];
  let notice = '';
  const mayBegin = NOTICE_BEGINS.test(first.written);
  for (let length = 1; at + length <= end; length += 1) {
    const last = text[at + length - 1] as Word;
    const oneLine = first.notice !== undefined && last.notice === first.notice;
    if (!oneLine && (!mayBegin || length > MAX_NOTICE_WORDS || last.paragraph !== first.paragraph)) break;
    notice = notice === '' ? last.written : `${notice} ${last.written}`;
    const lineEnds = oneLine && text[at + length]?.notice !== first.notice;
    if (lineEnds || (mayBegin && length <= MAX_NOTICE_WORDS && isCopyrightLine(notice))) lengths.push(length);
  }
  return lengths;
}
