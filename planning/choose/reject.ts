import type { Rejected } from '../plan';
import { idle, meanHeldBy } from '../throughput/at-rate';
import type { Speed } from '../throughput/step-model';
import { countText, GIB, MS } from '../units';
import type { Question } from './question';
import type { Trial } from './replicas';

/** Says why a trial failed and by how much. */
export function rejectTrial(
  question: Question,
  candidate: string,
  trial: Trial,
  speed: Speed | undefined,
  needed: number | undefined,
): Rejected {
  if (trial.failure === 'memory') return memoryRejection(question, candidate, trial);
  const { targets, placement, load } = question.release;
  if (needed !== undefined) {
    return {
      candidate,
      code: 'E_REPLICAS',
      reason: `${countText(needed)} replicas are needed for ${load.peakRequestsPerSecond} requests/s within the targets; maxReplicas is ${placement.maxReplicas}.`,
      shortBy: { value: needed - placement.maxReplicas, unit: 'replicas' },
    };
  }
  const alone = speed ? idle(speed.model('value')) : undefined;
  const fast = speed ? idle(speed.model('fast')) : undefined;
  const token = (alone?.timePerOutputTokenSeconds ?? 0) * MS;
  if (token > targets.timePerOutputTokenMs) {
    const best = (fast?.timePerOutputTokenSeconds ?? 0) * MS;
    return target(candidate, 'E_TARGET_TPOT', 'time per output token', token, targets.timePerOutputTokenMs, best);
  }
  const first = (alone?.timeToFirstTokenSeconds ?? 0) * MS;
  return target(
    candidate,
    'E_TARGET_TTFT',
    'time to first token',
    first,
    targets.timeToFirstTokenMs,
    (fast?.timeToFirstTokenSeconds ?? 0) * MS,
  );
}

function target(candidate: string, code: string, what: string, value: number, wanted: number, best: number): Rejected {
  const optimistic = best <= wanted ? ` Only the optimistic end (${best.toFixed(0)} ms) meets it.` : '';
  return {
    candidate,
    code,
    reason: `${what} is ${value.toFixed(0)} ms even for one request alone; the target is ${wanted} ms.${optimistic}`,
    shortBy: { value: value - wanted, unit: 'ms' },
  };
}

/** One node more than the peak needs is not allowed. */
export function rejectFailure(question: Question, candidate: string, needed: number, perNode: number): Rejected {
  const { maxReplicas } = question.release.placement;
  return {
    candidate,
    code: 'E_REPLICAS',
    reason: `${countText(needed)} replicas are needed so that the loss of one node (${perNode} of them) leaves the targets met; maxReplicas is ${maxReplicas}.`,
    shortBy: { value: needed - maxReplicas, unit: 'replicas' },
  };
}

const MEMORY_CODES = {
  gpu: 'E_FIT_GPU_MEMORY',
  loading: 'E_FIT_GPU_MEMORY',
  'kv-cache': 'E_FIT_KV_CACHE',
  host: 'E_FIT_HOST_MEMORY',
} as const;

function memoryRejection(question: Question, candidate: string, trial: Trial): Rejected {
  const { fit, shortage } = trial.fit;
  const heldLoad = shortage === 'kv-cache' ? ` ${loadThatFits(question, trial)}` : '';
  return {
    candidate,
    code: MEMORY_CODES[shortage ?? 'gpu'],
    reason: `${fit.because}${heldLoad}`,
    shortBy: { value: fit.shortByBytes / GIB, unit: 'GiB' },
  };
}

/** The load that the cache would hold with maxReplicas. */
function loadThatFits(question: Question, trial: Trial): string {
  const { concurrentRequests, tokens } = trial.fit.fit.kvCache;
  const { maxModelLen } = trial.settings;
  const held = concurrentRequests ?? 0;
  if (held < 1 || (tokens ?? 0) < maxModelLen) return `It would hold requests of at most ${countText(tokens ?? 0)} tokens.`;
  const inSystem = trial.steady ? trial.steady.inFlight / trial.ratePerReplica : undefined;
  if (inSystem === undefined) return `It would hold ${countText(held)} request(s) at once.`;
  const rate = (meanHeldBy(held) / inSystem) * trial.replicas;
  return `With ${trial.replicas} replica(s) it would hold a peak of about ${rate.toPrecision(2)} requests/s instead of ${question.release.load.peakRequestsPerSecond}.`;
}
