import type { EvidenceLock, LockSubject } from '../lock-schema';

/** Kinds of differences between two states of the evidence, worst first. */
export const CHANGE_KINDS = [
  'licence-changed',
  'content-changed',
  'vanished',
  'gated',
  'private',
  'disabled',
  'not-present',
  'renamed',
  'new-revision',
  'removed',
  'opened',
  'present',
  'appeared',
  'added',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface Change {
  readonly kind: ChangeKind;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What changed between two locks in the reader's terms, worst first. Times and wording do not count. */
export function diffLocks(before: EvidenceLock | null, after: EvidenceLock): readonly Change[] {
  const old = new Map((before?.subjects ?? []).map((subject) => [subject.id, subject]));
  const now = new Map(after.subjects.map((subject) => [subject.id, subject]));
  const changes: Change[] = [];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(id), now.get(id)];
    if (!was && is) changes.push({ kind: 'added', subject: id, before: null, after: is.retrieval.status });
    else if (was && !is) changes.push({ kind: 'removed', subject: id, before: was.retrieval.status, after: null });
    else if (was && is) changes.push(...diffSubjects(was, is));
  }
  return changes.sort(byKind);
}

/** What changed of one subject. */
export function diffSubjects(was: LockSubject, is: LockSubject): readonly Change[] {
  const change = (kind: ChangeKind, before: string | null, after: string | null): Change => ({ kind, subject: is.id, before, after });
  const changes: Change[] = [];
  if (was.retrieval.status !== is.retrieval.status) {
    if (is.retrieval.status === 'unavailable') return [change('vanished', was.revision ?? 'retrieved', is.retrieval.reason)];
    changes.push(change('appeared', was.retrieval.reason, is.revision ?? 'retrieved'));
  }
  for (const flag of ['gated', 'private', 'disabled'] as const) {
    if (is[flag] === true && was[flag] !== true) changes.push(change(flag, String(was[flag] ?? 'unknown'), 'true'));
    if (is[flag] === false && was[flag] === true) changes.push(change('opened', flag, `no longer ${flag}`));
  }
  const [said, says] = [licencesOf(was), licencesOf(is)];
  if (said !== says && says !== null && said !== null) changes.push(change('licence-changed', said, says));
  if (is.resolved !== null && was.resolved !== null && is.resolved !== was.resolved)
    changes.push(change('renamed', was.resolved, is.resolved));
  if (is.revision !== was.revision && was.revision !== null && is.revision !== null)
    changes.push(change('new-revision', was.revision, is.revision));
  else changes.push(...contentChanges(was, is, change));
  if (was.presence.present !== is.presence.present && is.presence.present !== null) {
    changes.push(change(is.presence.present ? 'present' : 'not-present', was.presence.because, is.presence.because));
  }
  return changes;
}

/** Other bytes at the same revision: nobody may do that, so it is worse than a new revision. */
function contentChanges(
  was: LockSubject,
  is: LockSubject,
  change: (kind: ChangeKind, before: string, after: string) => Change,
): readonly Change[] {
  if (is.revision === null || was.revision !== is.revision) return [];
  const old = new Map(was.files.map((file) => [file.path, file.sha256]));
  return is.files
    .filter((file) => old.has(file.path) && old.get(file.path) !== file.sha256)
    .map((file) => change('content-changed', `${file.path} ${old.get(file.path)}`, `${file.path} ${file.sha256}`));
}

/** Statements as one text, spelling aside; null when nothing was stated or read. */
function licencesOf(subject: LockSubject): string | null {
  const said = subject.claims.flatMap(({ says }) => (says === null ? [] : [Array.isArray(says) ? says.join(', ') : says]));
  return said.length === 0 ? null : [...new Set(said.map((text) => text.toLowerCase()))].sort().join(' | ');
}

export function byKind(a: Change, b: Change): number {
  return CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind) || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0);
}

const WORDS: Readonly<Record<ChangeKind, string>> = {
  'licence-changed': 'licence changed',
  'content-changed': 'other bytes at the same revision',
  vanished: 'can no longer be read',
  gated: 'is now gated',
  private: 'is now private',
  disabled: 'is now disabled',
  'not-present': 'is not there',
  renamed: 'renamed',
  'new-revision': 'new revision',
  removed: 'no longer in the lineage',
  opened: 'opened',
  present: 'is there',
  appeared: 'can be read now',
  added: 'new in the lineage',
};

/** A change on one line. */
export function describeChange({ kind, subject, before, after }: Change): string {
  const way = before === null || after === null ? (before ?? after) : `${before} -> ${after}`;
  return `${subject}: ${WORDS[kind]} (${way})`;
}
