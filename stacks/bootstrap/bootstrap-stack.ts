import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import { createBucket } from './bucket';
import { createCiRole } from './ci-role';
import { createImageRegistry } from './image-registry';

/**
 * What must exist before anything can be judged: a registry for the image, a bucket for the weights, a bucket for the state,
 * a role for CI. Not gated: without it no digest could ever exist. It runs no workload.
 */
export class BootstrapStack extends KitStack {
  constructor(scope: Construct, context: StackContext) {
    super(scope, 'bootstrap', context, { gated: false, aws: true });
    const repository = createImageRegistry(this);
    const state = createBucket(this, { id: 'state', noncurrentDays: 365 });
    const weights = createBucket(this, { id: 'weights', noncurrentDays: 30 });
    createCiRole(this, { repositoryArn: repository.arn, writableBucketArns: [weights.arn, state.arn] });
  }
}
