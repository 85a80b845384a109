import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { policyDocument } from '../iam';
import { accountIdOf, type KitStack, regionOf } from '../kit-stack';
import { releasePrefix } from '../names';
import { protection } from '../protection';

/** The longest wait AWS offers before a key, and all that it encrypts, is gone. */
const DELETION_WINDOW_DAYS = 30;

/** The release's key: Kubernetes secrets, control-plane logs and the alert topic. */
export function createEncryptionKey(stack: KitStack): KmsKey {
  const account = accountIdOf(stack);
  const prefix = releasePrefix(stack.context.release);
  const usedBy = (sid: string, service: string, condition: unknown) => ({
    Sid: sid,
    Effect: 'Allow' as const,
    Principal: { Service: service },
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    Resource: '*',
    Condition: condition,
  });
  const inThisAccount = { StringEquals: { 'aws:SourceAccount': account } };
  const logs = `logs.${regionOf(stack.context.release)}.amazonaws.com`;
  const key = new KmsKey(stack, 'key', {
    description: `onevision-kit ${prefix}: Kubernetes secrets, logs, alerts`,
    enableKeyRotation: true,
    lifecycle: protection(stack),
    deletionWindowInDays: DELETION_WINDOW_DAYS,
    policy: policyDocument([
      { Sid: 'Account', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
      usedBy('Logs', logs, {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:*:${account}:log-group:/aws/eks/${prefix}/*` },
      }),
      usedBy('Budgets', 'budgets.amazonaws.com', inThisAccount),
      usedBy('Alarms', 'cloudwatch.amazonaws.com', inThisAccount),
      usedBy('CostAlerts', 'costalerts.amazonaws.com', inThisAccount),
    ]),
  });
  new KmsAlias(stack, 'key_alias', { name: `alias/onevision-kit/${prefix}`, targetKeyId: key.keyId });
  return key;
}
