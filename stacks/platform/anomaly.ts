import { CeAnomalyMonitor } from '@cdktf/provider-aws/lib/ce-anomaly-monitor';
import { CeAnomalySubscription } from '@cdktf/provider-aws/lib/ce-anomaly-subscription';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';

/** An anomaly is reported once it costs this share of the monthly budget, and at least a dollar. */
const SHARE_OF_BUDGET = 0.1;
const LEAST_USD = 1;

/** Cost Explorer's anomaly detection over the release's tag: finds what grows unexpectedly long before the budget does. */
export function createAnomalyMonitor(stack: KitStack, topic: SnsTopic): void {
  const { release, plan, tags } = stack.context;
  const monitor = new CeAnomalyMonitor(stack, 'anomaly_monitor', {
    name: boundedName(release, 'cost'),
    monitorType: 'CUSTOM',
    // with every key, as the provider reads it back: it compares texts, and a difference would replace the monitor in each deploy.
    // Source: hashicorp/terraform-provider-aws, website/docs/r/ce_anomaly_monitor.html.markdown, "Custom Example"
    monitorSpecification: JSON.stringify({
      And: null,
      CostCategories: null,
      Dimensions: null,
      Not: null,
      Or: null,
      Tags: { Key: 'Release', MatchOptions: null, Values: [tags.Release] },
    }),
  });
  const threshold = Math.max(LEAST_USD, plan.cost.budget.monthlyUsd * SHARE_OF_BUDGET);
  new CeAnomalySubscription(stack, 'anomaly_subscription', {
    name: boundedName(release, 'cost'),
    frequency: 'IMMEDIATE',
    monitorArnList: [monitor.arn],
    subscriber: [{ type: 'SNS', address: topic.arn }],
    thresholdExpression: {
      dimension: { key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', matchOptions: ['GREATER_THAN_OR_EQUAL'], values: [threshold.toFixed(2)] },
    },
  });
}
