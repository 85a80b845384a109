import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository';
import type { KitStack } from '../kit-stack';
import { imageRepositoryName } from '../names';

/** Images that never got a tag are leftovers of a failed push. */
const UNTAGGED_DAYS = 14;

/** The release's own image repository: tags cannot move, every push is scanned, encrypted with the account's key for ECR. */
export function createImageRegistry(stack: KitStack): EcrRepository {
  const repository = new EcrRepository(stack, 'images', {
    name: imageRepositoryName(stack.context.release),
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: [{ encryptionType: 'KMS' }],
  });
  new EcrLifecyclePolicy(stack, 'images_lifecycle', {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: 'remove what never got a tag',
          selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: UNTAGGED_DAYS },
          action: { type: 'expire' },
        },
      ],
    }),
  });
  return repository;
}
