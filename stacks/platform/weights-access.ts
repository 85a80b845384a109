import { bucketName } from '../bootstrap/bucket';
import type { KitStack } from '../kit-stack';
import { namespaceOf, serviceAccountOf } from '../names';
import { createPodRole } from './pod-role';

/** The release's pods may read the weights bucket, and nothing else. */
export function createWeightsAccess(stack: KitStack, clusterName: string): void {
  const bucketArn = `arn:aws:s3:::${bucketName(stack, 'weights')}`;
  createPodRole(stack, {
    id: 'weights_reader',
    description: 'Inference pods read the weights of the release',
    statements: [
      { Sid: 'List', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucketArn },
      { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/*` },
    ],
    clusterName,
    namespace: namespaceOf(stack.context.release),
    serviceAccount: serviceAccountOf(stack.context.release),
    association: 'weights_access',
  });
}
