import { bucketName } from '../bootstrap/bucket';
import type { KitStack } from '../kit-stack';
import { namespaceOf, serviceAccountOf, WEIGHTS_MIRROR_ACCOUNT, weightsNamespaceOf } from '../names';
import { createPodRole } from './pod-role';

/** The release's pods may read the weights bucket, and the job that mirrors the weights may fill it; neither may do anything else. */
export function createWeightsAccess(stack: KitStack, clusterName: string): void {
  const { release, settings } = stack.context;
  const bucketArn = `arn:aws:s3:::${bucketName(stack, 'weights')}`;
  const list = { Sid: 'List', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucketArn } as const;
  createPodRole(stack, {
    id: 'weights_reader',
    description: 'Inference pods read the weights of the release',
    statements: [list, { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/*` }],
    clusterName,
    namespace: namespaceOf(release),
    serviceAccount: serviceAccountOf(release),
    association: 'weights_access',
  });
  if (settings.weights !== 'hub') return;
  createPodRole(stack, {
    id: 'weights_mirror',
    description: 'The job that mirrors the weights fills their bucket',
    // without the list a missing object looks like a forbidden one
    statements: [list, { Sid: 'Fill', Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `${bucketArn}/*` }],
    clusterName,
    namespace: weightsNamespaceOf(release),
    serviceAccount: WEIGHTS_MIRROR_ACCOUNT,
    association: 'weights_mirror_access',
  });
}
