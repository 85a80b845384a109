import { judgeClaims, type LicenceOutcome, statedLicence } from '../judge-licence';
import type { Policy } from '../policy';
import type { SubjectTerms } from '../policy-terms';
import type { Subject, SubjectClaim } from '../subjects/subject';
import { compareTexts, concludedFrom } from './judge-texts';

/**
 * Judges a package by what it declares, in the package lock and in its own package.json, and by the licence files in its bytes. What is
 * declared has to be acceptable and the same in both places, and no file may be another licence than it, or none at all; a file that a
 * program cannot read word for word is never taken for the licence.
 */
export function judgePackage(
  subject: Subject,
  claims: readonly SubjectClaim[],
  terms: SubjectTerms,
  policy: Policy,
  evidence: ReadonlyMap<string, Uint8Array>,
): LicenceOutcome {
  const { texts } = subject;
  const silent = claims.find(({ channel, says }) => channel === 'package-manifest' && says === null);
  const stated = claims.find(({ says }) => says !== null && says !== undefined);
  if (silent && stated) {
    const licence = statedLicence(claims);
    const because = `${stated.channel}: ${licence}; ${silent.source} states no licence`;
    return { rule: 'OVK-LIC-004', state: 'conflict', because, licence, strength: 'none' };
  }
  const concluded = texts ? concludedFrom(subject, claims, texts) : undefined;
  const outcome = judgeClaims(subject, concluded ? [concluded] : claims, terms, policy, evidence);
  if (texts === undefined || outcome.state !== 'allowed' || outcome.licence === null) return outcome;
  const { notRead, none } = policy.packageTexts;
  if (texts === null) {
    const because = 'nobody has read the licence files in these bytes of it';
    return notRead === 'error'
      ? { ...outcome, rule: 'OVK-EVD-009', state: 'unavailable', because }
      : { ...outcome, warning: { rule: 'OVK-EVD-009', because } };
  }
  if (texts.length === 0) {
    const because = `it declares ${outcome.licence} and holds no licence file`;
    if (none === 'error') return { ...outcome, rule: 'OVK-LIC-009', state: 'unknown', because };
    return none === 'warning' ? { ...outcome, warning: { rule: 'OVK-LIC-009', because } } : outcome;
  }
  const compared = compareTexts(subject, texts, outcome.licence, policy);
  const pinned = `${outcome.licence}, ${compared.pin}`;
  if (compared.kind === 'contradicts')
    return { ...outcome, rule: 'OVK-LIC-004', state: 'conflict', because: `it declares ${outcome.licence}; ${compared.because}`, pinned };
  if (compared.kind === 'unproven')
    return {
      ...outcome,
      rule: 'OVK-LIC-008',
      state: 'unknown',
      because: `it declares ${outcome.licence}, but ${compared.because}`,
      pinned,
    };
  return compared.complete ? { ...outcome, strength: 'verified', because: outcome.because.replace(/^declared/, 'verified') } : outcome;
}
