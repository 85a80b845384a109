import type { Plan } from '../../planning/plan';
import { type NodeCounts, nodeCounts } from './node-counts';

type Placement = Plan['placement'];

/** Nodes of one kind of capacity. */
export interface CapacityGroup {
  /** "model" is what the plan chose; "fallback" stands at zero until the other has nothing to give. */
  readonly id: 'model' | 'fallback';
  readonly capacity: NonNullable<Placement['capacity']>;
  readonly quota: Placement['quota'];
  readonly counts: NodeCounts;
}

/** The kinds of capacity that a plan uses, in order of preference. */
export function capacityGroups(placement: Placement): readonly CapacityGroup[] {
  const counts = nodeCounts(placement);
  const chosen: CapacityGroup = { id: 'model', capacity: placement.capacity ?? 'on-demand', quota: placement.quota, counts };
  if (placement.fallback === null) return [chosen];
  return [chosen, { id: 'fallback', ...placement.fallback, counts: { min: 0, desired: 0, max: counts.max } }];
}
