import type { AutoscalingMode, Release } from '../../release/schema';

/** Who owns the number of replicas, and why. */
export interface ModeChoice {
  readonly mode: AutoscalingMode;
  readonly because: string;
}

/**
 * The mode of a release: what it names, else what really scales where maxReplicas is more than minReplicas. In a cluster that the kit makes,
 * that is KEDA, which the kit installs there. In somebody else's cluster it is the HorizontalPodAutoscaler that every cluster has: it needs no
 * new kind of object, and without an external-metrics API it stays at its replicas, which `ovkit verify` reports.
 */
export function scalingMode({ autoscaling, target, minReplicas, maxReplicas }: Release['placement']): ModeChoice {
  if (autoscaling !== undefined) return { mode: autoscaling, because: `The release says ${autoscaling}.` };
  if (minReplicas === maxReplicas) {
    return { mode: 'none', because: `minReplicas and maxReplicas are both ${minReplicas}: there is nothing to scale.` };
  }
  if (minReplicas === 0) {
    return { mode: 'none', because: 'minReplicas is 0, and nothing would hold a request until the first replica is up.' };
  }
  return target === 'aws'
    ? { mode: 'keda', because: 'KEDA asks Prometheus; the kit installs it in its own cluster.' }
    : {
        mode: 'hpa',
        because: 'The autoscaler that every cluster has, on an external-metrics API that this one must have.',
      };
}
