import type { State } from '../compliance/state';
import type { Finding, Verdict } from '../compliance/verdict';
import type { Plan } from '../planning/plan';
import { plural } from './format';

/** A judgement in words for the top of the page. Never "compliant": the kit reports evidence, it does not clear rights. */
export interface Headline {
  readonly tone: State;
  readonly headline: string;
}

/** The points that count towards the verdict and that no waiver excuses. */
export function openPoints(verdict: Verdict): readonly Finding[] {
  return verdict.findings.filter((finding) => finding.severity === 'error' && finding.waivedBy === null);
}

/** May it be released, in words. */
export function verdictHeadline(verdict: Verdict): Headline {
  const open = plural(openPoints(verdict).length, 'open point');
  const headlines: Readonly<Record<State, string>> = {
    allowed: verdict.environment === 'rehearsal' ? 'Allowed for rehearsal only' : `Allowed by the policy for ${verdict.environment}`,
    denied: `Denied: ${open}`,
    conflict: `Not releasable yet: ${open}`,
    unknown: `Not releasable yet: ${open}`,
    unavailable: `Not releasable yet: ${open}`,
  };
  return { tone: verdict.state, headline: headlines[verdict.state] };
}

/** What each state means, as the end of a sentence. */
export const STATE_MEANINGS: Readonly<Record<State, string>> = {
  allowed: 'every rule holds, or its breach is waived',
  denied: 'known to break the policy',
  conflict: 'two pieces of evidence contradict each other',
  unknown: 'there is evidence, but it does not say',
  unavailable: 'the evidence or the artifact could not be had',
};

/** Does the plan hold, in words. */
export function planHeadline(plan: Plan): Headline {
  if (plan.state === 'refused') return { tone: 'denied', headline: 'The plan is refused' };
  if (plan.state === 'unknown') return { tone: 'unknown', headline: 'The plan has unknown figures' };
  return { tone: 'allowed', headline: 'The plan holds' };
}

/** One sentence on what the plan chose. */
export function planSentence(plan: Plan): string {
  const { placement } = plan;
  const where = placement.instanceType ?? (placement.target === 'cluster' ? 'an existing cluster' : null);
  if (where === null) return 'No placement meets the targets.';
  const capacity = placement.capacity ? ` ${placement.capacity}` : '';
  const region = placement.region ? ` in ${placement.region}` : '';
  return `${plural(placement.replicas, 'replica')} on ${where}${capacity}${region}; ${plan.engine.name} serves ${plan.model.title} in ${plan.model.precision}.`;
}
