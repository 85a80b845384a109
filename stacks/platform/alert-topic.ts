import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { policyDocument } from '../iam';
import { accountIdOf, type KitStack } from '../kit-stack';
import { boundedName } from '../names';

export interface AlertTopicOptions {
  readonly id: 'cost_alerts' | 'alarms';
  /** Sid and services that publish. */
  readonly publishers: { readonly sid: string; readonly services: readonly string[] };
}

/**
 * An encrypted topic that a few AWS services publish to, for this account alone. OVKIT_ALERT_EMAIL is subscribed; whom else you want,
 * subscribe with `aws sns subscribe`.
 */
export function createAlertTopic(stack: KitStack, key: KmsKey, { id, publishers }: AlertTopicOptions): SnsTopic {
  const topic = new SnsTopic(stack, id, { name: boundedName(stack.context.release, id.replaceAll('_', '-')), kmsMasterKeyId: key.arn });
  new SnsTopicPolicy(stack, `${id}_policy`, {
    arn: topic.arn,
    policy: policyDocument([
      {
        Sid: publishers.sid,
        Effect: 'Allow',
        Principal: { Service: publishers.services },
        Action: 'sns:Publish',
        Resource: topic.arn,
        Condition: { StringEquals: { 'aws:SourceAccount': accountIdOf(stack) } },
      },
    ]),
  });
  const address = stack.context.settings.alertEmail;
  if (address !== null) new SnsTopicSubscription(stack, `${id}_email`, { topicArn: topic.arn, protocol: 'email', endpoint: address });
  return topic;
}
