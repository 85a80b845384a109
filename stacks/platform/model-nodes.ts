import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import { Annotations, Fn, Op } from 'cdktf';
import type { Plan } from '../../planning/plan';
import type { KitStack } from '../kit-stack';
import { amiTypeOf } from './ami-type';
import { createLaunchTemplate } from './launch-template';
import { nodeCounts } from './node-counts';
import { createNodeGroup, type NodeGroupBase } from './node-group';
import { createOffHours, offHoursOf } from './off-hours';
import { quotaConditions } from './quota';

/** Kept free for pods that need a GPU; the device plugin and the chart tolerate it. */
const GPU_TAINT = { key: 'nvidia.com/gpu', value: 'true', effect: 'NO_SCHEDULE' } as const;

/** Nodes for the model, of the type and number that the plan chose. None while the plan has no placement; the gate then refuses anyway. */
export function createModelNodes(stack: KitStack, base: NodeGroupBase): EksNodeGroup | null {
  const { placement } = stack.context.plan;
  const { instanceType } = placement;
  if (instanceType === null) {
    Annotations.of(stack).addWarning('The plan has no instance type: no nodes for the model are made.');
    return null;
  }
  const gpu = placement.device === 'gpu';
  const group = createNodeGroup(stack, {
    ...base,
    id: 'model',
    template: createLaunchTemplate(stack, {
      id: 'model',
      volumeGib: placement.volumeGib,
      localNvmeGb: placement.localNvmeGb,
      capacityReservation: stack.context.settings.capacityReservation,
    }),
    counts: nodeCounts(placement),
    group: {
      amiType: amiTypeOf(instanceType, placement.device),
      capacityType: capacityType(placement.capacity),
      instanceTypes: [instanceType],
      labels: {
        'onevision-kit/nodes': 'model',
        'onevision-kit/release': stack.context.release.metadata.name,
        // where the device plugin's DaemonSet goes
        ...(gpu ? { 'nvidia.com/gpu.present': 'true' } : {}),
      },
      taint: gpu ? [GPU_TAINT] : undefined,
      lifecycle: {
        precondition: [
          {
            // not "> 0": cdktf 0.21 renders a literal 0 in an operation as undefined
            condition: Op.gte(Fn.lengthOf(base.subnetIds), 1),
            errorMessage: `No zone of the VPC offers ${instanceType}. Next: allow another family in placement.instanceFamilies, or another region.`,
          },
          ...quotaConditions(stack),
        ],
        // the schedule moves the size; a deploy in the off hours must not start the nodes again
        ignoreChanges: offHoursOf(stack.context.release) ? ['scaling_config[0].desired_size', 'scaling_config[0].min_size'] : undefined,
      },
    },
  });
  createOffHours(stack, group, nodeCounts(placement));
  return group;
}

/** A reservation that is open to the type is used by on-demand instances by themselves. */
function capacityType(capacity: Plan['placement']['capacity']): 'SPOT' | 'ON_DEMAND' {
  return capacity === 'spot' ? 'SPOT' : 'ON_DEMAND';
}
