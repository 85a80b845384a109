import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster';
import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { createRole } from '../iam';
import type { KitStack } from '../kit-stack';
import { releasePrefix } from '../names';

const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];
const LOG_RETENTION_DAYS = 90;

/** The EKS control plane: logs on, secrets encrypted, API access entries, private endpoint, public one only for named networks. */
export function createCluster(stack: KitStack, key: KmsKey, subnetIds: readonly string[]): EksCluster {
  const name = releasePrefix(stack.context.release);
  const { clusterCidrs } = stack.context.settings;
  const { role, permissions } = createRole(stack, {
    id: 'cluster',
    description: 'EKS control plane',
    trust: { Effect: 'Allow', Principal: { Service: 'eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
    managed: ['AmazonEKSClusterPolicy'],
  });
  const logs = new CloudwatchLogGroup(stack, 'cluster_logs', {
    // the name that EKS writes to; made here so that its retention and key are ours
    name: `/aws/eks/${name}/cluster`,
    retentionInDays: LOG_RETENTION_DAYS,
    kmsKeyId: key.arn,
  });
  return new EksCluster(stack, 'cluster', {
    name,
    version: stack.context.settings.kubernetesVersion,
    roleArn: role.arn,
    accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: true },
    vpcConfig: {
      subnetIds: [...subnetIds],
      endpointPrivateAccess: true,
      endpointPublicAccess: clusterCidrs.length > 0,
      publicAccessCidrs: clusterCidrs.length > 0 ? [...clusterCidrs] : undefined,
    },
    enabledClusterLogTypes: LOG_TYPES,
    encryptionConfig: { provider: { keyArn: key.arn }, resources: ['secrets'] },
    // extended support costs six times as much; the cluster is upgraded instead
    upgradePolicy: { supportType: 'STANDARD' },
    // the managed add-ons below own these
    bootstrapSelfManagedAddons: false,
    dependsOn: [...permissions, logs],
  });
}
