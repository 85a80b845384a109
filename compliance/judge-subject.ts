import { availability } from './availability';
import { closesRule } from './closes';
import { ageOf } from './evidence-age';
import { judgeClaims, type LicenceOutcome } from './judge-licence';
import type { LoadedLock } from './lock';
import type { LockSubject } from './lock-schema';
import type { OpenPoint } from './open-point';
import { judgePackage } from './package-texts/judge-package';
import type { Policy } from './policy';
import type { SubjectTerms } from './policy-terms';
import { worstState } from './state';
import type { PackageText, Subject, SubjectClaim } from './subjects/subject';
import type { EvidenceRef, SubjectVerdict } from './verdict';

export interface SubjectContext {
  readonly lock: LoadedLock;
  readonly evidence: ReadonlyMap<string, Uint8Array>;
  readonly policy: Policy;
  readonly terms: (role: Subject['role'], subject: string) => SubjectTerms;
  readonly at: Date;
  /** Hash that the catalog records for the weights of the release's precision, or null. */
  readonly weightsSha256: string | null;
}

/** A subject's verdict with the points that keep it open. */
export interface JudgedSubject {
  readonly verdict: SubjectVerdict;
  readonly points: readonly OpenPoint[];
  /** Time until which the evidence may be relied on; null when nothing that ages was used. */
  readonly holdsUntil: Date | null;
  readonly publishers: readonly string[];
}

/** Judges one subject by itself. Pure: the clock and all evidence come in with the context. */
export function judgeSubject(subject: Subject, context: SubjectContext): JudgedSubject {
  const entry = lockEntry(subject, context.lock);
  const location = entry ? locate(context.lock, entry.id) : subject.location;
  const revision = subject.pinned ?? entry?.revision ?? null;
  const claims: readonly SubjectClaim[] = [...subject.claims, ...lockClaims(subject, context.lock)];
  const evidence = [...claims.map(evidenceOf), ...(subject.texts ?? []).map((text) => textEvidence(subject, text))];
  const other = otherRevision(subject, context.lock);
  const points: OpenPoint[] = [];
  const point = (
    rule: string,
    state: OpenPoint['state'],
    message: string,
    closes: string,
    licence: string | null,
    mild?: 'warning',
  ): void => {
    // A waiver is for the bytes, where a lock pins them: other bytes of the same version are something that nobody has looked at.
    const bytes = subject.integrity ?? revision;
    points.push({
      rule,
      state,
      subject: subject.id,
      message,
      closes,
      evidence,
      location,
      revision: bytes,
      licence,
      ...(mild ? { mild } : {}),
    });
  };
  if (subject.obstacle) point(subject.obstacle.rule, subject.obstacle.state, subject.obstacle.message, subject.obstacle.closes, null);
  const outcome = licenceOutcome(subject, entry, claims, context);
  if (outcome.rule)
    point(
      outcome.rule,
      outcome.state === 'allowed' ? 'unknown' : outcome.state,
      sentence(outcome.because),
      closesRule(outcome.rule),
      outcome.pinned ?? outcome.licence,
    );
  if (outcome.warning)
    point(
      outcome.warning.rule,
      'unavailable',
      sentence(outcome.warning.because),
      closesRule(outcome.warning.rule),
      outcome.licence,
      'warning',
    );
  if (outcome.state === 'allowed' && outcome.strength === 'documented') {
    const message = `${outcome.licence} is only documented; the policy accepts that for it.`;
    point('OVK-EVD-001', 'unavailable', message, closesRule('OVK-EVD-001'), outcome.licence, 'warning');
  }
  if (entry && other === undefined) {
    for (const [rule, state, message, closes, mild, pin] of availability(subject, entry, context.weightsSha256))
      point(rule, state, message, closes, pin === undefined ? outcome.licence : `${outcome.licence ?? 'no licence'}, ${pin}`, mild);
  }
  // A version that was released once keeps its licence; that the policy accepts a document about it is looked at again with the rest.
  const released = outcome.state === 'allowed' && outcome.strength === 'documented' && subject.pinned !== null;
  const age = ageOf(claims, entry, context.policy, context.at, released);
  if (age.problem && outcome.state === 'allowed') {
    point(age.problem.rule, age.problem.state, age.problem.message, 'gather the evidence again and commit the lock.', outcome.licence);
  }
  const counting = points.filter((each) => each.mild === undefined);
  const state = counting.length === 0 ? outcome.state : worstState(counting.map((each) => each.state));
  return {
    verdict: {
      id: subject.id,
      title: subject.title,
      role: subject.role,
      kind: subject.kind,
      revision,
      licence: outcome.licence,
      strength: outcome.strength,
      state,
      because: counting[0]?.message ?? outcome.because,
      partOf: subject.partOf,
      evidence,
    },
    points,
    holdsUntil: state === 'allowed' ? age.holdsUntil : null,
    publishers: publishersOf(subject, entry),
  };
}

function lockEntry(subject: Subject, lock: LoadedLock): LockSubject | undefined {
  for (const id of subject.lockIds) {
    const entry = lock.subjects.get(id);
    if (entry) return entry;
  }
  return undefined;
}

/** A part of a repository without claims of its own is under those of the whole. */
function lockClaims(subject: Subject, lock: LoadedLock): readonly SubjectClaim[] {
  return subject.lockIds.map((id) => lock.subjects.get(id)?.claims ?? []).find((claims) => claims.length > 0) ?? [];
}

/** The revision that the lock speaks of, when it is not the one that the release pins. */
function otherRevision(subject: Subject, lock: LoadedLock): string | undefined {
  if (subject.kind === 'npm-package' || subject.pinned === null) return undefined;
  const revisions = subject.lockIds.flatMap((id) => lock.subjects.get(id)?.revision ?? []);
  // The head of the lock says for which revision of the model all of it was gathered.
  if (subject.kind === 'weights' && revisions.length > 0) revisions.push(lock.lock.model.revision);
  return revisions.find((revision) => revision !== subject.pinned);
}

function licenceOutcome(
  subject: Subject,
  entry: LockSubject | undefined,
  claims: readonly SubjectClaim[],
  context: SubjectContext,
): LicenceOutcome {
  const none = (rule: string, state: 'unknown' | 'unavailable', because: string): LicenceOutcome => ({
    rule,
    state,
    because,
    licence: null,
    strength: 'none',
  });
  if (subject.obstacle && claims.length === 0)
    return { rule: null, state: subject.obstacle.state, because: subject.obstacle.message, licence: null, strength: 'none' };
  if (subject.follows !== null) return none('OVK-IMG-002', 'unknown', `it follows ${subject.follows}`);
  if (!entry && claims.length === 0 && !subject.texts?.length) {
    return subject.kind === 'npm-package'
      ? none('OVK-LIC-003', 'unknown', 'the package lock records no licence for it')
      : none('OVK-EVD-004', 'unavailable', `${context.lock.file} holds no evidence of it`);
  }
  const other = otherRevision(subject, context.lock);
  if (other !== undefined) {
    return none('OVK-EVD-005', 'unavailable', `the lock holds evidence of revision ${other}, the release pins ${subject.pinned}`);
  }
  if (entry && claims.length === 0 && entry.retrieval.status === 'unavailable') {
    return none('OVK-AVL-001', 'unavailable', `nothing could be read of it: ${entry.retrieval.reason ?? 'no reason was recorded'}`);
  }
  const terms = context.terms(subject.role, subject.lockIds[0] ?? subject.id);
  return (subject.texts === undefined ? judgeClaims : judgePackage)(subject, claims, terms, context.policy, context.evidence);
}

function evidenceOf(claim: SubjectClaim): EvidenceRef {
  const says =
    typeof claim.says === 'string'
      ? claim.says
      : claim.says === null || claim.says === undefined
        ? 'states no licence'
        : (JSON.stringify(claim.says) ?? '');
  return { channel: claim.channel, says, source: claim.source, retrieved: claim.retrieved, sha256: claim.sha256 };
}

function textEvidence(subject: Subject, text: PackageText): EvidenceRef {
  const says = text.state === 'unrecognised' ? text.state : `${text.state} ${text.licences[0]}`;
  return { channel: 'package-text', says, source: `${text.file} of ${subject.title}`, retrieved: null, sha256: text.sha256 };
}

function locate(lock: LoadedLock, id: string): Subject['location'] {
  const at = lock.locate(id);
  return { file: at.file, line: at.line ?? null, column: at.column ?? null };
}

/** Organisation of a Hub id, and those that the artifact itself names. */
function publishersOf(subject: Subject, entry: LockSubject | undefined): readonly string[] {
  // After a rename the owner is whoever has it now.
  const organisation = /^hf:(?:model|dataset)\/([^/]+)\//.exec(entry?.resolved ?? subject.id)?.[1];
  return [...(organisation ? [organisation] : []), ...(entry?.publishers ?? [])];
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
