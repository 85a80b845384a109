import { judgeLicence } from './expression/evaluate';
import { proveText } from './licence-texts';
import type { Policy } from './policy';
import type { SubjectTerms } from './policy-terms';
import type { Subject, SubjectClaim } from './subjects/subject';

/** What the licence claims of one subject come to, before availability and age are looked at. */
export interface LicenceOutcome {
  readonly rule: string | null;
  readonly state: 'allowed' | 'unknown' | 'unavailable' | 'conflict' | 'denied';
  readonly because: string;
  /** Licence that the claims state; several joined by " | " when they differ; null when none states one. */
  readonly licence: string | null;
  readonly strength: 'verified' | 'declared' | 'documented' | 'none';
  /** What is shown and does not count. */
  readonly warning?: { readonly rule: string; readonly because: string };
  /** What a waiver has to name instead of the licence alone, such as the hash of a text. */
  readonly pinned?: string;
}

interface Judged {
  readonly claim: SubjectClaim;
  readonly state: 'allowed' | 'unknown' | 'denied';
  readonly because: string;
  readonly licence: string;
  readonly decisive: readonly string[];
  readonly proven: boolean;
}

/**
 * Weighs all claims of a subject against each other and against the terms of its role.
 * Claims that differ are a conflict even when each alone would be allowed; a claim that is known to be bad is never outvoted.
 */
export function judgeClaims(
  subject: Subject,
  claims: readonly SubjectClaim[],
  terms: SubjectTerms,
  policy: Policy,
  evidence: ReadonlyMap<string, Uint8Array>,
): LicenceOutcome {
  const judged: Judged[] = [];
  for (const claim of claims) {
    if (claim.says === null || claim.says === undefined) continue;
    const proof = claim.channel === 'file' ? proveText(subject, claim, evidence, policy) : undefined;
    if (proof && proof.kind !== 'proof') {
      const rule = proof.kind === 'differs' ? 'OVK-LIC-005' : 'OVK-EVD-003';
      const state = proof.kind === 'missing' ? 'unavailable' : 'conflict';
      const licence = statedLicence(claims);
      return { rule, state, because: proof.because, licence, strength: 'none', pinned: `${licence}, text sha256:${claim.sha256}` };
    }
    const says = proof?.licence ?? settled(subject, claim, policy) ?? claim.says;
    const result = judgedOnce(says, terms);
    const licence = result.expression ?? readable(says);
    judged.push({ claim, state: result.state, because: result.because, licence, decisive: result.decisive, proven: proof !== undefined });
  }
  return weigh(judged, claims, terms, policy);
}

const judgedBefore = new WeakMap<SubjectTerms, Map<string, ReturnType<typeof judgeLicence>>>();

/** A tree of packages says the same few things thousands of times, to the same terms. */
function judgedOnce(says: unknown, terms: SubjectTerms): ReturnType<typeof judgeLicence> {
  if (typeof says !== 'string') return judgeLicence(says, terms);
  const known = judgedBefore.get(terms) ?? new Map<string, ReturnType<typeof judgeLicence>>();
  judgedBefore.set(terms, known);
  const result = known.get(says) ?? judgeLicence(says, terms);
  known.set(says, result);
  return result;
}

function weigh(judged: readonly Judged[], claims: readonly SubjectClaim[], terms: SubjectTerms, policy: Policy): LicenceOutcome {
  const licences = [...new Set(judged.map((entry) => entry.licence))].sort();
  const licence = licences.length === 0 ? null : licences.join(' | ');
  const strength = strengthOf(judged);
  const outcome = (rule: string | null, state: LicenceOutcome['state'], because: string): LicenceOutcome => ({
    rule,
    state,
    because,
    licence,
    strength,
  });
  const first = judged[0];
  if (!first) {
    const looked = claims.map((claim) => claim.source).join(', ');
    return outcome('OVK-LIC-003', 'unknown', looked ? `no licence is stated (looked at ${looked})` : 'no licence is stated');
  }
  const bad = judged.filter((entry) => entry.state === 'denied');
  if (bad.length === judged.length) return outcome('OVK-LIC-001', 'denied', bad[0]?.because ?? first.because);
  const unreadable = judged.find((entry) => entry.state === 'unknown');
  if (licences.length > 1)
    return outcome('OVK-LIC-004', 'conflict', judged.map((entry) => `${entry.claim.channel}: ${entry.licence}`).join('; '));
  if (unreadable) return outcome('OVK-LIC-002', 'unknown', unreadable.because);
  const toAcknowledge = first.decisive.find((key) => terms.acknowledge.has(key));
  if (toAcknowledge !== undefined)
    return outcome('OVK-LIC-007', 'unknown', `${toAcknowledge} needs an acknowledgement: ${terms.acknowledge.get(toAcknowledge)}`);
  const accepted = policy.documentedSuffices || judged.every((entry) => entry.decisive.every((key) => terms.documented.has(key)));
  if (strength === 'documented' && !accepted) {
    return outcome('OVK-EVD-001', 'unavailable', `${licence} is only documented, nobody has read it at the artifact itself`);
  }
  return outcome(null, 'allowed', `${strength} ${licence}: ${first.because}`);
}

function strengthOf(judged: readonly Judged[]): LicenceOutcome['strength'] {
  if (judged.length === 0) return 'none';
  if (judged.some((entry) => entry.proven)) return 'verified';
  return judged.some((entry) => entry.claim.channel !== 'documented') ? 'declared' : 'documented';
}

/** A reading by a person that the policy pins to these words and these bytes. */
function settled(subject: Subject, claim: SubjectClaim, policy: Policy): string | undefined {
  return policy.settlements.find(
    (row) =>
      row.says !== undefined &&
      row.says === claim.says &&
      subject.lockIds.includes(row.subject) &&
      row.revision !== undefined &&
      row.revision === subject.integrity,
  )?.as;
}

/** The licences that claims state, joined by " | "; null when none does. */
export function statedLicence(claims: readonly SubjectClaim[]): string | null {
  const stated = claims.filter((claim) => claim.says !== null && claim.says !== undefined).map((claim) => readable(claim.says));
  return stated.length === 0 ? null : [...new Set(stated)].sort().join(' | ');
}

const MAX_SHOWN = 200;

function readable(says: unknown): string {
  const text = typeof says === 'string' ? says : (JSON.stringify(says) ?? String(says));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text;
}
