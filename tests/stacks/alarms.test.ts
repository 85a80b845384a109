import { describe, expect, it } from 'vitest';
import { aPlan, aRelease, type StackJson, synthesise } from './fixtures';

const platform = (change: (raw: StackJson) => void = () => undefined, settings = {}) => {
  const release = aRelease(change);
  return synthesise({ release, plan: aPlan(release), settings }).stacks.platform.resource;
};
const alarms = (resource: StackJson): string[] => Object.keys(resource.aws_cloudwatch_metric_alarm);

describe('the alarms', () => {
  it('watch the control plane, pods without a node, each node group and NAT, and tell the encrypted topic', () => {
    const resource = platform();
    expect(alarms(resource).sort()).toEqual([
      'alarm_control_plane_errors',
      'alarm_model_nodes_unhealthy',
      'alarm_nat_ports',
      'alarm_pods_without_node',
      'alarm_system_nodes_unhealthy',
    ]);
    for (const alarm of Object.values<StackJson>(resource.aws_cloudwatch_metric_alarm)) {
      expect(alarm.alarm_actions).toEqual(['${aws_sns_topic.alarms.arn}']);
      expect(alarm.treat_missing_data).toBe('notBreaching');
    }
    expect(resource.aws_sns_topic.alarms.kms_master_key_id).toBe('${aws_kms_key.key.arn}');
  });

  it('reach the topic: CloudWatch may publish, and use its key', () => {
    const resource = platform();
    const [publish] = JSON.parse(resource.aws_sns_topic_policy.alarms_policy.policy).Statement;
    expect(publish).toMatchObject({ Principal: { Service: ['cloudwatch.amazonaws.com'] }, Action: 'sns:Publish' });
    const key = JSON.parse(resource.aws_kms_key.key.policy).Statement;
    const users = key.map(({ Principal }: StackJson) => Principal.Service);
    expect(users).toEqual(expect.arrayContaining(['cloudwatch.amazonaws.com', 'budgets.amazonaws.com', 'costalerts.amazonaws.com']));
  });

  it('watch one NAT gateway in each zone where there is one, and none where there is none', () => {
    expect(alarms(platform(undefined, { nat: 'per-zone' })).filter((id) => id.includes('nat'))).toHaveLength(3);
    expect(alarms(platform(undefined, { nat: 'none' })).filter((id) => id.includes('nat'))).toEqual([]);
  });

  it('do not go off every night: pods wait by design in the off hours', () => {
    expect(alarms(platform((raw) => Object.assign(raw.placement, { offHours: '19:00-07:00 UTC' })))).not.toContain(
      'alarm_pods_without_node',
    );
  });

  it('watch whether Karpenter listens', () => {
    const resource = platform((raw) => Object.assign(raw.placement, { nodes: 'karpenter' }));
    expect(resource.aws_cloudwatch_metric_alarm.alarm_interruptions_unread.metric_name).toBe('ApproximateAgeOfOldestMessage');
  });
});

describe('a launch that fails', () => {
  it('is told with its reason, by a role that may publish there and nothing else', () => {
    const resource = platform();
    const pattern = JSON.parse(resource.aws_cloudwatch_event_rule.launch_failures.event_pattern);
    expect(pattern['detail-type']).toEqual(['EC2 Instance Launch Unsuccessful']);
    expect(pattern.detail.AutoScalingGroupName).toHaveLength(2);
    expect(resource.aws_cloudwatch_event_target.launch_failures_target.role_arn).toContain('launch_failures_role');
    const { Statement } = JSON.parse(resource.aws_iam_role_policy.launch_failures_role_policy.policy);
    expect(Statement.flatMap(({ Action }: StackJson) => Action).sort()).toEqual(['kms:Decrypt', 'kms:GenerateDataKey*', 'sns:Publish']);
  });
});
