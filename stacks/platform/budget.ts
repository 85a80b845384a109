import { BudgetsBudget } from '@cdktf/provider-aws/lib/budgets-budget';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';

/** Percent of the budget at which a message goes out. */
const ALERTS = [
  { threshold: 80, notificationType: 'ACTUAL' },
  { threshold: 100, notificationType: 'FORECASTED' },
  { threshold: 100, notificationType: 'ACTUAL' },
] as const;

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
