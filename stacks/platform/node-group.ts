import { AutoscalingGroupTagA } from '@cdktf/provider-aws/lib/autoscaling-group-tag';
import { EksNodeGroup, type EksNodeGroupConfig } from '@cdktf/provider-aws/lib/eks-node-group';
import type { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template';
import type { ITerraformDependable } from 'cdktf';
import type { KitStack } from '../kit-stack';
import { boundedName, NAME_LIMIT } from '../names';
import type { NodeCounts } from './node-counts';
import type { NodeRole } from './node-role';

/** What every node group stands on. */
export interface NodeGroupBase {
  readonly cluster: { readonly name: string };
  readonly nodeRole: NodeRole;
  readonly subnetIds: string[];
  /** What must be there before a node can become Ready. */
  readonly after: readonly ITerraformDependable[];
}

export interface NodeGroupOptions extends NodeGroupBase {
  /** "system", "model" or "fallback". */
  readonly id: string;
  readonly template: LaunchTemplate;
  readonly counts: NodeCounts;
  readonly group: Pick<EksNodeGroupConfig, 'amiType' | 'capacityType' | 'instanceTypes' | 'labels' | 'taint' | 'lifecycle'>;
}

/** A managed node group, whose Auto Scaling group hands the cost tags on to what it starts. */
export function createNodeGroup(stack: KitStack, options: NodeGroupOptions): EksNodeGroup {
  const { cluster, nodeRole, template, counts, id } = options;
  const group = new EksNodeGroup(stack, `${id}_nodes`, {
    ...options.group,
    clusterName: cluster.name,
    nodeGroupName: boundedName(stack.context.release, id, NAME_LIMIT.eksNodeGroup),
    // without a pin EKS recommends one when the group is made; a later deploy leaves it alone
    releaseVersion: stack.context.settings.nodeRelease ?? undefined,
    nodeRoleArn: nodeRole.role.arn,
    subnetIds: options.subnetIds,
    launchTemplate: { id: template.id, version: `\${tostring(${template.fqn}.latest_version)}` },
    scalingConfig: { minSize: counts.min, desiredSize: counts.desired, maxSize: counts.max },
    updateConfig: { maxUnavailable: 1 },
    nodeRepairConfig: { enabled: true },
    dependsOn: [...nodeRole.permissions, ...options.after],
  });
  const autoscalingGroupName = group.resources.get(0).autoscalingGroups.get(0).name;
  for (const [key, value] of Object.entries(stack.context.tags)) {
    new AutoscalingGroupTagA(stack, `${id}_nodes_tag_${key.toLowerCase().replace(/[^a-z0-9]/g, '_')}`, {
      autoscalingGroupName,
      tag: { key, value, propagateAtLaunch: true },
    });
  }
  return group;
}
