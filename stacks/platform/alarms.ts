import { CloudwatchMetricAlarm, type CloudwatchMetricAlarmConfig } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';
import { offHoursOf } from './off-hours';

/** What is watched; values may be references of Terraform. */
export interface Watched {
  readonly clusterName: string;
  readonly nodeGroups: readonly EksNodeGroup[];
  readonly natGatewayIds: readonly string[];
  /** Queue that Karpenter must empty. */
  readonly interruptions: SqsQueue | null;
}

type Alarm = Pick<
  CloudwatchMetricAlarmConfig,
  'alarmDescription' | 'namespace' | 'metricName' | 'dimensions' | 'statistic' | 'threshold' | 'period' | 'evaluationPeriods'
>;

const FIVE_MINUTES = 300;
const ONE_MINUTE = 60;

/**
 * Alarms on what stops the service and shows in no pod: nodes that do not come, nodes that are broken, NAT without ports, a control plane that
 * errs, a Karpenter that does not listen. Metrics that AWS sends by itself, so that nothing has to be installed.
 * Source: EKS user guide "Basic metrics in Amazon CloudWatch" (AWS/EKS), VPC user guide "NAT gateway metrics", EC2 and SQS metrics.
 */
export function createAlarms(stack: KitStack, topic: SnsTopic, watched: Watched): void {
  for (const [id, alarm] of Object.entries(alarmsOf(stack, watched))) {
    new CloudwatchMetricAlarm(stack, `alarm_${id}`, {
      ...alarm,
      alarmName: boundedName(stack.context.release, id.replaceAll('_', '-')),
      comparisonOperator: 'GreaterThanThreshold',
      // no node, no traffic and no message give no data: that is how a quiet night looks
      treatMissingData: 'notBreaching',
      alarmActions: [topic.arn],
      okActions: [topic.arn],
    });
  }
}

function alarmsOf(stack: KitStack, { clusterName, nodeGroups, natGatewayIds, interruptions }: Watched): Record<string, Alarm> {
  const cluster = { ClusterName: clusterName };
  const alarms: Record<string, Alarm> = {
    control_plane_errors: {
      alarmDescription:
        'The Kubernetes API answers with errors of its own (5xx). See the control-plane logs, and the AWS Health dashboard.',
      namespace: 'AWS/EKS',
      metricName: 'apiserver_request_total_5XX',
      dimensions: cluster,
      statistic: 'Sum',
      threshold: 50,
      period: FIVE_MINUTES,
      evaluationPeriods: 3,
    },
  };
  // pods wait by design while the nodes are off
  if (offHoursOf(stack.context.release) === undefined) {
    alarms.pods_without_node = {
      alarmDescription:
        'Pods found no node for 20 minutes: no capacity (InsufficientInstanceCapacity, MaxSpotInstanceCountExceeded), a quota, or a node that does not join. See docs/runbook.md.',
      namespace: 'AWS/EKS',
      metricName: 'scheduler_pending_pods_UNSCHEDULABLE',
      dimensions: cluster,
      statistic: 'Sum',
      threshold: 0,
      period: FIVE_MINUTES,
      evaluationPeriods: 4,
    };
  }
  for (const group of nodeGroups) {
    // model_nodes, fallback_nodes, system_nodes
    const { id } = group.node;
    alarms[`${id}_unhealthy`] = {
      alarmDescription: `An instance of ${id} fails the status checks of EC2. EKS replaces it; more than one at a time needs you.`,
      namespace: 'AWS/EC2',
      metricName: 'StatusCheckFailed',
      dimensions: { AutoScalingGroupName: group.resources.get(0).autoscalingGroups.get(0).name },
      statistic: 'Maximum',
      threshold: 0,
      period: ONE_MINUTE,
      evaluationPeriods: 5,
    };
  }
  natGatewayIds.forEach((id, index) => {
    alarms[`nat_ports${index === 0 ? '' : `_${index}`}`] = {
      alarmDescription: 'The NAT gateway has no port left for new connections: image pulls and API calls of the nodes fail.',
      namespace: 'AWS/NATGateway',
      metricName: 'ErrorPortAllocation',
      dimensions: { NatGatewayId: id },
      statistic: 'Sum',
      threshold: 0,
      period: FIVE_MINUTES,
      evaluationPeriods: 1,
    };
  });
  if (interruptions) {
    alarms.interruptions_unread = {
      alarmDescription: 'Nobody reads the interruption queue: Karpenter is down, and nodes that AWS takes away are not drained.',
      namespace: 'AWS/SQS',
      metricName: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: interruptions.name },
      statistic: 'Maximum',
      threshold: 120,
      period: ONE_MINUTE,
      evaluationPeriods: 3,
    };
  }
  return alarms;
}
