import type { Plan } from '../planning/plan';
import type { ChartAutoscaling } from './chart-values';

/**
 * The chart's values for what the plan says of scaling. Queries keep the placeholder `$PODS`: only the chart knows the names of its pods.
 * @param prometheusUrl  Prometheus that KEDA asks; the chart's default otherwise
 */
export function chartAutoscaling({ scaling }: Pick<Plan, 'scaling'>, prometheusUrl?: string): ChartAutoscaling {
  const window = ({ stabilizationSeconds, replicas, periodSeconds }: Plan['scaling']['scaleUp']) => ({
    stabilizationSeconds: Math.round(stabilizationSeconds.value),
    pods: replicas.value,
    periodSeconds: Math.round(periodSeconds.value),
  });
  return {
    mode: scaling.mode,
    minReplicas: scaling.minReplicas,
    maxReplicas: Math.max(1, scaling.maxReplicas),
    fallbackReplicas: Math.min(scaling.maxReplicas, scaling.fallbackReplicas.value),
    ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
    signals: scaling.signals.map(({ id, query, target }) => ({ name: id, query, target: target.value })),
    scaleUp: window(scaling.scaleUp),
    scaleDown: window(scaling.scaleDown),
  };
}
