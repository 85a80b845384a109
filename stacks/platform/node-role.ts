import type { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import type { ITerraformDependable } from 'cdktf';
import { createRole } from '../iam';
import type { KitStack } from '../kit-stack';

export interface NodeRole {
  readonly role: IamRole;
  /** Nodes join only after the permissions are there, and leave before they go. */
  readonly permissions: readonly ITerraformDependable[];
}

export const NODE_POLICIES = ['AmazonEKSWorkerNodePolicy', 'AmazonEKS_CNI_Policy', 'AmazonEC2ContainerRegistryPullOnly'] as const;

/** What every node may do: join, network, pull images. Pods get their own permissions by pod identity. */
export function createNodeRole(stack: KitStack): NodeRole {
  return createRole(stack, {
    id: 'node',
    description: 'Kubernetes nodes',
    trust: 'ec2.amazonaws.com',
    managed: NODE_POLICIES,
  });
}
