import { sha256Hex } from '../../core/canonical-json';
import { licenceTemplate } from './licence-templates';
import { normaliseText } from './normalise';

/** What a licence file is, word by word. */
export interface TextJudgement {
  readonly state: 'verified' | 'modified' | 'unrecognised';
  /** Licence that it is (verified) or that it was made from (modified). */
  readonly licence: string | null;
  readonly because: string;
  readonly sha256: string;
}

/** Larger files are not one licence text, in bytes. The longest in the SPDX list has 59 kB. */
const MAX_TEXT_BYTES = 256 * 1024;
/** From this share of equal word pairs on, a text is named as a modified copy of a licence. It never approves anything. */
const MODIFIED_FROM = 0.6;

/**
 * Compares a licence file with the SPDX texts of the candidate licences.
 * `verified` needs every word equal after normalisation and nothing left over, before or behind: one inserted clause,
 * a Commons Clause after END OF TERMS or a second licence in the file are all `modified` or `unrecognised`.
 */
export function verifyLicenceText(content: Uint8Array | string, candidates: readonly string[]): TextJudgement {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const sha256 = sha256Hex(bytes);
  const no = (because: string): TextJudgement => ({ state: 'unrecognised', licence: null, because, sha256 });
  if (bytes.byteLength > MAX_TEXT_BYTES) return no(`${bytes.byteLength} bytes is larger than any licence text`);
  const text = decode(bytes);
  if (text === undefined) return no('neither UTF-8 nor UTF-16 text');
  const { words } = normaliseText(text);
  if (words.length === 0) return no('the file is empty');
  const joined = words.join(' ');
  let best: { readonly id: string; readonly likeness: number; readonly differs: string } | undefined;
  for (const id of candidates) {
    const template = licenceTemplate(id);
    if (!template) continue;
    if (template.variants.includes(joined))
      return { state: 'verified', licence: id, because: `word for word the SPDX text of ${id}`, sha256 };
    const reference = (template.variants[0] ?? '').split(' ');
    const score = likeness(words, reference);
    if (!best || score > best.likeness) best = { id, likeness: score, differs: firstDifference(words, reference) };
  }
  if (!best || best.likeness < MODIFIED_FROM) return no('none of the licences that the policy knows');
  return { state: 'modified', licence: best.id, because: `a changed copy of ${best.id}: ${best.differs}`, sha256 };
}

function decode(bytes: Uint8Array): string | undefined {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
  try {
    return new TextDecoder(utf16 ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Dice coefficient over word pairs, 0 to 1. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const pairs = (words: readonly string[]) => words.slice(1).map((word, index) => `${words[index]} ${word}`);
  const counts = new Map<string, number>();
  for (const pair of pairs(a)) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  let shared = 0;
  for (const pair of pairs(b)) {
    const left = counts.get(pair) ?? 0;
    if (left > 0) {
      shared += 1;
      counts.set(pair, left - 1);
    }
  }
  const total = a.length + b.length - 2;
  return total <= 0 ? 0 : (2 * shared) / total;
}

const SHOWN_WORDS = 8;

function firstDifference(found: readonly string[], expected: readonly string[]): string {
  let at = 0;
  while (at < found.length && found[at] === expected[at]) at += 1;
  const show = (words: readonly string[]) =>
    words
      .slice(at, at + SHOWN_WORDS)
      .join(' ')
      .slice(0, 120) || 'the end';
  return `at word ${at + 1} "${show(found)}" instead of "${show(expected)}"`;
}
