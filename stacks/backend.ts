import { LocalBackend, S3Backend, type S3BackendConfig, type TerraformStack } from 'cdktf';
import type { Release } from '../release/schema';
import { releasePrefix } from './names';

/** Terraform runs in <out>/stacks/<stack>, so the state lies beside the output folder: it outlives the folder. */
const FROM_STACK_FOLDER = '../../..';
/** S3 locking without DynamoDB needs Terraform 1.10; preconditions with plantimestamp() need 1.5. */
const REQUIRED_VERSION = { local: '>= 1.5.0', s3: '>= 1.10.0' };

/**
 * Where the state of a stack is kept. Each release and environment has its own, so that switching
 * OVKIT_ENVIRONMENT never shows Terraform another environment's resources.
 */
export function addBackend(stack: TerraformStack, release: Release, stateBucket: string | null): void {
  const owner = releasePrefix(release);
  if (stateBucket === null) {
    new LocalBackend(stack, { path: `${FROM_STACK_FOLDER}/terraform.${owner}.${stack.node.id}.tfstate` });
  } else {
    new S3Backend(stack, {
      bucket: stateBucket,
      key: `onevision-kit/${owner}/${stack.node.id}.tfstate`,
      region: release.placement.region ?? 'us-east-1',
      encrypt: true,
      // not typed in cdktf 0.21, but passed through
      ...({ useLockfile: true } as Partial<S3BackendConfig>),
    });
  }
  stack.addOverride('terraform.required_version', stateBucket === null ? REQUIRED_VERSION.local : REQUIRED_VERSION.s3);
}
