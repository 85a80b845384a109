import type { Plan } from '../../planning/plan';

export interface NodeCounts {
  readonly min: number;
  readonly desired: number;
  readonly max: number;
}

/** Nodes for the replicas of a plan: as many replicas share a node as its GPUs can carry, and one on a CPU node. */
export function nodeCounts(placement: Plan['placement']): NodeCounts {
  const perNode = placement.device === 'gpu' ? Math.max(1, Math.floor(placement.gpuCount / placement.tensorParallel)) : 1;
  const nodes = (replicas: number): number => Math.ceil(replicas / perNode);
  const min = nodes(placement.minReplicas);
  const max = Math.max(1, min, nodes(placement.maxReplicas));
  return { min, max, desired: Math.min(max, Math.max(min, nodes(placement.replicas))) };
}
