import { NEVER_WAIVED } from './apply-waivers';
import type { JudgedSubject } from './judge-subject';
import type { OpenPoint } from './open-point';
import type { Policy } from './policy';
import { STATES, worstState } from './state';
import type { Finding, SubjectVerdict } from './verdict';

/** An open point as a finding: its severity by the policy, or a note when a waiver excuses it. */
export function toFinding(point: OpenPoint, policy: Policy, waivedBy: string | null): Finding {
  const { rule, state, subject, message, closes, evidence, location } = point;
  // A policy may take a known risk lightly; of a breach of integrity nobody knows what would be taken.
  const byPolicy = state === 'denied' || NEVER_WAIVED.has(rule) ? 'error' : policy.severity[state];
  const severity = waivedBy === null ? (point.mild ?? byPolicy) : 'note';
  return { rule, severity, state, subject, message, closes, evidence: [...evidence], location, waivedBy };
}

/**
 * A subject is allowed when every error against it is waived.
 * @param own  findings about this subject
 */
export function withWaivers(judged: JudgedSubject, own: readonly Finding[]): SubjectVerdict {
  const { verdict } = judged;
  if (verdict.state === 'allowed' || verdict.state === 'denied') return verdict;
  const errors = own.filter((finding) => finding.severity === 'error');
  if (errors.length > 0) return { ...verdict, state: worstState(errors.map((finding) => finding.state)) };
  // Not allowed, and no finding that says why: fail closed.
  if (own.length === 0) return verdict;
  const by = own.flatMap((finding) => finding.waivedBy ?? []);
  return { ...verdict, state: 'allowed', because: by.length > 0 ? `waived by ${by.join(', ')}: ${verdict.because}` : verdict.because };
}

const SEVERITY_ORDER = ['error', 'warning', 'note'];

/** Worst first, then by rule, subject and message. */
export function byFinding(a: Finding, b: Finding): number {
  return (
    SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
    STATES.indexOf(b.state) - STATES.indexOf(a.state) ||
    compare(a.rule, b.rule) ||
    compare(a.subject, b.subject) ||
    compare(a.message, b.message)
  );
}

/** By code unit, so that the order is the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
