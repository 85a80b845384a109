import type { LockSubject } from './lock-schema';
import type { OpenPoint } from './open-point';
import type { Subject } from './subjects/subject';

/** A finding about availability: what, in which state, what closes it, and what a waiver has to name beside the licence. */
export type Row = readonly [rule: string, state: OpenPoint['state'], message: string, closes: string, mild?: 'warning', pin?: string];

/** What keeps people from having the subject, or from having the right bytes of it, as the lock saw it. */
export function availability(subject: Subject, entry: LockSubject, weightsSha256: string | null): readonly Row[] {
  const rows: Row[] = [];
  if (entry.presence.present === false) {
    rows.push([
      'OVK-AVL-002',
      'unavailable',
      `it is not there: ${entry.presence.because}.`,
      'the publisher has to publish it; until then a waiver, or a lower compliance.requires.',
    ]);
  }
  if (entry.presence.present === null && entry.retrieval.status === 'retrieved') {
    rows.push(['OVK-AVL-001', 'unknown', `nobody could tell whether it is there: ${entry.presence.because}.`, 'look at it, or a waiver.']);
  }
  const shut = [entry.gated && 'gated', entry.private && 'private', entry.disabled && 'disabled'].filter(Boolean);
  if (shut.length > 0)
    rows.push([
      'OVK-AVL-003',
      'unavailable',
      `it is ${shut.join(' and ')}, so not everybody can have it.`,
      'use an open copy, or a waiver.',
      undefined,
      // who accepted that it is gated has not accepted that it is disabled
      shut.join(' and '),
    ]);
  if (entry.resolved !== null && entry.resolved !== entry.requested) {
    rows.push([
      'OVK-AVL-004',
      'unknown',
      `${entry.requested} answered as ${entry.resolved}.`,
      'name it by its new id in the catalog.',
      'warning',
    ]);
  }
  if (subject.kind === 'python-package' && subject.integrity !== null && entry.retrieval.status === 'retrieved') {
    if (!entry.files.some((file) => `sha256:${file.sha256}` === subject.integrity)) {
      const known = entry.files.map(({ path, sha256 }) => `${path} sha256:${sha256}`).join(', ') || 'no file';
      rows.push([
        'OVK-EVD-008',
        'conflict',
        `the evidence is of ${known}, the lock of the image pins ${subject.integrity}.`,
        'gather the evidence again, or correct the hash.',
      ]);
    }
  }
  if (subject.kind === 'npm-package' && entry.revision !== subject.integrity) {
    rows.push([
      'OVK-EVD-008',
      'conflict',
      `the evidence is of ${entry.revision ?? 'no revision'}, the package lock pins ${subject.integrity ?? 'nothing'}.`,
      'take it out of the evidence lock: a package is judged by the files in its bytes (`npx ovkit lock packages`).',
    ]);
  }
  if (subject.kind === 'weights' && entry.retrieval.status === 'retrieved') {
    const missing = missingShards(entry.files.map((file) => file.path));
    if (missing.length > 0)
      rows.push([
        'OVK-EVD-008',
        'conflict',
        `the lock holds some shards of the weights, and not ${missing.slice(0, 3).join(', ')}.`,
        'gather the evidence again.',
      ]);
    const hashes = new Set(entry.files.map((file) => file.sha256));
    const wanted = [weightsSha256, subject.pinned?.startsWith('sha256:') ? subject.pinned.slice('sha256:'.length) : null];
    for (const hash of new Set(wanted)) {
      if (hash !== null && !hashes.has(hash))
        rows.push([
          'OVK-EVD-008',
          'conflict',
          `no file in the lock has the hash ${hash} of the weights.`,
          'gather the evidence again, or correct the revision.',
        ]);
    }
    if (hashes.size === 0)
      rows.push(['OVK-EVD-008', 'unavailable', 'the lock records no hash of any weight file.', 'gather the evidence again with hashes.']);
  }
  return rows;
}

/** `model-00002-of-00004.safetensors` says how many there are, so that one that is left out is missed. */
function missingShards(paths: readonly string[]): readonly string[] {
  const known = new Set(paths);
  const expected = paths.flatMap((path) => {
    const [, before = '', number = '', total = '', after = ''] = SHARD.exec(path) ?? [];
    const name = (index: number) => `${before}-${String(index).padStart(number.length, '0')}-of-${total}${after}`;
    return total === '' ? [] : Array.from({ length: Math.min(Number(total), MAX_SHARDS) }, (_, index) => name(index + 1));
  });
  return [...new Set(expected)].filter((path) => !known.has(path)).sort();
}

const SHARD = /^(.*)-(\d{2,6})-of-(\d{2,6})(\.[\w.]+)$/;
const MAX_SHARDS = 2000;
