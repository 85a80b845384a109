import type { Capacity } from '../../release/schema';
import type { Plan } from '../plan';
import { quotaFor } from '../price/quota';
import type { Node } from './node';

/**
 * What is taken when the chosen kind of capacity has nothing to give: on-demand, where the release allows it beside spot or reserved.
 * On-demand has no fallback: what is cheaper was weighed already, and a placement is never moved to something that can be taken away.
 */
export function fallbackOf(
  allowed: readonly Capacity[],
  chosen: Capacity | null,
  node: Node,
  mostNodes: number,
): Plan['placement']['fallback'] {
  if (chosen === null || chosen === 'on-demand' || !allowed.includes('on-demand') || node.instance === null) return null;
  return { capacity: 'on-demand', quota: quotaFor(node.instance, 'on-demand', mostNodes) };
}
