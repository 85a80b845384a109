import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { createRole } from '../iam';
import { accountIdOf, type KitStack } from '../kit-stack';
import { boundedName, NAME_LIMIT } from '../names';

/**
 * Tells the alarm topic each time that an Auto Scaling group could not start an instance, with EC2's reason (no capacity, quota, no permission).
 * EventBridge publishes with a role: a topic policy for it may carry no condition, and would let every account in.
 * Source: Amazon EC2 Auto Scaling user guide, "EC2 Instance Launch Unsuccessful"; EventBridge user guide, "Amazon SNS permissions".
 */
export function reportLaunchFailures(stack: KitStack, topic: SnsTopic, key: KmsKey, groups: readonly EksNodeGroup[]): void {
  if (groups.length === 0) return;
  const { role, permissions } = createRole(stack, {
    id: 'launch_failures',
    description: 'EventBridge tells the alarm topic of instances that did not start',
    trust: {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': accountIdOf(stack) } },
    },
    statements: [
      { Sid: 'Publish', Effect: 'Allow', Action: 'sns:Publish', Resource: topic.arn },
      { Sid: 'Encrypt', Effect: 'Allow', Action: ['kms:GenerateDataKey*', 'kms:Decrypt'], Resource: key.arn },
    ],
  });
  const rule = new CloudwatchEventRule(stack, 'launch_failures', {
    name: boundedName(stack.context.release, 'launch-failures', NAME_LIMIT.eventRule),
    description: 'Instances of the node groups that did not start',
    eventPattern: JSON.stringify({
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance Launch Unsuccessful'],
      detail: { AutoScalingGroupName: groups.map((group) => group.resources.get(0).autoscalingGroups.get(0).name) },
    }),
  });
  new CloudwatchEventTarget(stack, 'launch_failures_target', {
    rule: rule.name,
    targetId: 'alarms',
    arn: topic.arn,
    roleArn: role.arn,
    dependsOn: [...permissions],
  });
}
