import { STATES, type State } from '../../compliance/state';
import type { Finding, Verdict } from '../../compliance/verdict';
import { KitError } from '../../core/error';
import type { Plan } from '../../planning/plan';
import type { Release } from '../../release/schema';
import { oneLine } from './hcl-text';

/** What the gate of a stack decides on, and the words it refuses with. Plain text: escape it before it goes into HCL. */
export interface GateDecision {
  readonly allowed: boolean;
  readonly verdict: State;
  readonly planState: Plan['state'];
  /** RFC 3339; an expiry that does not parse counts as past. */
  readonly expires: string;
  readonly verdictMessage: string;
  readonly planMessage: string;
  readonly expiryMessage: string;
}

const TOP_FINDINGS = 3;
const FINDING_CHARACTERS = 200;
/** The text stands in a terminal box and in the manifest; more than this nobody reads there. */
const MESSAGE_CHARACTERS = 1_000;

/**
 * Decides whether a release may be deployed. Fails closed: a verdict that checked nothing, or not everything, is "unknown"
 * whatever it says of itself.
 * @throws KitError E_STACK_MISMATCH when plan, verdict and release do not belong together
 */
export function decideGate(release: Release, plan: Plan, verdict: Verdict): GateDecision {
  assertSameRelease(release, plan, verdict);
  const complete = verdict.subjectsExpected > 0 && verdict.subjectsChecked >= verdict.subjectsExpected;
  const state: State = verdict.state === 'allowed' && !complete ? 'unknown' : verdict.state;
  const next = `Next: npx ovkit check${releaseOption(verdict.release.file)}`;
  const name = `Release ${release.metadata.name} (${release.metadata.environment})`;
  return {
    allowed: state === 'allowed' && plan.state === 'ok',
    verdict: state,
    planState: plan.state,
    expires: verdict.expires,
    verdictMessage: message(`${name} may not be deployed: the verdict is ${state}. ${findingsText(verdict)}`, next),
    planMessage: message(
      `${name} may not be deployed: the plan is ${plan.state}. ${problemsText(plan)}`,
      `Next: npx ovkit plan${releaseOption(plan.release.file)}`,
    ),
    expiryMessage: message(
      `${name}: the verdict expired at ${oneLine(verdict.expires, 40)}, since evidence or a waiver behind it ran out. Renew it and synthesise again.`,
      next,
    ),
  };
}

function assertSameRelease(release: Release, plan: Plan, verdict: Verdict): void {
  const { name, environment } = release.metadata;
  const same =
    plan.release.name === name &&
    plan.release.environment === environment &&
    verdict.release.name === name &&
    verdict.environment === environment &&
    verdict.model.id === release.model.id &&
    verdict.model.revision === release.model.revision;
  if (same) return;
  throw new KitError({
    code: 'E_STACK_MISMATCH',
    message:
      `the release is ${name} (${environment}, ${release.model.id}@${release.model.revision}), the plan is for ${plan.release.name} (${plan.release.environment}), ` +
      `the verdict for ${verdict.release.name} (${verdict.environment}, ${verdict.model.id}@${verdict.model.revision}).`,
    next: 'plan and check the same release in the same environment.',
  });
}

function findingsText(verdict: Verdict): string {
  const open = verdict.findings.filter(
    (finding) => finding.severity === 'error' && finding.waivedBy === null && finding.state !== 'allowed',
  );
  if (open.length === 0) return `${verdict.subjectsChecked} of ${verdict.subjectsExpected} subjects were checked.`;
  const worstFirst = [...open].sort((a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state));
  return list(worstFirst.map((finding: Finding) => `${finding.rule} ${finding.subject}: ${finding.message}`));
}

function problemsText(plan: Plan): string {
  const errors = plan.problems.filter((problem) => problem.severity === 'error');
  const shown = errors.length > 0 ? errors : plan.problems;
  return list(shown.map((problem) => `${problem.code}: ${problem.message}`));
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, TOP_FINDINGS).map((item) => oneLine(item, FINDING_CHARACTERS));
  const rest = items.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more.`] : [])].join(' | ');
}

function message(text: string, next: string): string {
  const body = oneLine(text, MESSAGE_CHARACTERS - next.length - 1);
  return `${body} ${next}`;
}

function releaseOption(file: string): string {
  return file === 'release.yaml' || !/^[\w./-]+$/.test(file) ? '' : ` --release ${file}`;
}
