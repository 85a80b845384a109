import type { Catalog } from '../../catalog/schema';
import { findEstimateModel } from '../estimate/find-model';
import type { References } from '../estimate/reference';
import { MS } from '../units';
import { estimateOfPoint, requestOfPoint } from './accuracy';
import type { Point } from './points';

/** Two ways to serve the same model under the same concurrency, and which of them costs less per token. */
export interface CheapestPair {
  readonly model: string;
  readonly concurrency: number;
  readonly points: readonly [string, string];
  /** Cost of the second over the first, as measured and as estimated. */
  readonly measured: number;
  readonly estimated: number;
  readonly right: boolean;
}

/** Measurements of the same thing differ by this much; pairs that are closer have no cheaper side. */
export const NOISE = 0.05;

interface Offer {
  readonly point: string;
  readonly group: string;
  readonly model: string;
  readonly concurrency: number;
  readonly way: string;
  readonly measured: number;
  readonly estimated: number;
}

/**
 * Pairs of card, precision and engine whose output rate was measured and whose card AWS offers: is the one that is cheaper per token
 * by the measurement also the cheaper one by the estimate? `usd_h / (3600 x tokens/s)` on both sides, with the same price.
 */
export function cheapestPairs(points: readonly Point[], catalog: Catalog, references: References): readonly CheapestPair[] {
  const offers = points.flatMap((point) => offerOf(point, catalog, references) ?? []);
  return offers.flatMap((one, index) =>
    offers.slice(index + 1).flatMap((other) => {
      if (one.group !== other.group || one.way === other.way) return [];
      const measured = other.measured / one.measured;
      if (Math.abs(Math.log(measured)) < Math.log(1 + NOISE)) return [];
      const estimated = other.estimated / one.estimated;
      const right = measured > 1 === estimated > 1;
      return [{ model: one.model, concurrency: one.concurrency, points: [one.point, other.point] as const, measured, estimated, right }];
    }),
  );
}

function offerOf(point: Point, catalog: Catalog, references: References): Offer | undefined {
  const { engine, gpu, precision, load, settings } = point;
  const concurrency = load.concurrency ?? 1;
  const rate = measuredRate(point, concurrency);
  if (!engine || !gpu || !precision || rate === undefined) return undefined;
  const { usdPerHour } = requestOfPoint(point, catalog, references);
  const made = estimateOfPoint(point, catalog, references);
  const found = findEstimateModel(catalog, references, point.model ?? '');
  const estimatedRate = estimatedRateOf(point, made.tpotMs.value, made.outputTokensPerSecond.value);
  if (usdPerHour.figure.value === null || estimatedRate === undefined) return undefined;
  const model = found.kind === 'model' ? found.model.id : found.unmodelled.id;
  const usd = usdPerHour.figure.value / usdPerHour.replicas;
  return {
    point: point.id,
    group: `${model}|${concurrency}`,
    model,
    concurrency,
    way: `${gpu}|${precision}|${engine}|${settings.tensorParallel ?? 1}`,
    measured: usd / rate,
    estimated: usd / estimatedRate,
  };
}

function measuredRate({ measured }: Point, concurrency: number): number | undefined {
  if (measured.tokensPerSecond !== undefined) return measured.tokensPerSecond;
  if (measured.decodeTokensPerSecond !== undefined) return measured.decodeTokensPerSecond * concurrency;
  return measured.tpotMs === undefined ? undefined : (MS / measured.tpotMs) * concurrency;
}

/** The same figure as was measured: a rate against a rate, a time per token against a time per token. */
function estimatedRateOf({ measured, load }: Point, tpotMs: number | null, rate: number | null): number | undefined {
  if (measured.tokensPerSecond !== undefined) return rate ?? undefined;
  return tpotMs === null ? undefined : (MS / tpotMs) * (load.concurrency ?? 1);
}
