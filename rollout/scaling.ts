import type { AutoscalerView } from './cluster-types';
import { finding } from './compare';
import type { RolloutFinding } from './schema';

/**
 * Whether the autoscaler that the plan counts on is there and reads its signals. Without them it holds its replicas: the service runs, but it
 * does not follow the load.
 * @param scaled  whether the plan has the release scaled
 */
export function scalingFindings(workload: string, scaled: boolean, autoscalers: readonly AutoscalerView[]): RolloutFinding[] {
  if (!scaled) return [];
  const own = autoscalers.filter(({ spec }) => spec.scaleTargetRef.name === workload);
  if (own.length === 0) return [finding('OVK-RUN-010', 'warning', workload, 'no autoscaler drives it', 'one', '0')];
  if (own.length > 1) {
    const names = own.map(({ metadata }) => metadata.name).join(', ');
    return [finding('OVK-RUN-010', 'error', workload, 'several autoscalers drive it, against each other', 'one', names)];
  }
  return own.flatMap(({ metadata, status }) =>
    (status?.conditions ?? [])
      .filter(({ type, status: is }) => (type === 'ScalingActive' || type === 'AbleToScale') && is === 'False')
      .map(({ reason, message }) =>
        finding('OVK-RUN-010', 'warning', metadata.name, `it holds its replicas: ${reason}: ${message}`, 'signals that can be read', null),
      ),
  );
}
