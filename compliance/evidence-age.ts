import type { LockSubject } from './lock-schema';
import type { Policy } from './policy';
import type { SubjectClaim } from './subjects/subject';

const DAY_MS = 86_400_000;
/** Clocks of two machines may differ this far before evidence counts as "from the future". */
const CLOCK_TOLERANCE_MS = DAY_MS;

/** How long the evidence of a subject may be relied on. */
export interface Age {
  /** null when nothing that ages was used. */
  readonly holdsUntil: Date | null;
  readonly problem: { readonly rule: string; readonly state: 'unavailable' | 'unknown'; readonly message: string } | null;
}

/**
 * The age of all claims together: the oldest decides. Bytes pinned by a hash last longer than a live answer.
 * @param released  the claims are documents about a pinned version, which the policy accepts; they last as long as pinned bytes
 */
export function ageOf(claims: readonly SubjectClaim[], entry: LockSubject | undefined, policy: Policy, at: Date, released = false): Age {
  const { contentAddressedDays, liveDays } = policy.freshness;
  let holdsUntil: Date | null = null;
  for (const claim of [...claims, ...lookedAt(entry)]) {
    if (claim.retrieved === null) continue;
    const read = new Date(claim.retrieved).getTime();
    if (read > at.getTime() + CLOCK_TOLERANCE_MS) {
      return {
        holdsUntil: null,
        problem: {
          rule: 'OVK-EVD-007',
          state: 'unknown',
          message: `the evidence is dated ${claim.retrieved}, after the time of the check.`,
        },
      };
    }
    const fixed = released || (claim.channel !== 'documented' && entry?.addressing === 'content');
    const days = fixed ? contentAddressedDays : liveDays;
    const until = new Date(read + days * DAY_MS);
    if (holdsUntil === null || until < holdsUntil) holdsUntil = until;
  }
  if (holdsUntil !== null && holdsUntil <= at) {
    const message = `the evidence ran out on ${holdsUntil.toISOString()}.`;
    return { holdsUntil, problem: { rule: 'OVK-EVD-002', state: 'unavailable', message } };
  }
  return { holdsUntil, problem: null };
}

/** What is known beside the licences, such as whether it is gated, was seen when the subject was read, and ages like a claim. */
function lookedAt(entry: LockSubject | undefined): readonly Pick<SubjectClaim, 'retrieved' | 'channel'>[] {
  return entry?.retrieval.status === 'retrieved' ? [{ retrieved: entry.retrieved, channel: 'api' }] : [];
}
