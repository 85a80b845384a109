import { speedCorrectionFor } from '../calibration/apply';
import { KV_DTYPES } from '../fit/kv-cache';
import type { Ranged } from '../ranged';
import type { RequestShape } from '../request';
import { outputTokensPerSecond, stepSeconds } from '../throughput/at-rate';
import { ENDS, type End, type Speed, type StepModel, speedOf } from '../throughput/step-model';
import { MS } from '../units';
import { scopeOf } from './memory';
import type { EstimateRequest } from './types';

/** Times and rates of a closed loop: so many clients, each of which asks again when it has its answer. */
export interface SpeedEstimate {
  readonly ttftMs: Ranged;
  readonly tpotMs: Ranged;
  readonly outputTokensPerSecond: Ranged;
  readonly basis: Speed['basis'];
  readonly source: string;
  readonly notes: readonly string[];
}

/**
 * Prompts that a request of a closed loop waits for, its own included: clients that start together stay in cohorts.
 * 18 TensorRT-LLM points at concurrency 8 to 128 lie between 5 and 27 prefills, half of them between 6 and 10, whatever the concurrency;
 * `vllm bench serve` on L40S at 64 reads 9. Clients that arrive one by one wait for about 2.
 */
const COHORT_PREFILLS = { value: 7.2, slow: 15, fast: 2 } as const;
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
    correction: speedCorrectionFor(request.calibration, scopeOf(request)),
  });
  if (!speed) return undefined;
  const batch = Math.max(1, Math.min(concurrency, Math.floor(heldAtOnce)));
  const at = (end: End) => closedLoop(speed.model(end), batch, speed.kneeConcurrency, end);
  const ends = Object.fromEntries(ENDS.map((end) => [end, at(end)])) as Record<End, ReturnType<typeof closedLoop>>;
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
    outputTokensPerSecond: { value: ends.value.rate, low: ends.slow.rate, high: ends.fast.rate },
    basis: past ? 'extrapolated' : speed.basis,
    source: speed.source,
    notes,
  };
}

function closedLoop(model: StepModel, batch: number, knee: number, end: End) {
  const inKnee = Math.min(batch, knee);
  const rate = outputTokensPerSecond(model, inKnee) * (batch > knee ? PAST_KNEE[end] : 1);
  // A token waits for the step of the batch and for its share of the others' prefill.
  const perToken =
    batch > knee ? batch / rate : stepSeconds(model, batch) + ((batch - 1) * model.prefillSeconds) / Math.max(1, model.outputTokens);
  const cohort = Math.min(batch, COHORT_PREFILLS[end]) - 1;
  return { rate, perToken, firstToken: model.firstTokenSeconds + cohort * model.prefillAloneSeconds };
}
