import type { EvidenceLock, LockSubject } from '../lock-schema';
import { githubHead, githubName, githubRepository } from '../refresh/github';
import { accessOf, licenceClaim, repositoryOf } from '../refresh/hub';
import { hubInfo } from '../refresh/hub-api';
import { type ImagePlace, imageDigest } from '../refresh/oci';
import { CannotRead } from '../refresh/reading';
import { type Transport, TransportError } from '../transport/http';
import { byKind, type Change } from './semantic-diff';

/** Upstream now against the lock. It changes no verdict: what was licensed when it was retrieved stays so. */
export interface DriftReport {
  readonly kind: 'drift';
  readonly schemaVersion: 1;
  readonly state: 'same' | 'drift' | 'unknown';
  readonly at: string;
  readonly lock: string;
  readonly changes: readonly Change[];
  /** Subjects that were compared. */
  readonly compared: readonly string[];
  /** Subjects that upstream could have been asked for, and about which nothing can be told. */
  readonly unknown: readonly { readonly subject: string; readonly reason: string }[];
}

/**
 * Asks upstream for the present state of everything in the lock that can be asked for: one or two requests each, no files.
 * @throws the signal's reason when interrupted
 */
export async function driftOf(
  lock: EvidenceLock,
  lockFile: string,
  transport: Transport,
  at: string,
  signal: AbortSignal,
): Promise<DriftReport> {
  const changes: Change[] = [];
  const compared: string[] = [];
  const unknown: { subject: string; reason: string }[] = [];
  for (const subject of lock.subjects) {
    const ask = askerOf(subject);
    if (!ask) continue;
    signal.throwIfAborted();
    try {
      const now = await ask(transport);
      changes.push(...compare(subject, now));
      if (hasBaseline(subject)) compared.push(subject.id);
      else unknown.push({ subject: subject.id, reason: 'the lock holds nothing of it to compare with' });
    } catch (error) {
      const gone = goneFor(error);
      if (gone !== undefined && hasBaseline(subject)) {
        compared.push(subject.id);
        changes.push({ kind: 'vanished', subject: subject.id, before: subject.revision ?? 'in the lock', after: gone });
      } else if (error instanceof CannotRead || error instanceof TransportError)
        unknown.push({ subject: subject.id, reason: error.message });
      else throw error;
    }
  }
  const state = changes.length > 0 ? 'drift' : unknown.length > 0 || compared.length === 0 ? 'unknown' : 'same';
  return { kind: 'drift', schemaVersion: 1, state, at, lock: lockFile, changes: changes.sort(byKind), compared, unknown };
}

/** Present state of a subject, as far as one asks for it. */
interface Now {
  readonly id: string;
  readonly revision: string;
  /** What upstream says of the licence; undefined when that was not asked. */
  readonly licence: string | null | undefined;
  readonly flags: Partial<Pick<LockSubject, 'gated' | 'private' | 'disabled'>>;
}

function askerOf(subject: LockSubject): ((transport: Transport) => Promise<Now>) | undefined {
  if (subject.id.includes('#')) return undefined;
  if (/^hf:(?:model|dataset)\//.test(subject.id)) return (transport) => hubNow(subject, transport);
  if (subject.id.startsWith('git:github.com/') && subject.addressing === 'live') return (transport) => githubNow(subject, transport);
  const place = imagePlace(subject);
  return (
    place &&
    (async (transport) => ({ id: subject.requested, revision: await imageDigest(transport, place), licence: undefined, flags: {} }))
  );
}

async function hubNow(subject: LockSubject, transport: Transport): Promise<Now> {
  const repository = repositoryOf(subject.requested);
  const { info } = await hubInfo(transport, repository, null);
  const { says } = licenceClaim('api', info.cardData, '-', '-', '-');
  return {
    id: `hf:${repository.kind}/${info.id}`,
    revision: info.sha,
    licence: Array.isArray(says) ? says.join(', ') : says,
    flags: accessOf(info),
  };
}

async function githubNow(subject: LockSubject, transport: Transport): Promise<Now> {
  const { repository } = await githubRepository(transport, githubName(subject.requested));
  const guess = repository.license?.spdx_id ?? null;
  const revision = await githubHead(transport, repository);
  const flags = { private: repository.private, disabled: repository.disabled };
  return { id: `git:github.com/${repository.full_name}`, revision, licence: guess === 'NOASSERTION' ? undefined : guess, flags };
}

/** A retrieved image names its place as `registry/name@digest`; the digest is asked for again. */
function imagePlace(subject: LockSubject): ImagePlace | undefined {
  const match = /^([a-z0-9.-]+(?::\d+)?)\/([a-z0-9._/-]+)@(sha256:[0-9a-f]{64})$/.exec(subject.source);
  if (!subject.id.startsWith('oci:') || !match) return undefined;
  return { registry: match[1] ?? '', name: match[2] ?? '', reference: match[3] ?? '' };
}

function hasBaseline(subject: LockSubject): boolean {
  return subject.retrieval.status === 'retrieved' || subject.revision !== null || subject.claims.length > 0;
}

function compare(subject: LockSubject, now: Now): Change[] {
  const changes: Change[] = [];
  const add = (kind: Change['kind'], before: string, after: string): void =>
    void changes.push({ kind, subject: subject.id, before, after });
  if (now.id !== (subject.resolved ?? subject.requested)) add('renamed', subject.resolved ?? subject.requested, now.id);
  if (subject.revision !== null && subject.revision !== now.revision) add('new-revision', subject.revision, now.revision);
  for (const flag of ['gated', 'private', 'disabled'] as const)
    if (now.flags[flag] === true && subject[flag] !== true) add(flag, String(subject[flag] ?? 'unknown'), 'true');
  const said = subject.claims
    .filter((claim) => claim.channel === 'api' || claim.channel === 'card' || claim.channel === 'documented')
    .map(({ says }) => says);
  const before = said.find((says) => says !== null) ?? (said.length > 0 ? null : undefined);
  const text = Array.isArray(before) ? before.join(', ') : before;
  if (text !== undefined && now.licence !== undefined && fold(text) !== fold(now.licence))
    add('licence-changed', text ?? 'none stated', now.licence ?? 'none stated');
  return changes;
}

function fold(licence: string | null): string {
  return (licence ?? '').toLowerCase();
}

/** Statuses with which a service says that a stranger cannot have it any more. */
const GONE: ReadonlySet<number | null> = new Set([401, 403, 404, 410, 451]);

function goneFor(error: unknown): string | undefined {
  return error instanceof CannotRead && !error.transient && GONE.has(error.http) ? error.message : undefined;
}
