import { type Figure, unknownFigure } from '../../core/figure';
import type { Performance } from '../plan';
import { MS } from '../units';
import { boundByImages, idle, requestsPerSecond, type Steady, steadyAt } from './at-rate';
import { ENDS, type End, type Speed, type StepModel } from './step-model';

/** Share of its capacity at which a replica is shown when it could not keep up at the slow end of the constants. */
const NEAR_SATURATION = 0.95;

/**
 * Figures of one replica.
 * @param ratePerReplica  requests per second that reach it at the peak
 * @param batchLimit  requests that it can hold at once (KV cache, max_num_seqs); with the knee it bounds the throughput
 */
export function performanceAt(speed: Speed, ratePerReplica: number, batchLimit: number): Performance {
  const knee = Math.max(1, Math.min(speed.kneeConcurrency, Math.floor(batchLimit)));
  const steady = record((end) => steadyOrNearly(speed.model(end), ratePerReplica, knee));
  const rate = record((end) => requestsPerSecond(speed.model(end), knee));
  const output = speed.model('value').outputTokens;
  const held = record((end) => ratePerReplica > NEAR_SATURATION * rate[end]);
  const note = held.slow ? '; the slow end cannot keep up, shown at 95 % of its capacity' : '';
  const source = `${speed.source}${note}`;
  const time = (pick: (state: Steady) => number): Figure => ({
    value: pick(steady.value),
    low: Math.min(pick(steady.fast), pick(steady.value)),
    high: Math.max(pick(steady.slow), pick(steady.value)),
    basis: speed.basis,
    source,
  });
  const throughput = (factor: number): Figure => ({
    value: rate.value * factor,
    low: Math.min(rate.slow, rate.value) * factor,
    high: Math.max(rate.fast, rate.value) * factor,
    basis: speed.basis,
    source: `${speed.source}; at ${knee} requests in the batch`,
  });
  return {
    timeToFirstTokenMs: time((state) => state.timeToFirstTokenSeconds * MS),
    timePerOutputTokenMs: time((state) => state.timePerOutputTokenSeconds * MS),
    requestsPerSecondPerReplica: throughput(1),
    outputTokensPerSecondPerReplica: throughput(output),
    boundBy: boundByImages(speed.model('value'), knee) ? 'image-preparation' : 'engine',
    concurrencyPerReplica: { ...time((state) => state.inFlight), source: `Little's law at ${ratePerReplica} requests/s; ${source}` },
  };
}

/** Performance that nobody can tell. */
export function unknownPerformance(reason: string): Performance {
  const unknown = unknownFigure(reason);
  return {
    timeToFirstTokenMs: unknown,
    timePerOutputTokenMs: unknown,
    requestsPerSecondPerReplica: unknown,
    outputTokensPerSecondPerReplica: unknown,
    boundBy: null,
    concurrencyPerReplica: unknown,
  };
}

function steadyOrNearly(model: StepModel, rate: number, knee: number): Steady {
  const most = NEAR_SATURATION * requestsPerSecond(model, knee);
  return steadyAt(model, Math.min(rate, most)) ?? idle(model);
}

function record<T>(fn: (end: End) => T): Readonly<Record<End, T>> {
  return Object.fromEntries(ENDS.map((end) => [end, fn(end)])) as Record<End, T>;
}
