import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { policyDocument } from '../iam';
import { accountIdOf, type KitStack } from '../kit-stack';
import { boundedName, NAME_LIMIT } from '../names';
import { protection } from '../protection';

export interface BucketOptions {
  readonly id: 'state' | 'weights';
  /** Days that an overwritten or deleted version is kept. */
  readonly noncurrentDays: number;
}

const ABANDONED_UPLOAD_DAYS = 7;

/** Name of a bucket of the release; bucket names are global, so it carries the account. */
export function bucketName(stack: KitStack, id: BucketOptions['id']): string {
  return `${boundedName(stack.context.release, id, NAME_LIMIT.bucketBeforeAccount)}-${accountIdOf(stack)}`;
}

/** A private bucket: versioned, encrypted, no public access, no ACLs, TLS only. */
export function createBucket(stack: KitStack, { id, noncurrentDays }: BucketOptions): S3Bucket {
  const bucket = new S3Bucket(stack, `${id}_bucket`, { bucket: bucketName(stack, id), lifecycle: protection(stack) });
  const versioning = new S3BucketVersioningA(stack, `${id}_bucket_versioning`, {
    bucket: bucket.id,
    versioningConfiguration: { status: 'Enabled' },
  });
  new S3BucketServerSideEncryptionConfigurationA(stack, `${id}_bucket_encryption`, {
    bucket: bucket.id,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms' }, bucketKeyEnabled: true }],
  });
  const block = new S3BucketPublicAccessBlock(stack, `${id}_bucket_public_access`, {
    bucket: bucket.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketOwnershipControls(stack, `${id}_bucket_ownership`, { bucket: bucket.id, rule: { objectOwnership: 'BucketOwnerEnforced' } });
  new S3BucketPolicy(stack, `${id}_bucket_policy`, {
    bucket: bucket.id,
    policy: policyDocument([
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [bucket.arn, `${bucket.arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]),
    dependsOn: [block],
  });
  new S3BucketLifecycleConfiguration(stack, `${id}_bucket_lifecycle`, {
    bucket: bucket.id,
    rule: [
      {
        id: 'tidy',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: ABANDONED_UPLOAD_DAYS }],
        noncurrentVersionExpiration: [{ noncurrentDays }],
      },
    ],
    dependsOn: [versioning],
  });
  return bucket;
}
