import type { LockSubject } from './lock-schema';
import type { OpenPoint } from './open-point';
import type { Subject } from './subjects/subject';

/** A finding about availability: what, in which state, and what closes it. */
export type Row = readonly [rule: string, state: OpenPoint['state'], message: string, closes: string, mild?: 'warning'];

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
  const shut = [entry.gated && 'gated', entry.private && 'private', entry.disabled && 'disabled'].filter(Boolean);
  if (shut.length > 0)
    rows.push([
      'OVK-AVL-003',
      'unavailable',
      `it is ${shut.join(' and ')}, so not everybody can have it.`,
      'use an open copy, or a waiver.',
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
  if (subject.kind === 'weights' && entry.retrieval.status === 'retrieved') {
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
