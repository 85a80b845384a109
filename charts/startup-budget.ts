import type { Plan } from '../planning/plan';
import type { ChartValues } from './chart-values';
import { weightsBytes } from './plan-weights';

/**
 * Seconds that a container may take until it is healthy, and seconds without progress after which an update counts as failed.
 * The budget is generous on purpose: too short a startup probe kills an engine that was about to be ready, over and over.
 *
 * Formula: base of the engine + 2 x weights bytes / 100 MB/s, in whole minutes. Source of the bases: KServe 600 s for vLLM (aaac4e2), which covers
 * compilation and CUDA graphs; llama-server is healthy in under a second once a small file is read, 120 s leave room for a slow disk.
 * To be replaced by the measured cold start.
 */
export function startupBudget(plan: Plan): ChartValues['startup'] {
  const reading = (READ_MARGIN * weightsBytes(plan)) / DISK_BYTES_PER_SECOND;
  const budgetSeconds = MINUTE * Math.ceil((BASE_SECONDS[plan.engine.kind] + reading) / MINUTE);
  return {
    budgetSeconds,
    periodSeconds: PERIOD_SECONDS[plan.engine.kind],
    progressDeadlineSeconds: budgetSeconds + NODE_AND_IMAGE_SECONDS,
  };
}

const MINUTE = 60;
/** Seconds between two startup probes: an engine that is up in a second must not wait for ten. */
const PERIOD_SECONDS = { vllm: 10, 'llama.cpp': 2 } as const;
const BASE_SECONDS = { vllm: 600, 'llama.cpp': 120 } as const;
/** A gp3 volume at its base of 125 MiB/s, rounded down; local NVMe is ten times faster. */
const DISK_BYTES_PER_SECOND = 100e6;
const READ_MARGIN = 2;
/** Until the container starts: a new node, and an image of some 10 GB. Source: ai-on-eks, 10-12 min without preloaded images. */
const NODE_AND_IMAGE_SECONDS = 900;
