import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget';
import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { policyDocument } from '../iam';
import { accountIdOf, type KitStack } from '../kit-stack';
import { boundedName } from '../names';

/** Percent of the budget at which a message goes out. */
const ALERTS = [
  { threshold: 80, notificationType: 'ACTUAL' },
  { threshold: 100, notificationType: 'FORECASTED' },
  { threshold: 100, notificationType: 'ACTUAL' },
] as const;

/** Where budget and anomaly alerts go: OVKIT_ALERT_EMAIL, or whom else you subscribe with `aws sns subscribe`. */
export function createAlertTopic(stack: KitStack, key: KmsKey): SnsTopic {
  const topic = new SnsTopic(stack, 'cost_alerts', { name: boundedName(stack.context.release, 'cost-alerts'), kmsMasterKeyId: key.arn });
  new SnsTopicPolicy(stack, 'cost_alerts_policy', {
    arn: topic.arn,
    policy: policyDocument([
      {
        Sid: 'CostServicesPublish',
        Effect: 'Allow',
        Principal: { Service: ['budgets.amazonaws.com', 'costalerts.amazonaws.com'] },
        Action: 'sns:Publish',
        Resource: topic.arn,
        Condition: { StringEquals: { 'aws:SourceAccount': accountIdOf(stack) } },
      },
    ]),
  });
  const address = stack.context.settings.alertEmail;
  if (address !== null) new SnsTopicSubscription(stack, 'cost_alerts_email', { topicArn: topic.arn, protocol: 'email', endpoint: address });
  return topic;
}

/** The monthly budget of release.yaml, over what carries the release's tag. The tag must be active in billing. */
export function createBudget(stack: KitStack, topic: SnsTopic): BudgetsBudget {
  const { release, plan, tags } = stack.context;
  return new BudgetsBudget(stack, 'budget', {
    name: boundedName(release, 'monthly'),
    budgetType: 'COST',
    timeUnit: 'MONTHLY',
    limitAmount: plan.cost.budget.monthlyUsd.toFixed(2),
    limitUnit: 'USD',
    costFilter: [{ name: 'TagKeyValue', values: [`user:Release$${tags.Release}`] }],
    notification: ALERTS.map((alert) => ({
      ...alert,
      comparisonOperator: 'GREATER_THAN',
      thresholdType: 'PERCENTAGE',
      subscriberSnsTopicArns: [topic.arn],
    })),
  });
}
