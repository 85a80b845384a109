import type { Placed } from '../choose/evaluate';
import type { Question } from '../choose/question';
import { sizeOf } from '../choose/size';
import { meanHeldBy, requestsPerSecond, steadyAt } from '../throughput/at-rate';
import type { Speed } from '../throughput/step-model';
import { MS } from '../units';
import type { Chosen, Signal } from './schema';

/** Share of the KV cache above which requests are soon pushed out. Source: 0.6 to 0.8 in llm-d's autoscaling guide (llm-d-autoscaling#1517). */
const KV_CACHE_SHARE = 0.8;
/** Waiting requests per replica where the speed is not known: KEDA's examples for llama.cpp take 2 (LLMKube#1373). */
const WAITING_WITHOUT_SPEED = 2;
const BISECTIONS = 40;

/** What one replica may have of each signal. */
export function targetsOf(question: Question, chosen: Placed): Readonly<Record<Signal['id'], Chosen>> {
  const { speed } = sizeOf(question, chosen.node, chosen.trial.settings.tensorParallel);
  return {
    'in-flight': inFlightTarget(question, chosen, speed),
    waiting: waitingTarget(question, chosen, speed),
    'kv-cache': { value: KV_CACHE_SHARE, formula: String(KV_CACHE_SHARE), source: 'guard of 0.6 to 0.8 in llm-d (llm-d-autoscaling#1517)' },
  };
}

/**
 * Requests in flight per replica up to which its targets hold: the mean that its places (batch or slots, KV cache, knee) hold 95 % of the
 * time, or less where the targets of the release are met only below it. At least one: a replica with a request is in use, not overloaded.
 */
function inFlightTarget(question: Question, chosen: Placed, speed: Speed | undefined): Chosen {
  const places = placesOf(chosen, speed);
  const held = meanHeldBy(places);
  const met = speed ? inFlightWithinTargets(question, speed) : Number.POSITIVE_INFINITY;
  const bound = Math.min(held, met);
  const why =
    met < held
      ? `targets of the release hold up to ${round(met)} in flight`
      : `${places} places hold a mean of ${round(held)} in 95 % of the time`;
  return {
    value: Math.max(1, round(bound)),
    formula: `max(1, ${round(bound)}): ${why}`,
    source: speed ? `Little's law on the plan's speed; ${speed.source}` : 'places of the engine; its speed is not known',
  };
}

/** Requests that one replica can have at once without queueing. */
function placesOf({ trial, fit }: Placed, speed: Speed | undefined): number {
  const cache = fit.kvCache.concurrentRequests ?? Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor(Math.min(trial.settings.maxNumSeqs, cache, speed?.kneeConcurrency ?? Number.POSITIVE_INFINITY)));
}

/** Requests in flight at the highest rate that meets both targets at the central estimate; 0 when even one request misses them. */
function inFlightWithinTargets({ release: { targets } }: Question, speed: Speed): number {
  const model = speed.model('value');
  const within = (rate: number) => {
    const steady = steadyAt(model, rate);
    const meets =
      steady !== undefined &&
      steady.timeToFirstTokenSeconds * MS <= targets.timeToFirstTokenMs &&
      steady.timePerOutputTokenSeconds * MS <= targets.timePerOutputTokenMs;
    return meets ? steady.inFlight : undefined;
  };
  let low = 0;
  let high = requestsPerSecond(model, speed.kneeConcurrency) * 2;
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (within(middle) === undefined) high = middle;
    else low = middle;
  }
  return low === 0 ? 0 : (within(low) ?? 0);
}

/**
 * Requests per replica that may wait while the target for the first token still holds: what is left of it at the peak, times the requests
 * that a replica finishes a second. At least one: a queue of one is noise.
 */
function waitingTarget({ release: { targets } }: Question, { performance }: Placed, speed: Speed | undefined): Chosen {
  const first = performance.timeToFirstTokenMs.value;
  const rate = performance.requestsPerSecondPerReplica.value;
  if (!speed || first === null || rate === null) {
    return {
      value: WAITING_WITHOUT_SPEED,
      formula: String(WAITING_WITHOUT_SPEED),
      source: 'speed is not known; 2 as for llama.cpp in LLMKube#1373',
    };
  }
  const slackSeconds = Math.max(0, targets.timeToFirstTokenMs - first) / MS;
  return {
    value: Math.max(1, Math.floor(slackSeconds * rate)),
    formula: `max(1, floor(${round(slackSeconds)} s left of the first-token target x ${round(rate)} requests/s))`,
    source: performance.requestsPerSecondPerReplica.source,
  };
}

/** Two decimals: an autoscaler reads thousandths, a reader does not. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
