import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { TerraformData } from '../../gate/terraform-data';
import { createRole } from '../../iam';
import { accountIdOf, type KitStack, regionOf } from '../../kit-stack';
import { karpenterProfileName } from '../../names';
import { KARPENTER } from '../../system-accounts';
import { capacityGroups } from '../capacity';
import { capacityConditions } from '../capacity-conditions';
import { NODE_POLICIES } from '../node-role';
import { createPodRole } from '../pod-role';
import { controllerStatements } from './controller-policy';
import { createInterruptionQueue } from './interruption-queue';

/**
 * What Karpenter needs in AWS: a role for its controller, a role and an instance profile for its nodes, their way into the cluster, and
 * the queue of interruptions. Controller, NodePool and EC2NodeClass are installed by the workloads.
 */
export function createKarpenter(stack: KitStack, clusterName: string, subnetIds: string[]): SqsQueue | null {
  const { release, plan } = stack.context;
  // a role of its own: EKS makes and removes the access entry of a role that a managed node group uses
  const { role } = createRole(stack, {
    id: 'karpenter_node',
    description: 'Kubernetes nodes that Karpenter starts',
    trust: 'ec2.amazonaws.com',
    managed: NODE_POLICIES,
  });
  new IamInstanceProfile(stack, 'karpenter_node_profile', { name: karpenterProfileName(release), role: role.name });
  new EksAccessEntry(stack, 'karpenter_node_access', { clusterName, principalArn: role.arn, type: 'EC2_LINUX' });
  new TerraformData(stack, 'model_capacity', { precondition: capacityConditions(stack, capacityGroups(plan.placement), subnetIds) });
  // a cluster that has its Karpenter has its role and its queue
  return stack.context.settings.addons === 'needed' ? createController(stack, clusterName, role.arn) : null;
}

/** The role of the controller, and the queue that it reads. */
function createController(stack: KitStack, clusterName: string, nodeRoleArn: string): SqsQueue {
  const queue = createInterruptionQueue(stack);
  createPodRole(stack, {
    id: 'karpenter_controller',
    description: 'Karpenter starts and removes nodes for the model',
    statements: controllerStatements({
      region: regionOf(stack.context.release),
      account: accountIdOf(stack),
      clusterName,
      nodeRoleArn,
      queueArn: queue.arn,
    }),
    clusterName,
    association: 'karpenter_controller_access',
    ...KARPENTER,
  });
  return queue;
}
