import type { Environment } from '../release/schema';
import type { OpenPoint } from './open-point';
import type { Policy } from './policy';
import { type LoadedWaiver, signatureProblem, type Waiver } from './waiver';

const DAY_MS = 86_400_000;

/**
 * Breaches of integrity: bytes that are not those that were judged, evidence that was made up, a subject that was passed over.
 * A waiver accepts a known risk; here nobody knows what would be accepted.
 */
export const NEVER_WAIVED: ReadonlySet<string> = new Set(['OVK-EVD-003', 'OVK-EVD-007', 'OVK-EVD-008', 'OVK-SUB-001']);

/** There is no image, so nobody can say what will run: good enough to rehearse, where a placeholder stands for it, and for nothing else. */
const WAIVED_IN_REHEARSAL: ReadonlySet<string> = new Set(['OVK-IMG-001']);

/** Whether a waiver may excuse a point at all. */
export function isWaivable({ rule, state }: Pick<OpenPoint, 'rule' | 'state'>, environment: Environment): boolean {
  return state !== 'denied' && !NEVER_WAIVED.has(rule) && (environment === 'rehearsal' || !WAIVED_IN_REHEARSAL.has(rule));
}

export interface WaiverOutcome {
  /** Waiver per open point that it excuses. */
  readonly waived: ReadonlyMap<OpenPoint, Waiver>;
  /** What is wrong with waivers themselves. */
  readonly points: readonly OpenPoint[];
}

/**
 * Lays waivers over open points. A waiver holds only while every one of its pins does: subject, revision, rule, licence, environment, time and
 * signature. What is denied cannot be waived, so a waiver for an unknown dies when the unknown turns out to be bad.
 */
export function applyWaivers(
  open: readonly OpenPoint[],
  waivers: readonly LoadedWaiver[],
  policy: Pick<Policy, 'trustedKeys' | 'waivers'>,
  environment: Environment,
  at: Date,
): WaiverOutcome {
  const waived = new Map<OpenPoint, Waiver>();
  const points: OpenPoint[] = [];
  const bySubject = new Map<string, OpenPoint[]>();
  for (const point of open) {
    const own = bySubject.get(point.subject);
    if (own) own.push(point);
    else bySubject.set(point.subject, [point]);
  }
  const twice = repeatedIds(waivers);
  for (const { waiver, location } of waivers) {
    const here = (bySubject.get(waiver.subject) ?? []).filter((point) => point.mild === undefined);
    const say = (rule: string, message: string, closes: string, mild?: 'warning'): void => {
      const subject = `waiver:${waiver.id}`;
      points.push({
        rule,
        state: 'unknown',
        subject,
        message,
        closes,
        evidence: [],
        location,
        revision: null,
        licence: null,
        ...(mild ? { mild } : {}),
      });
    };
    if (twice.has(waiver.id)) {
      say(
        'OVK-WVR-005',
        'the waiver is void: another waiver has the same id, so nobody could tell which one was applied.',
        'give each its own id, and have it signed again.',
      );
      continue;
    }
    const forged = signatureProblem(waiver, policy.trustedKeys);
    if (forged) {
      say('OVK-WVR-001', `the waiver is void: ${forged}.`, 'have it signed by a key that the policy trusts, or remove it.');
      continue;
    }
    if (here.length === 0) continue;
    const untimely = timeProblem(waiver, at, policy.waivers.maxDays);
    if (untimely) {
      say('OVK-WVR-002', `the waiver is void: ${untimely}.`, 'renew it, or close the point.', 'warning');
      continue;
    }
    if (!waiver.environments.includes(environment)) {
      say(
        'OVK-WVR-003',
        `the waiver is void here: it is for ${waiver.environments.join(', ')}, not for ${environment}.`,
        'ask for one for this environment.',
        'warning',
      );
      continue;
    }
    const matching = here.filter((point) => isWaivable(point, environment) && mismatch(waiver, point) === undefined);
    for (const point of matching) if (!waived.has(point)) waived.set(point, waiver);
    if (matching.length === 0) {
      const nearest = here.find((point) => point.rule === waiver.rule) ?? here[0];
      const denied = here.some((point) => point.state === 'denied');
      const why = denied
        ? 'what it excused is now denied, and a denial cannot be waived'
        : ((nearest && mismatch(waiver, nearest)) ??
          (WAIVED_IN_REHEARSAL.has(waiver.rule)
            ? `${waiver.rule} can be waived in a rehearsal only`
            : `${waiver.rule} is a breach of integrity, which cannot be waived`));
      say('OVK-WVR-004', `the waiver is void: ${why}.`, 'look at what changed, and have a new one signed if it is still right.', 'warning');
    }
  }
  return { waived, points };
}

function repeatedIds(waivers: readonly LoadedWaiver[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { waiver } of waivers) (seen.has(waiver.id) ? twice : seen).add(waiver.id);
  return twice;
}

function timeProblem(waiver: Waiver, at: Date, maxDays: number): string | undefined {
  const from = new Date(waiver.notBefore).getTime();
  const until = new Date(waiver.notAfter).getTime();
  // A comparison with an invalid date is false either way, which would make the waiver last for ever.
  if (!Number.isFinite(from) || !Number.isFinite(until)) return 'its dates are not dates';
  if (until - from > maxDays * DAY_MS) return `it is meant to last longer than the ${maxDays} days that the policy allows`;
  if (at.getTime() < from) return `it holds only from ${waiver.notBefore}`;
  if (at.getTime() >= until) return `it ran out on ${waiver.notAfter}`;
  return undefined;
}

function mismatch(waiver: Waiver, point: OpenPoint): string | undefined {
  const pins = [
    ['rule', waiver.rule, point.rule],
    ['revision', waiver.revision, point.revision],
    ['licence', waiver.licence, point.licence],
  ] as const;
  const broken = pins.find(([, was, is]) => was !== is);
  return broken && `its ${broken[0]} was ${broken[1] ?? 'none'}, now it is ${broken[2] ?? 'none'}`;
}
