import { PREFILL_OVERLAP_POWER } from './constants';
import type { StepModel } from './step-model';

/** A replica under a steady arrival of requests. Times in seconds. */
export interface Steady {
  readonly timeToFirstTokenSeconds: number;
  readonly timePerOutputTokenSeconds: number;
  /** Mean requests in flight, waiting and prefill included (Little's law: rate x time in the system). */
  readonly inFlight: number;
  /** Mean requests that are decoding. */
  readonly decoding: number;
}

/** Two times of one step that partly overlap, as reading the weights and computing with them: `(a^p + b^p)^(1/p)`. */
export function overlapping(one: number, other: number, power = PREFILL_OVERLAP_POWER): number {
  return (one ** power + other ** power) ** (1 / power);
}

/** Seconds of one step that decodes so many requests and prefills some beside them. Source: see speedOf. */
export function stepSeconds(model: StepModel, batch: number, prefills = 0): number {
  const decode = Math.max(memorySeconds(model, batch), batch * model.computeSecondsPerRequest);
  const gpu = prefills > 0 ? overlapping(decode, prefills * model.prefillSeconds, model.mixedOverlap) : decode;
  return Math.max(gpu + model.overheadSeconds, model.launchSeconds) + batch * model.overheadSecondsPerRequest;
}

/** Reading the weights and the cache of a batch. Each token picks its experts; with more tokens nearly all are read. */
export function memorySeconds(model: StepModel, batch: number): number {
  const experts = model.expertSeconds * (1 - (1 - model.expertShare) ** batch);
  return model.weightSeconds + experts + batch * model.kvSecondsPerRequest;
}

/**
 * Mean time from one token of a request to the next while each step has so many prompts beside the batch, on average: some steps hold one
 * and most none, or all hold several.
 */
export function tokenSeconds(model: StepModel, batch: number, promptsPerStep: number): number {
  if (promptsPerStep > 1) return stepSeconds(model, batch, promptsPerStep);
  const alone = stepSeconds(model, batch);
  return alone + promptsPerStep * (stepSeconds(model, batch, 1) - alone);
}

/** Output tokens per second at a fixed batch, each place of which is taken again at once: every osl-th token of a request is followed by a prefill. */
export function outputTokensPerSecond(model: StepModel, batch: number): number {
  return Math.min(engineTokensPerSecond(model, batch), mostRequestsPerSecond(model) * model.outputTokens);
}

/** Whether the server's work on images lets fewer requests through than the engine could answer at this batch. */
export function boundByImages(model: StepModel, batch: number): boolean {
  return mostRequestsPerSecond(model) * model.outputTokens < engineTokensPerSecond(model, batch);
}

function engineTokensPerSecond(model: StepModel, batch: number): number {
  return batch / tokenSeconds(model, batch, batch / Math.max(1, model.outputTokens));
}

/** What the server's work on images lets through; without images there is no such limit. */
function mostRequestsPerSecond({ imageSeconds }: StepModel): number {
  return imageSeconds > 0 ? 1 / imageSeconds : Number.POSITIVE_INFINITY;
}

/** Requests per second at a fixed batch. */
export function requestsPerSecond(model: StepModel, batch: number): number {
  return outputTokensPerSecond(model, batch) / model.outputTokens;
}

/** How often the time of a step and the prompts that come in it are brought into line. */
const ROUNDS = 40;
/** Share of that time by which the last round may still differ. */
const ENOUGH = 1e-9;

/**
 * The steady state at a rate of requests, or undefined when the replica cannot keep up.
 * Prefill takes the share rho = rate x t_beside of the time, so that a token comes every t_step / (1 - rho); t_beside is what a prompt adds to
 * a step, less than its arithmetic, since the weights are read anyway. More prompts than one in a step share that reading.
 */
export function steadyAt(model: StepModel, rate: number): Steady | undefined {
  let beside = besideSeconds(model, 0, 1);
  let steady = steadyBeside(model, rate, beside);
  for (let round = 0; round < ROUNDS && steady; round += 1) {
    const next = besideSeconds(model, steady.decoding, Math.max(1, rate * steady.timePerOutputTokenSeconds));
    if (Math.abs(next - beside) <= ENOUGH * beside) break;
    beside = next;
    steady = steadyBeside(model, rate, beside);
  }
  return steady;
}

/** What each of so many prompts in one step of a batch adds to it. */
function besideSeconds(model: StepModel, batch: number, prompts: number): number {
  const decode = Math.max(memorySeconds(model, batch), batch * model.computeSecondsPerRequest);
  return (overlapping(decode, prompts * model.prefillSeconds, model.mixedOverlap) - decode) / prompts;
}

/**
 * The batch is B = rate x osl x t_token, solved on both branches of t_step (it is linear in B on each, and the larger one holds).
 * Before the first token: M/D/1 waiting for the GPU, rho x t_prefill / (2 x (1 - rho)), and likewise for the server's work on images, and the step of the others that it shares.
 */
function steadyBeside(model: StepModel, rate: number, besideOne: number): Steady | undefined {
  const rho = rate * besideOne;
  const rhoImages = rate * model.imageSeconds;
  if (rho >= 1 || rhoImages >= 1) return undefined;
  const perStep = (rate * model.outputTokens) / (1 - rho);
  const memoryLoad = perStep * (model.kvSecondsPerRequest + model.overheadSecondsPerRequest);
  const computeLoad = perStep * (model.computeSecondsPerRequest + model.overheadSecondsPerRequest);
  if (memoryLoad >= 1 || computeLoad >= 1) return undefined;
  const decoding = Math.max(
    (perStep * (model.weightSeconds + model.expertSeconds + model.overheadSeconds)) / (1 - memoryLoad),
    (perStep * model.overheadSeconds) / (1 - computeLoad),
  );
  // A request always shares its step with itself.
  const step = stepSeconds(model, Math.max(1, decoding));
  const timePerOutputTokenSeconds = step / (1 - rho);
  const others = Math.min(1, decoding) * step;
  const waits = (rho * model.prefillSeconds) / (2 * (1 - rho)) + (rhoImages * model.imageSeconds) / (2 * (1 - rhoImages));
  const timeToFirstTokenSeconds = model.firstTokenSeconds + waits + others;
  const inSystem = timeToFirstTokenSeconds + (model.outputTokens - 1) * timePerOutputTokenSeconds;
  return { timeToFirstTokenSeconds, timePerOutputTokenSeconds, inFlight: rate * inSystem, decoding };
}

/** A replica that serves one request and no other: the best it can do. */
export function idle(model: StepModel): Steady {
  const step = stepSeconds(model, 1);
  return { timeToFirstTokenSeconds: model.firstTokenSeconds, timePerOutputTokenSeconds: step, inFlight: 0, decoding: 0 };
}

/** z of the one-sided 95th percentile of a normal distribution. */
const Z_95 = 1.645;

/**
 * Requests in flight that are not exceeded 95 % of the time: arrivals at random make the number Poisson,
 * whose spread is the root of its mean. At least one.
 */
export function inFlightAt95(mean: number): number {
  return Math.max(1, Math.ceil(mean + Z_95 * Math.sqrt(mean) - 1e-9));
}

/** The mean for which `inFlightAt95` is just held by so many places; 0 when there is none. */
export function meanHeldBy(places: number): number {
  if (places < 1) return 0;
  return ((-Z_95 + Math.sqrt(Z_95 ** 2 + 4 * places)) / 2) ** 2;
}
