import type { Figure } from '../core/figure';
import type { Plan } from '../planning/plan';
import type { ChartValues } from './chart-values';
import { weightsBytes } from './plan-weights';

/**
 * Seconds that a container may take until it is healthy, and seconds without progress after which an update counts as failed.
 * The budget is generous on purpose: too short a startup probe kills an engine that was about to be ready, over and over.
 *
 * Measured start of the engine: twice the high end of its figure. Without one, in whole minutes: base of the engine + 2 x weights bytes / 100 MB/s.
 * Source of the bases: KServe 600 s for vLLM (aaac4e2), which covers compilation and CUDA graphs; llama-server is healthy in under a second
 * once a small file is read, 120 s leave room for a slow disk. Neither is less than the high end of the plan's own estimate.
 */
export function startupBudget(plan: Plan): ChartValues['startup'] {
  const { arrivalSeconds, engineSeconds } = plan.scaling;
  const reading = (READ_MARGIN * weightsBytes(plan)) / DISK_BYTES_PER_SECOND;
  const assumed = Math.max(BASE_SECONDS[plan.engine.kind] + reading, engineSeconds.high ?? 0);
  const budgetSeconds = wholeMinutes(measuredMargin(engineSeconds) ?? assumed);
  const arrival = measuredMargin(arrivalSeconds) ?? Math.max(NODE_AND_IMAGE_SECONDS, arrivalSeconds.high ?? 0);
  return {
    budgetSeconds,
    periodSeconds: PERIOD_SECONDS[plan.engine.kind],
    progressDeadlineSeconds: budgetSeconds + wholeMinutes(arrival),
    reason: `Engine until healthy: ${said(engineSeconds)}. Node, image and weights before it: ${said(arrivalSeconds)}.`,
  };
}

const MINUTE = 60;
/** Seconds between two startup probes: an engine that is up in a second must not wait for ten. */
const PERIOD_SECONDS = { vllm: 10, 'llama.cpp': 2 } as const;
const BASE_SECONDS = { vllm: 600, 'llama.cpp': 120 } as const;
/** A gp3 volume at its base of 125 MiB/s, rounded down; local NVMe is ten times faster. */
const DISK_BYTES_PER_SECOND = 100e6;
const READ_MARGIN = 2;
const MEASURED_MARGIN = 2;
/** Until the container starts: a new node, and an image of some 10 GB. Source: ai-on-eks, 10-12 min without preloaded images. */
const NODE_AND_IMAGE_SECONDS = 900;

function measuredMargin({ basis, high }: Figure): number | undefined {
  return basis === 'sourced' && high !== null ? MEASURED_MARGIN * high : undefined;
}

function wholeMinutes(seconds: number): number {
  return MINUTE * Math.max(1, Math.ceil(seconds / MINUTE));
}

function said({ value, low, high, basis, source }: Figure): string {
  if (value === null) return 'unknown';
  return basis === 'sourced' ? `${value} s, ${source}` : `estimated at ${value} s (${low} to ${high} s), not measured`;
}
