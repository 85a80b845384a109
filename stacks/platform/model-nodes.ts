import type { EksNodeGroup, EksNodeGroupConfig } from '@cdktf/provider-aws/lib/eks-node-group';
import type { KitStack } from '../kit-stack';
import { amiTypeOf } from './ami-type';
import { nodeScaler } from './autoscaling';
import { type CapacityGroup, capacityGroups } from './capacity';
import { capacityConditions, type Preconditions } from './capacity-conditions';
import { createLaunchTemplate } from './launch-template';
import { createNodeGroup, type NodeGroupBase } from './node-group';
import { GPU_TAINT, modelLabels } from './node-marks';
import { createOffHours, offHoursOf } from './off-hours';

/**
 * Managed node groups for the model, of the type and number that the plan chose: one for each kind of capacity, so that the Cluster
 * Autoscaler can prefer one and fall back to the other.
 */
export function createModelNodes(stack: KitStack, instanceType: string, base: NodeGroupBase): EksNodeGroup[] {
  const groups = capacityGroups(stack.context.plan.placement);
  const conditions = capacityConditions(stack, groups, base.subnetIds);
  return groups.map((group, index) => {
    // the first group of all carries the conditions: nothing of the others is of use when they fail
    const nodes = createGroup(stack, instanceType, base, group, index === 0 ? conditions : undefined);
    createOffHours(stack, nodes, group);
    return nodes;
  });
}

function createGroup(
  stack: KitStack,
  instanceType: string,
  base: NodeGroupBase,
  { id, capacity, counts }: CapacityGroup,
  precondition: Preconditions | undefined,
): EksNodeGroup {
  const { settings, plan } = stack.context;
  const { placement } = plan;
  const reservation = id === 'model' ? settings.capacityReservation : null;
  return createNodeGroup(stack, {
    ...base,
    id,
    template: createLaunchTemplate(stack, {
      id,
      volumeGib: placement.volumeGib,
      localNvmeGb: placement.localNvmeGb,
      capacityReservation: reservation,
    }),
    counts,
    group: {
      amiType: amiTypeOf(instanceType, placement.device),
      // what is reserved is billed, and started, as on-demand
      capacityType: capacity === 'spot' ? 'SPOT' : 'ON_DEMAND',
      instanceTypes: [instanceType],
      // the capacity is told by EKS itself: eks.amazonaws.com/capacityType
      labels: modelLabels(stack.context),
      taint: placement.device === 'gpu' ? [GPU_TAINT] : undefined,
      lifecycle: { precondition, ignoreChanges: movingSizes(stack) },
    },
  });
}

/** Sizes that something else moves after the deploy; a deploy must not move them back. */
function movingSizes(stack: KitStack): NonNullable<EksNodeGroupConfig['lifecycle']>['ignoreChanges'] {
  const desired = 'scaling_config[0].desired_size';
  if (offHoursOf(stack.context.release)) return [desired, 'scaling_config[0].min_size', 'scaling_config[0].max_size'];
  return nodeScaler(stack.context) === 'cluster-autoscaler' ? [desired] : undefined;
}
