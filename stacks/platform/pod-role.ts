import { EksPodIdentityAssociation } from '@cdktf/provider-aws/lib/eks-pod-identity-association';
import { createRole, type PolicyStatement, type RoleOptions } from '../iam';
import type { KitStack } from '../kit-stack';

export interface PodRoleOptions extends Pick<RoleOptions, 'id' | 'description'> {
  readonly statements: readonly PolicyStatement[];
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Construct id of the association. */
  readonly association: string;
}

/** A role that the pods of one service account take, by EKS pod identity: no key is stored, no OIDC provider is needed. */
export function createPodRole(stack: KitStack, options: PodRoleOptions) {
  const { id, description, statements, clusterName, namespace, serviceAccount } = options;
  const created = createRole(stack, {
    id,
    description,
    trust: { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
    statements,
  });
  new EksPodIdentityAssociation(stack, options.association, { clusterName, namespace, serviceAccount, roleArn: created.role.arn });
  return created;
}
