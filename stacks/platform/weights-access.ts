import type { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster';
import { EksPodIdentityAssociation } from '@cdktf/provider-aws/lib/eks-pod-identity-association';
import { bucketName } from '../bootstrap/bucket';
import { createRole } from '../iam';
import type { KitStack } from '../kit-stack';
import { namespaceOf, serviceAccountOf } from '../names';

/** The release's pods may read the weights bucket, and nothing else; by EKS pod identity, so that no key is stored. */
export function createWeightsAccess(stack: KitStack, cluster: EksCluster): void {
  const bucketArn = `arn:aws:s3:::${bucketName(stack, 'weights')}`;
  const { role } = createRole(stack, {
    id: 'weights_reader',
    description: 'Inference pods read the weights of the release',
    trust: { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
    statements: [
      { Sid: 'List', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucketArn },
      { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/*` },
    ],
  });
  new EksPodIdentityAssociation(stack, 'weights_access', {
    clusterName: cluster.name,
    namespace: namespaceOf(stack.context.release),
    serviceAccount: serviceAccountOf(stack.context.release),
    roleArn: role.arn,
  });
}
