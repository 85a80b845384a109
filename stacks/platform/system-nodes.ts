import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { KitStack } from '../kit-stack';
import { amiTypeOf } from './ami-type';
import { createLaunchTemplate } from './launch-template';
import { createNodeGroup, type NodeGroupBase } from './node-group';
import { SYSTEM_NODES } from './system-node-type';

/** Nodes for what is not the model, so that DNS does not go down with a GPU node and no GPU waits for it. */
export function createSystemNodes(stack: KitStack, base: NodeGroupBase): EksNodeGroup {
  const { instanceType, count, volumeGib } = SYSTEM_NODES;
  return createNodeGroup(stack, {
    ...base,
    id: 'system',
    template: createLaunchTemplate(stack, { id: 'system', volumeGib, localNvmeGb: 0 }),
    counts: { min: count, desired: count, max: count + 1 },
    group: {
      amiType: amiTypeOf(instanceType, 'cpu'),
      capacityType: 'ON_DEMAND',
      instanceTypes: [instanceType],
      labels: { 'onevision-kit/nodes': 'system' },
    },
  });
}
