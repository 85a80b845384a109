import type { ChartRollout } from './chart-values';

/**
 * How an update replaces pods so that it can always go on: never both zero, and no pod is waited for that no free place can take.
 * Kubernetes' own default (25 %) rounds to maxSurge 1 and maxUnavailable 0 for one replica, which waits forever where the only GPU is taken.
 *
 * @param replicas  replicas that run
 * @param spareReplicas  replicas that would find a free place beside them; beside maxReplicas when an autoscaler owns their number
 * @param maxReplicas  most replicas of an autoscaler; undefined when nobody scales
 */
export function rolloutStrategy(replicas: number, spareReplicas: number, maxReplicas?: number): ChartRollout {
  if (spareReplicas >= 1) {
    return {
      maxSurge: 1,
      maxUnavailable: 0,
      reason: `Free places beside the running replicas (${replicas}): ${spareReplicas}. The new pod is ready before an old one stops.`,
    };
  }
  if (maxReplicas !== undefined && maxReplicas >= 2) {
    // rounded down, the share is one pod of maxReplicas and none of fewer: only then is no place free for the new pod
    return {
      maxSurge: 1,
      maxUnavailable: `${Math.ceil(100 / maxReplicas)}%`,
      reason: `Below ${maxReplicas} replicas a place is free and the new pod is ready before an old one stops; with all ${maxReplicas} running one stops at a time.`,
    };
  }
  if (replicas >= 2) {
    return {
      maxSurge: 0,
      maxUnavailable: 1,
      reason: `No free place beside the running replicas (${replicas}): one stops at a time, ${replicas - 1} keep serving.`,
    };
  }
  return {
    maxSurge: 0,
    maxUnavailable: 1,
    reason:
      'One replica and no free place for a second: the old pod stops before the new one starts, and the service pauses for a cold start.',
  };
}
