import { speedCorrectionFor } from '../calibration/apply';
import { KV_DTYPES } from '../fit/kv-cache';
import type { Ranged } from '../ranged';
import type { RequestShape } from '../request';
import { outputTokensPerSecond, stepSeconds } from '../throughput/at-rate';
import type { FirstToken } from '../throughput/constants';
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
    node: { instance: null, cpuBandwidthGbPerSecond: device.cpuBandwidthGbPerSecond, vcpu: device.vcpu, gpuFraction: 1, gpu: device.gpu },
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
  const inKnee = Math.min(batch, knee);
  const rate = outputTokensPerSecond(model, inKnee) * (batch > knee ? PAST_KNEE[end] : 1);
  // A token waits for the step of the batch and for its share of the others' prefill.
  const perToken =
    batch > knee ? batch / rate : stepSeconds(model, batch) + ((batch - 1) * model.prefillSeconds) / Math.max(1, model.outputTokens);
  const wholeQueue = wholeQueueSeconds(model, batch, perToken);
  return { rate, perToken, wholeQueue, firstToken: model.firstTokenSeconds + waitSeconds(model, firstToken, batch, wholeQueue, end) };
}

/** How the wait grows with the share of the time that prefill takes; 1 is a queue at random, clients that start together do worse. */
const BUSY_POWER = 1.5;
/** Share of the time that prefill may take at most; beyond it the queue of a closed loop does not grow, the clients do not come back. */
const MOST_PREFILL = 0.8;

/**
 * What a prompt waits for the others, in seconds.
 * Queue: `share x (c - 1) x t_prefill / (1 - rho)^1.5 + (c - 1) x t_host`, rho = c x t_prefill / (osl x t_token). All clients start at once, so the
 * first prompts wait for (c - 1) / 2 prefills; over the six or seven answers of a client in a benchmark that is a share of 0.075,
 * stretched by the decoding beside it. The exponent is fitted, not derived.
 * Cohort: a fixed number of prefills.
 */
function waitSeconds(model: StepModel, firstToken: FirstToken, batch: number, wholeQueue: number, end: End): number {
  if (firstToken.kind === 'cohort') return (Math.min(batch, at(firstToken.prefills, end, 'time')) - 1) * model.prefillAloneSeconds;
  return at(firstToken.share, end, 'time') * wholeQueue + (batch - 1) * model.hostSecondsPerConcurrent;
}

function wholeQueueSeconds(model: StepModel, batch: number, perToken: number): number {
  const rho = Math.min(MOST_PREFILL, (batch * model.prefillSeconds) / (Math.max(1, model.outputTokens) * perToken));
  return ((batch - 1) * model.prefillAloneSeconds) / (1 - rho) ** BUSY_POWER;
}
