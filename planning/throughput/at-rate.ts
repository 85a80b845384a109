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

/** Seconds of one decode step with so many requests in the batch. Source: see speedOf. */
export function stepSeconds(model: StepModel, batch: number): number {
  // Each token picks its experts; with more tokens nearly all are read.
  const experts = model.expertSeconds * (1 - (1 - model.expertShare) ** batch);
  const memory = model.weightSeconds + experts + batch * model.kvSecondsPerRequest;
  const gpu = Math.max(memory, batch * model.computeSecondsPerRequest) + model.overheadSeconds + batch * model.overheadSecondsPerRequest;
  return Math.max(gpu, model.launchSeconds);
}

/** Output tokens per second at a fixed batch: `B x osl / (osl x t_step + B x t_prefill)`. */
export function outputTokensPerSecond(model: StepModel, batch: number): number {
  return (batch * model.outputTokens) / (model.outputTokens * stepSeconds(model, batch) + batch * model.prefillSeconds);
}

/** Requests per second at a fixed batch. */
export function requestsPerSecond(model: StepModel, batch: number): number {
  return outputTokensPerSecond(model, batch) / model.outputTokens;
}

/**
 * The steady state at a rate of requests, or undefined when the replica cannot keep up.
 * Prefill takes the share rho = rate x t_prefill of the time, so that a token comes every t_step / (1 - rho); the batch is
 * B = rate x osl x t_token, solved on both branches of t_step (it is linear in B on each, and the larger one holds).
 * Before the first token: M/D/1 waiting, rho x t_prefill / (2 x (1 - rho)), and the step of the others that it shares.
 */
export function steadyAt(model: StepModel, rate: number): Steady | undefined {
  const rho = rate * model.prefillSeconds;
  if (rho >= 1) return undefined;
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
  const timeToFirstTokenSeconds = model.firstTokenSeconds + (rho * model.prefillSeconds) / (2 * (1 - rho)) + others;
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
