import type { Environment } from '../release/schema';
import type { OpenPoint } from './open-point';
import type { TrustedKey } from './policy';
import { type LoadedWaiver, signatureProblem, type Waiver } from './waiver';

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
  keys: readonly TrustedKey[],
  environment: Environment,
  at: Date,
): WaiverOutcome {
  const waived = new Map<OpenPoint, Waiver>();
  const points: OpenPoint[] = [];
  const bySubject = new Map<string, OpenPoint[]>();
  for (const point of open) bySubject.set(point.subject, [...(bySubject.get(point.subject) ?? []), point]);
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
    const forged = signatureProblem(waiver, keys);
    if (forged) {
      say('OVK-WVR-001', `the waiver is void: ${forged}.`, 'have it signed by a key that the policy trusts, or remove it.');
      continue;
    }
    if (here.length === 0) continue;
    const untimely = timeProblem(waiver, at);
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
    const matching = here.filter((point) => point.state !== 'denied' && mismatch(waiver, point) === undefined);
    for (const point of matching) if (!waived.has(point)) waived.set(point, waiver);
    if (matching.length === 0) {
      const nearest = here.find((point) => point.rule === waiver.rule) ?? here[0];
      const denied = here.some((point) => point.state === 'denied');
      const why = denied ? 'what it excused is now denied, and a denial cannot be waived' : nearest && mismatch(waiver, nearest);
      say('OVK-WVR-004', `the waiver is void: ${why}.`, 'look at what changed, and have a new one signed if it is still right.', 'warning');
    }
  }
  return { waived, points };
}

function timeProblem(waiver: Waiver, at: Date): string | undefined {
  if (at < new Date(waiver.notBefore)) return `it holds only from ${waiver.notBefore}`;
  if (at >= new Date(waiver.notAfter)) return `it ran out on ${waiver.notAfter}`;
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
