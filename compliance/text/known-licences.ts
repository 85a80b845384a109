import ids from 'spdx-license-ids';
import { type LicenceTemplate, licenceTemplate } from './licence-templates';
import { isCopyOf } from './match';
import { MARK_PLACE, type NormalisedText } from './normalise';

/** Share of equal word pairs from which a text is named as a changed copy of a licence. It never approves anything. */
const MODIFIED_FROM = 0.6;
/** Texts whose lengths differ by more than this factor are not compared word by word. */
const MAX_LENGTH_RATIO = 3;

/** Looked at first, since nearly every file is one of them and reading the other 680 texts takes most of a second. */
const USUAL = [
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-3-Clause',
  'BSD-2-Clause',
  '0BSD',
  'MIT-0',
  'BlueOak-1.0.0',
  'MPL-2.0',
  'CC0-1.0',
  'Unlicense',
  'BSL-1.0',
  'Zlib',
  'GPL-3.0-only',
  'GPL-2.0-only',
  'LGPL-3.0-only',
  'LGPL-2.1-only',
  'AGPL-3.0-only',
  'CC-BY-4.0',
];

/** Every licence whose text it is; more than one where SPDX has the same text under several ids (GPL-3.0-only, -or-later). */
export function licencesWithText(text: NormalisedText): readonly string[] {
  const isText = (id: string): boolean => {
    const template = licenceTemplate(id);
    return template !== undefined && isCopyOf(text, template);
  };
  const usual = USUAL.find(isText);
  if (usual === undefined) return ids.filter(isText);
  // Ids with the same text begin alike: MPL-2.0 and MPL-2.0-no-copyleft-exception.
  const stem = usual.replace(/-only$/, '');
  return ids.filter((id) => id === stem || id.startsWith(`${stem}-`)).filter(isText);
}

/** The licence that words were most likely made from, or undefined when they are like none. */
export function nearestLicence(words: readonly string[], candidates: readonly string[] = ids): Nearest | undefined {
  const numbers = numbered(words);
  const counts = pairCounts(numbers);
  let best: { readonly id: string; readonly likeness: number } | undefined;
  for (const id of candidates) {
    const reference = referenceNumbers(id);
    if (!reference) continue;
    const ratio = reference.length / words.length;
    if (ratio > MAX_LENGTH_RATIO || ratio < 1 / MAX_LENGTH_RATIO) continue;
    const likeness = diceOfPairs(counts, words.length, reference);
    if (!best || likeness > best.likeness) best = { id, likeness };
  }
  const template = best && best.likeness >= MODIFIED_FROM ? licenceTemplate(best.id) : undefined;
  return template && { id: template.id, reference: referenceWords(template) };
}

export interface Nearest {
  readonly id: string;
  /** The whole text of it as the SPDX list has it, without its title and its list marks. */
  readonly reference: readonly string[];
}

function referenceWords(template: LicenceTemplate): readonly string[] {
  return (template.shapes[0] ?? []).flatMap((token) => {
    if (typeof token === 'string') return token === MARK_PLACE ? [] : token;
    return 'notice' in token ? [] : token.shown;
  });
}

/** Words as numbers: comparing a text with 700 others is then a matter of milliseconds. */
const vocabulary = new Map<string, number>();
/** More words than all texts of the list have together, so that a pair of words is one exact number. */
const VOCABULARY_SPACE = 2 ** 24;
const references = new Map<string, Uint32Array | undefined>();

function numbered(words: readonly string[]): Uint32Array {
  return Uint32Array.from(words, (word) => {
    const known = vocabulary.get(word);
    if (known !== undefined) return known;
    vocabulary.set(word, vocabulary.size + 1);
    return vocabulary.size;
  });
}

function referenceNumbers(id: string): Uint32Array | undefined {
  if (!references.has(id)) {
    const template = licenceTemplate(id);
    references.set(id, template && numbered(referenceWords(template)));
  }
  return references.get(id);
}

function pairAt(numbers: Uint32Array, index: number): number {
  return (numbers[index - 1] ?? 0) * VOCABULARY_SPACE + (numbers[index] ?? 0);
}

function pairCounts(numbers: Uint32Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (let index = 1; index < numbers.length; index += 1) {
    const pair = pairAt(numbers, index);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

/** Dice coefficient over word pairs, 0 to 1. */
function diceOfPairs(counts: ReadonlyMap<number, number>, length: number, reference: Uint32Array): number {
  const used = new Map<number, number>();
  let shared = 0;
  for (let index = 1; index < reference.length; index += 1) {
    const pair = pairAt(reference, index);
    const have = counts.get(pair);
    if (have === undefined) continue;
    const taken = used.get(pair) ?? 0;
    if (taken < have) {
      shared += 1;
      used.set(pair, taken + 1);
    }
  }
  const total = length + reference.length - 2;
  return total <= 0 ? 0 : (2 * shared) / total;
}
