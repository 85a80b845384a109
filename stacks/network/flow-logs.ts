import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { createRole } from '../iam';
import type { KitStack } from '../kit-stack';
import { boundedName, releasePrefix } from '../names';

const RETENTION_DAYS = 30;
/** Seconds over which flows are summed; the coarser of AWS's two choices, a tenth of the log volume. */
const AGGREGATION_SECONDS = 600;

/** Flow logs of the VPC into CloudWatch. */
export function createFlowLogs(stack: KitStack, vpc: Vpc): void {
  const group = new CloudwatchLogGroup(stack, 'flow_logs_group', {
    name: `/onevision-kit/${releasePrefix(stack.context.release)}/flow-logs`,
    retentionInDays: RETENTION_DAYS,
  });
  const { role } = createRole(stack, {
    id: 'flow_logs',
    description: 'VPC flow logs write to their log group',
    trust: 'vpc-flow-logs.amazonaws.com',
    statements: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        Resource: [group.arn, `${group.arn}:*`],
      },
    ],
  });
  new FlowLog(stack, 'flow_logs', {
    vpcId: vpc.id,
    trafficType: 'ALL',
    logDestination: group.arn,
    iamRoleArn: role.arn,
    maxAggregationInterval: AGGREGATION_SECONDS,
    tags: { Name: boundedName(stack.context.release, 'flow-logs') },
  });
}
