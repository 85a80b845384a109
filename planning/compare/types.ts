import type { Figure } from '../../core/figure';
import type { Plan } from '../plan';
import type { Ranged } from '../ranged';

/** What the compliance check says of a release; put in from outside, since planning knows no licences. */
export interface LicenceState {
  readonly state: 'allowed' | 'unavailable' | 'unknown' | 'conflict' | 'denied';
  readonly summary: string;
}

/** Memory of one GPU by precision, at the load of the release. */
export interface PrecisionRow {
  readonly precision: string;
  readonly origin: 'published' | 'quantised-at-load';
  readonly weightsGib: Ranged | null;
  /** All terms of one GPU with the KV cache of the load; of the placement found, or of what came closest. */
  readonly neededGib: Ranged | null;
  /** Machine that the figures belong to. */
  readonly on: string;
  /** Cheapest placement in the region over all machines of the catalogue; null when none holds the load within the targets. */
  readonly cheapest: string | null;
  readonly usdPerMonth: Figure;
  readonly cards: readonly CardRow[];
}

/** One GPU model (or the CPUs), with its cheapest machine that holds the load, or why none does. */
export interface CardRow {
  readonly card: string;
  readonly candidate: string | null;
  readonly usdPerMonth: number | null;
  readonly reason: string | null;
}

export interface TuningRow {
  readonly method: string;
  readonly trainedParameters: number;
  readonly gibOneGpu: Ranged;
  /** Cheapest machine of the region that holds it, or null. */
  readonly machine: string | null;
  readonly hours: Figure;
  readonly usd: Figure;
}

/** One of the compared releases. */
export interface Option {
  readonly name: string;
  readonly file: string;
  readonly modelId: string;
  readonly title: string;
  readonly precision: string;
  readonly parameters: number;
  readonly state: Plan['state'];
  /** Why the plan does not hold, in its own words. */
  readonly problems: readonly string[];
  readonly placement: string;
  readonly withinBudget: boolean | null;
  readonly performance: Pick<Plan['performance'], 'timeToFirstTokenMs' | 'timePerOutputTokenMs' | 'requestsPerSecondPerReplica'>;
  readonly cost: Pick<Plan['cost'], 'usdPerHour' | 'usdPerMonth' | 'usdPerThousandImages'>;
  readonly precisions: readonly PrecisionRow[];
  readonly fineTuning: readonly TuningRow[];
  readonly licence: LicenceState | null;
}

export interface ScoreRow {
  readonly benchmark: string;
  /** One per option; null where none was published. */
  readonly values: readonly (number | null)[];
  readonly sources: readonly string[];
}

/** What a dearer option buys over the recommended one. */
export interface Step {
  readonly name: string;
  readonly usdPerMonthMore: number;
  readonly percentMore: number;
  /** Benchmarks that both have: how many are better, the mean difference in points. */
  readonly better: number;
  readonly compared: number;
  readonly meanPoints: number | null;
  /** Time per output token over that of the recommended one. */
  readonly tokenTimeRatio: number | null;
}

export interface Recommendation {
  readonly rule: string;
  readonly name: string | null;
  readonly because: string;
  readonly steps: readonly Step[];
}

/** Several releases side by side, before any endpoint exists. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly schemaVersion: 1;
  readonly note: string;
  readonly region: string | null;
  readonly priceDate: string | null;
  readonly options: readonly Option[];
  readonly scores: readonly ScoreRow[];
  readonly recommendation: Recommendation;
  /** What the options do not have in common, which makes the prices hard to compare. */
  readonly differences: readonly string[];
}
