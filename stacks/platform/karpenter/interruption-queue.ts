import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { policyDocument } from '../../iam';
import type { KitStack } from '../../kit-stack';
import { boundedName, interruptionQueueName, NAME_LIMIT } from '../../names';

/** A message that nobody took in five minutes is of no use: the instance is gone by then. */
const RETENTION_SECONDS = 300;

/**
 * Events that announce the end of an instance. Source: Karpenter 1.14.1, the parsers of pkg/controllers/interruption/messages; published rules in
 * its getting-started cloudformation.yaml.
 */
const EVENTS = {
  spot_interruption: { source: 'aws.ec2', 'detail-type': 'EC2 Spot Instance Interruption Warning' },
  rebalance: { source: 'aws.ec2', 'detail-type': 'EC2 Instance Rebalance Recommendation' },
  state_change: { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification' },
  capacity_reservation: { source: 'aws.ec2', 'detail-type': 'EC2 Capacity Reservation Instance Interruption Warning' },
  health: { source: 'aws.health', 'detail-type': 'AWS Health Event' },
} as const;

/** The queue from which Karpenter learns, two minutes ahead, that AWS takes an instance away. */
export function createInterruptionQueue(stack: KitStack): SqsQueue {
  const name = interruptionQueueName(stack.context.release);
  const queue = new SqsQueue(stack, 'interruptions', { name, messageRetentionSeconds: RETENTION_SECONDS, sqsManagedSseEnabled: true });
  const rules = Object.entries(EVENTS).map(([id, event]) => {
    const rule = new CloudwatchEventRule(stack, `interruption_${id}`, {
      name: boundedName(stack.context.release, id.replaceAll('_', '-'), NAME_LIMIT.eventRule),
      description: `${event['detail-type']}, for Karpenter`,
      eventPattern: JSON.stringify({ source: [event.source], 'detail-type': [event['detail-type']] }),
    });
    new CloudwatchEventTarget(stack, `interruption_${id}_target`, { rule: rule.name, targetId: 'interruptions', arn: queue.arn });
    return rule;
  });
  new SqsQueuePolicy(stack, 'interruptions_policy', {
    queueUrl: queue.url,
    policy: policyDocument([
      {
        Sid: 'Rules',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queue.arn,
        Condition: { ArnEquals: { 'aws:SourceArn': rules.map((rule) => rule.arn) } },
      },
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: queue.arn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]),
  });
  return queue;
}
