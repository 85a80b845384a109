import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association';
import type { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster';
import { sha256Hex } from '../../core/canonical-json';
import type { KitStack } from '../kit-stack';

const ADMIN_POLICY = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy';
const ID_CHARACTERS = 8;

/** Administrators besides the principal that creates the cluster (OVKIT_CLUSTER_ADMINS). */
export function createAccessEntries(stack: KitStack, cluster: EksCluster): void {
  for (const principalArn of new Set(stack.context.settings.clusterAdmins)) {
    // an id from the ARN, so that removing one administrator does not touch the next
    const id = `admin_${sha256Hex(principalArn).slice(0, ID_CHARACTERS)}`;
    const entry = new EksAccessEntry(stack, id, { clusterName: cluster.name, principalArn });
    new EksAccessPolicyAssociation(stack, `${id}_policy`, {
      clusterName: cluster.name,
      principalArn: entry.principalArn,
      policyArn: ADMIN_POLICY,
      accessScope: { type: 'cluster' },
    });
  }
}
