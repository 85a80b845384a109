import { sha256Hex } from '../../core/canonical-json';
import { decodeText } from './decode';
import { licencesWithText, nearestLicence } from './known-licences';
import { type LicenceTemplate, licenceTemplate } from './licence-templates';
import { isCopyOf } from './match';
import { isListMark, type NormalisedText, normaliseText } from './normalise';
import { isPreface } from './preface';
import { describeRuns, diffWords, type Run, type WordChange } from './word-diff';

/** What a licence file is, word by word. */
export interface TextJudgement {
  readonly state: 'verified' | 'modified' | 'unrecognised';
  /** Licence that it is (verified) or that it was made from (modified). */
  readonly licence: string | null;
  /** Other ids for which SPDX has the very same text; the text alone cannot tell them apart. */
  readonly sameTextAs: readonly string[];
  readonly because: string;
  /** Every word that differs, when it was made from a licence. */
  readonly changes: readonly WordChange[];
  readonly copyrightLines: readonly string[];
  readonly sha256: string;
}

/** Larger files are not one licence text, in bytes. The longest in the SPDX list has 59 kB. */
const MAX_TEXT_BYTES = 256 * 1024;

/**
 * Compares a licence file with the SPDX texts of the candidate licences, or of all licences.
 * `verified` needs every word equal after normalisation and nothing left over, before or behind: one inserted clause,
 * a Commons Clause after END OF TERMS or a second licence in the file are all `modified` or `unrecognised`.
 */
export function verifyLicenceText(content: Uint8Array | string, candidates?: readonly string[]): TextJudgement {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const nothing = { licence: null, sameTextAs: [], changes: [], copyrightLines: [] as readonly string[], sha256: sha256Hex(bytes) };
  const no = (because: string): TextJudgement => ({ ...nothing, state: 'unrecognised', because });
  if (bytes.byteLength > MAX_TEXT_BYTES) return no(`${bytes.byteLength} bytes is larger than any licence text`);
  const text = decodeText(bytes);
  if (text === undefined) return no('it is not text');
  const normalised = normaliseText(text);
  const { words, copyrightLines } = normalised;
  if (words.length === 0) return no(copyrightLines.length > 0 ? 'it holds copyright lines and no licence' : 'the file is empty');
  const found = candidates ? candidates.filter((id) => isCopy(normalised, id)) : licencesWithText(normalised);
  const [licence, ...sameTextAs] = [...found].sort(byPlainness);
  if (licence !== undefined)
    return { ...nothing, state: 'verified', licence, sameTextAs, because: `word for word the SPDX text of ${licence}`, copyrightLines };
  const near = nearestLicence(words, candidates);
  if (!near) return no(candidates ? `not the text of ${candidates.join(', ')}` : 'the text of no licence in the SPDX list');
  const changes = describeRuns(meaningful(diffWords(near.reference, words), near.id));
  const [first] = changes;
  const because = `a changed copy of ${near.id}: ${first ? firstChange(first) : 'its parts stand in another order'}`;
  return { ...nothing, state: 'modified', licence: near.id, because, changes, copyrightLines };
}

/** Without list marks and the title in front, which the reference has none of; all of them when nothing else differs. */
function meaningful(runs: readonly Run[], id: string): readonly Run[] {
  const template = licenceTemplate(id);
  const others = runs.filter(({ expected, found, foundAt }) => {
    if (expected.length > 0) return true;
    return !found.every(isListMark) && !(foundAt === 0 && template !== undefined && areTitles(found, template));
  });
  return others.length > 0 ? others : runs;
}

function areTitles(found: readonly string[], template: LicenceTemplate): boolean {
  const words = found.map((plain) => ({ plain, written: plain, notice: undefined, paragraph: 0, beginsLine: true }));
  return isPreface(words, 0, words.length, template);
}

function isCopy(text: NormalisedText, id: string): boolean {
  const template = licenceTemplate(id);
  return template !== undefined && isCopyOf(text, template);
}

/** The text of the GPL by itself grants one version; then the shortest id. */
function byPlainness(a: string, b: string): number {
  const rank = (id: string) => (id.endsWith('-or-later') ? 1 : 0);
  return rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1);
}

const SHOWN_CHARACTERS = 120;

function firstChange(change: WordChange): string {
  const show = (text: string) => `"${text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text}"`;
  if (change.kind === 'inserted') return `at word ${change.at} ${show(change.found)} was put in`;
  if (change.kind === 'deleted') return `at word ${change.at} ${show(change.expected)} is missing`;
  return `at word ${change.at} ${show(change.found)} instead of ${show(change.expected)}`;
}
