import type { StackContext } from '../kit-stack';
import { capacityGroups } from './capacity';

/** Who starts and stops nodes between the bounds: Karpenter, the Cluster Autoscaler, or nobody where there is nothing to decide. */
export type NodeScaler = 'karpenter' | 'cluster-autoscaler' | 'none';

/**
 * A managed node group does not follow its pods: without an autoscaler a replica more, the new pod of an update or the fallback from spot
 * would wait for ever.
 */
export function nodeScaler({ release, plan }: Pick<StackContext, 'release' | 'plan'>): NodeScaler {
  const { placement } = plan;
  if (release.placement.target !== 'aws' || placement.instanceType === null) return 'none';
  if (release.placement.nodes === 'karpenter') return 'karpenter';
  const [model, ...others] = capacityGroups(placement);
  return others.length > 0 || (model !== undefined && model.counts.max > model.counts.min) ? 'cluster-autoscaler' : 'none';
}
