import type { Rejected } from '../plan';
import type { Evaluation, Placed, Refusal } from './evaluate';

/** The chosen placement, and every other candidate with the reason. */
export interface Ranking {
  readonly chosen: Placed | undefined;
  /** All that hold the load and meet the targets, the chosen one first, then by price. */
  readonly placed: readonly Placed[];
  readonly rejected: readonly Rejected[];
  /** When nothing was chosen: the refusal that came closest. */
  readonly closest: Refusal | undefined;
}

/** The cheapest placement by month; those without a known price come last. Deterministic: ties go by vCPU, then by name. */
export function rank(evaluations: readonly Evaluation[]): Ranking {
  const placed = evaluations.filter((evaluation) => evaluation.kind === 'placed').sort(byPrice);
  const refused = evaluations.filter((evaluation) => evaluation.kind === 'refused');
  const [chosen, ...others] = placed;
  const closest = [...refused].sort(byCloseness)[0];
  const rejected = [
    ...others.map((other) => costsMore(other, chosen as Placed)),
    ...[...refused].sort(byCloseness).map((item) => item.rejected),
  ];
  return { chosen, placed, rejected, closest: chosen ? undefined : closest };
}

function costsMore(other: Placed, chosen: Placed): Rejected {
  const theirs = other.usdPerMonth.value;
  const ours = chosen.usdPerMonth.value;
  if (theirs === null || ours === null) {
    const reason = other.unknown ?? `the price of ${other.name} is not known.`;
    return { candidate: other.name, code: 'E_PRICE_UNKNOWN', reason: `Fits and meets the targets; ${lowerFirst(reason)}`, shortBy: null };
  }
  const more = theirs - ours;
  const reason =
    more > 0
      ? `Fits and meets the targets, but costs $${more.toFixed(2)} a month more than ${chosen.name}.`
      : `Fits and meets the targets at the same price as ${chosen.name}; ties go to the smaller machine, then by name.`;
  return { candidate: other.name, code: 'E_COSTS_MORE', reason, shortBy: { value: more, unit: 'USD per month' } };
}

function byPrice(a: Placed, b: Placed): number {
  return compare(a.usdPerMonth.value ?? Infinity, b.usdPerMonth.value ?? Infinity) || a.node.vcpu - b.node.vcpu || byText(a.name, b.name);
}

function byCloseness(a: Refusal, b: Refusal): number {
  return (
    b.stage - a.stage ||
    compare(a.fit?.shortByBytes ?? Infinity, b.fit?.shortByBytes ?? Infinity) ||
    compare(a.rejected.shortBy?.value ?? Infinity, b.rejected.shortBy?.value ?? Infinity) ||
    a.node.vcpu - b.node.vcpu ||
    byText(a.name, b.name)
  );
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
