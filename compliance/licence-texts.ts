import { sha256Hex } from '../core/canonical-json';
import { canonicalExpression } from './expression/evaluate';
import type { Policy } from './policy';
import type { Subject, SubjectClaim } from './subjects/subject';
import { verifyLicenceText } from './text/verify';

/** What a licence text that somebody keeps as evidence turned out to be. */
export type TextProof =
  | { readonly kind: 'proof'; readonly licence: string; readonly because: string }
  | { readonly kind: 'missing' | 'tampered' | 'differs'; readonly because: string };

/**
 * Checks a claim of channel `file` again: the bytes must be at hand, must have the hash, and must be word for word the licence they are
 * said to be. A text that can never be that is accepted when the policy settles exactly these bytes.
 */
export function proveText(subject: Subject, claim: SubjectClaim, evidence: ReadonlyMap<string, Uint8Array>, policy: Policy): TextProof {
  const bytes = claim.sha256 === null ? undefined : evidence.get(claim.sha256);
  if (bytes === undefined) return { kind: 'missing', because: `the licence text of ${claim.source} is not among the evidence` };
  if (sha256Hex(bytes) !== claim.sha256)
    return { kind: 'tampered', because: `the kept licence text of ${claim.source} is not the one that was retrieved` };
  const settled = policy.settlements.find((row) => row.subject === subject.id && row.textSha256 === claim.sha256);
  if (settled) return { kind: 'proof', licence: settled.as, because: `read by a person: ${settled.reason}` };
  const said = typeof claim.says === 'string' ? canonicalExpression(claim.says) : null;
  const text = verifyLicenceText(bytes, said === null ? [] : [said]);
  if (text.state === 'verified' && text.licence !== null) return { kind: 'proof', licence: text.licence, because: text.because };
  const named = verifyLicenceText(bytes);
  return {
    kind: 'differs',
    because: named.state === 'verified' ? `the text is ${named.licence}` : `the text is ${named.state}: ${named.because}`,
  };
}
