import { speedCorrectionFor } from '../calibration/apply';
import { KV_DTYPES } from '../fit/kv-cache';
import type { Ranged } from '../ranged';
import type { RequestShape } from '../request';
import { outputTokensPerSecond, overlapping, stepSeconds, tokenSeconds } from '../throughput/at-rate';
import { closedQueue } from '../throughput/closed-queue';
import { type FirstToken, PLACES_FILLED } from '../throughput/constants';
import { at, ENDS, type End, type Speed, type StepModel, speedOf } from '../throughput/step-model';
import { MS } from '../units';
import { eraOf, scopeOf } from './memory';
import type { EstimateRequest } from './types';

/** Times and rates of a closed loop: so many clients, each of which asks again when it has its answer. */
export interface SpeedEstimate {
  readonly ttftMs: Ranged;
  readonly tpotMs: Ranged;
  readonly outputTokensPerSecond: Ranged;
  /** What a share of 1 in the queue of a closed loop would add to the time to the first token, in ms; the constant is a small part of it. */
  readonly wholeQueueMs: number;
  readonly basis: Speed['basis'];
  readonly source: string;
  readonly notes: readonly string[];
}

/** Throughput falls past the knee: by 9 and 16 % from 128 to 256 on L40S. */
const PAST_KNEE = { value: 0.9, slow: 0.8, fast: 1 } as const;

/** Speed at a concurrency, or undefined when nothing is known of the device's speed. */
export function estimateSpeed(
  request: EstimateRequest,
  shape: RequestShape,
  concurrency: number,
  heldAtOnce: number,
): SpeedEstimate | undefined {
  const { model, precision, device, tensorParallel } = request;
  const speed = speedOf({
    model,
    precision,
    engine: { kind: request.engine, devices: device.gpu ? ['gpu'] : ['cpu'] },
    request: shape,
    node: { ...device, instance: null },
    tensorParallel,
    kvDtypeBytes: KV_DTYPES[request.kvDtype],
    era: eraOf(request),
    enforceEager: request.enforceEager,
    correction: speedCorrectionFor(request.calibration, scopeOf(request)),
  });
  if (!speed) return undefined;
  const batch = Math.max(1, Math.min(concurrency, Math.floor(heldAtOnce)));
  const loopAt = (end: End) => closedLoop(speed, batch, end);
  const ends = Object.fromEntries(ENDS.map((end) => [end, loopAt(end)])) as Record<End, ReturnType<typeof closedLoop>>;
  const time = (pick: (loop: ReturnType<typeof closedLoop>) => number): Ranged => ({
    value: pick(ends.value) * MS,
    low: pick(ends.fast) * MS,
    high: pick(ends.slow) * MS,
  });
  const past = batch > speed.kneeConcurrency;
  const notes = [
    ...(past ? [`concurrency ${batch} is past the knee of ${speed.kneeConcurrency}, where nothing was measured to fit on`] : []),
    ...(batch < concurrency ? [`only ${batch} of ${concurrency} requests run at once; the others wait`] : []),
  ];
  return {
    ttftMs: time((loop) => loop.firstToken),
    tpotMs: time((loop) => loop.perToken),
    wholeQueueMs: ends.value.wholeQueue * MS,
    outputTokensPerSecond: { value: ends.value.rate, low: ends.slow.rate, high: ends.fast.rate },
    basis: past ? 'extrapolated' : speed.basis,
    source: speed.source,
    notes,
  };
}

function closedLoop({ model: modelAt, kneeConcurrency: knee, firstToken }: Speed, batch: number, end: End) {
  const model = modelAt(end);
  const outputTokens = Math.max(1, model.outputTokens);
  const past = batch > knee;
  // A token waits for the step of the batch and for its share of the others' prefill.
  const perToken = past
    ? batch / (outputTokensPerSecond(model, knee) * PAST_KNEE[end])
    : tokenSeconds(model, batch, (batch - 1) / outputTokens);
  const wholeQueue = (batch - 1) * model.prefillSeconds;
  const onGpu = (share: End): number =>
    model.firstTokenSeconds - model.imageSeconds + waitSeconds(model, firstToken, batch, perToken, share);
  const images = (share: End) => closedQueue(batch, model.imageSeconds, onGpu(share) + outputTokens * perToken);
  const toFirst = (share: End): number => onGpu(share) + images(share).responseSeconds;
  const filled = at(batch > 1 ? PLACES_FILLED.together : PLACES_FILLED.alone, end, 'rate');
  // A longer queue is no loss of work: what a prompt waits together with others, its tokens do not wait later.
  const rate = filled * images('value').perSecond * outputTokens;
  return { rate, perToken, wholeQueue, firstToken: toFirst(end) };
}

/** A prompt arrives somewhere in a step of the others, and waits for half of it. */
const HALF_A_STEP = 0.5;

/**
 * What a prompt waits for the others, in seconds.
 * Queue: the rest of the step that is running, the cache of the others that is read in its own, `share x (c - 1) x t_prefill`, and the host's
 * work for each. The share is 0.5 when all clients start together or all answers have the same length, since they then ask together
 * again; it is near 0 when the answers differ.
 * Cohort: a fixed number of prefills.
 */
function waitSeconds(model: StepModel, firstToken: FirstToken, batch: number, perToken: number, share: End): number {
  if (firstToken.kind === 'cohort') return (Math.min(batch, at(firstToken.prefills, share, 'time')) - 1) * model.prefillAloneSeconds;
  if (batch === 1) return 0;
  const read = model.weightSeconds + model.expertSeconds;
  const others = (batch - 1) * model.kvSecondsPerRequest;
  const shared = overlapping(read + others, model.prefillAloneSeconds) - overlapping(read, model.prefillAloneSeconds);
  const queue = at(firstToken.share, share, 'time') * (batch - 1) * model.prefillSeconds;
  return HALF_A_STEP * Math.min(perToken, stepSeconds(model, batch)) + shared + queue + (batch - 1) * model.hostSecondsPerConcurrent;
}
