import { describe, expect, it } from 'vitest';
import { controllerStatements } from '../../stacks/platform/karpenter/controller-policy';
import { tagCoverage } from '../../stacks/tag-coverage';
import { aPlan, aRelease, type FixtureInput, type StackJson, synthesise } from './fixtures';

const release = aRelease((raw) => Object.assign(raw.placement, { nodes: 'karpenter' }));
const made = (input: FixtureInput = {}) => synthesise({ release, plan: aPlan(release), ...input }).stacks;
const valuesOf = (stacks: StackJson) =>
  JSON.parse(
    stacks.workloads.resource.helm_release.karpenter_nodes.values[0].replace(/\$\{jsonencode\(([^}]*)\)\}/g, (_: string, text: string) =>
      JSON.stringify(text),
    ),
  );

describe('nodes: karpenter', () => {
  const { platform, workloads } = made();

  it('makes no managed group for the model, and keeps the system nodes', () => {
    expect(Object.keys(platform.resource.aws_eks_node_group)).toEqual(['system_nodes']);
    expect(workloads.resource.helm_release).not.toHaveProperty('cluster_autoscaler');
  });

  it('lets its nodes in by an entry for nodes, with a role of their own', () => {
    expect(platform.resource.aws_eks_access_entry.karpenter_node_access).toMatchObject({
      type: 'EC2_LINUX',
      principal_arn: '${aws_iam_role.karpenter_node_role.arn}',
    });
    expect(platform.resource.aws_iam_instance_profile.karpenter_node_profile.role).toBe('${aws_iam_role.karpenter_node_role.name}');
    expect(platform.resource.aws_eks_pod_identity_association.karpenter_controller_access).toMatchObject({
      namespace: 'kube-system',
      service_account: 'karpenter',
    });
  });

  it('hears of every end of an instance that Karpenter knows to read', () => {
    const rules = Object.values<StackJson>(platform.resource.aws_cloudwatch_event_rule).map(
      ({ event_pattern }) => JSON.parse(event_pattern)['detail-type'][0],
    );
    expect(rules).toEqual(
      expect.arrayContaining([
        'EC2 Spot Instance Interruption Warning',
        'EC2 Instance Rebalance Recommendation',
        'EC2 Instance State-change Notification',
        'EC2 Capacity Reservation Instance Interruption Warning',
        'AWS Health Event',
      ]),
    );
    const controller = JSON.parse(workloads.resource.helm_release.karpenter.values[0]);
    expect(controller.settings.interruptionQueue).toBe(platform.resource.aws_sqs_queue.interruptions.name);
  });

  it('checks offering and quota before anything is made', () => {
    const quota = { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances', vcpuNeeded: 12 };
    const { resource } = made({ plan: aPlan(release, { quota }) }).platform;
    const conditions = resource.terraform_data.model_capacity.lifecycle.precondition;
    expect(conditions.map(({ error_message }: StackJson) => error_message).join()).toMatch(
      /No zone of the VPC offers g6\.xlarge.*L-DB2E81BA/s,
    );
  });

  it('installs definitions, controller, nodes and service in this order, and takes them down the other way round', () => {
    const { helm_release } = workloads.resource;
    expect(helm_release.karpenter.depends_on).toContain('helm_release.karpenter_crds');
    expect(helm_release.karpenter_nodes.depends_on).toContain('helm_release.karpenter');
    expect(helm_release.inference.depends_on).toContain('helm_release.karpenter_nodes');
    // Helm waits until the last instance has ended
    expect(helm_release.karpenter_nodes).toMatchObject({ wait: true, timeout: 1800 });
    expect([helm_release.karpenter, helm_release.karpenter_crds].map(({ version }) => version)).toEqual(['1.14.1', '1.14.1']);
  });

  it('starts what the plan chose, in the network of the cluster, with the tags of the release', () => {
    const values = valuesOf(made());
    expect(values).toMatchObject({
      instanceTypes: ['g6.xlarge'],
      capacityTypes: ['on-demand'],
      gpu: { count: 1 },
      maxNodes: 3,
      volumeGib: 73,
      localDisks: true,
      architecture: 'amd64',
      ami: 'al2023@v20260903',
      tags: { Release: 'puppet-show', ManagedBy: 'cdktf' },
    });
    expect(values.subnetIds).toContain('data.aws_eks_cluster.cluster.vpc_config[0].subnet_ids');
    expect(values.securityGroupIds).toContain('cluster_security_group_id');
    expect(values.instanceProfile).toBe(platform.resource.aws_iam_instance_profile.karpenter_node_profile.name);
  });

  it('follows spot, fallback, a reservation and a pinned image', () => {
    const spot = aPlan(release, { capacity: 'spot', fallback: { capacity: 'on-demand', quota: null } });
    expect(valuesOf(made({ plan: spot })).capacityTypes).toEqual(['spot', 'on-demand']);
    const reserved = valuesOf(made({ settings: { capacityReservation: 'cr-0123456789abcdef0', nodeRelease: '1.35.4-20260818' } }));
    expect(reserved).toMatchObject({
      capacityTypes: ['reserved'],
      capacityReservationIds: ['cr-0123456789abcdef0'],
      ami: 'al2023@v20260818',
    });
  });

  it('carries its tags on: an EC2NodeClass without them is found', () => {
    const stacks = made();
    expect(tagCoverage(stacks.workloads).missing).toEqual([]);
    const nodes = stacks.workloads.resource.helm_release.karpenter_nodes;
    nodes.values[0] = nodes.values[0].replace('"Owner"', '"Ower"');
    expect(tagCoverage(stacks.workloads).missing).toEqual([
      { address: 'helm_release.karpenter_nodes', why: expect.stringContaining('without tags') },
    ]);
  });

  it('brings no controller to a cluster that has one', () => {
    const stacks = made({ settings: { addons: 'none' } });
    expect(Object.keys(stacks.workloads.resource.helm_release).sort()).toEqual(['admission', 'inference', 'karpenter_nodes']);
    expect(stacks.platform.resource.aws_iam_role).not.toHaveProperty('karpenter_controller_role');
    expect(stacks.platform.resource.aws_iam_instance_profile).toHaveProperty('karpenter_node_profile');
  });
});

describe("the controller's policy", () => {
  const statements = controllerStatements({
    region: 'us-east-1',
    account: '123456789012',
    clusterName: 'show',
    nodeRoleArn: 'arn:aws:iam::123456789012:role/node',
    queueArn: 'arn:aws:sqs:us-east-1:123456789012:show',
  });
  const allowing = (action: string) => statements.filter(({ Action }) => [Action].flat().includes(action));

  it('ends and removes only what it made itself', () => {
    for (const action of ['ec2:TerminateInstances', 'ec2:DeleteLaunchTemplate']) {
      expect(allowing(action)).toHaveLength(1);
      expect(JSON.stringify(allowing(action)[0]?.Condition)).toContain('aws:ResourceTag/kubernetes.io/cluster/show');
    }
  });

  it('makes instances only with the tags of the cluster', () => {
    const free = allowing('ec2:RunInstances').filter(({ Condition }) => Condition === undefined);
    // what is used and not made: images, snapshots, networks, reservations
    expect(free.map(({ Sid }) => Sid)).toEqual(['LaunchWith']);
    expect(JSON.stringify(free[0]?.Resource)).not.toMatch(/instance\/|volume|fleet|launch-template/);
  });

  it('passes one role, to EC2 alone, and makes no role or profile', () => {
    const iam = statements.flatMap(({ Action }) => [Action].flat()).filter((action) => action.startsWith('iam:'));
    expect(iam.sort()).toEqual(['iam:GetInstanceProfile', 'iam:ListInstanceProfiles', 'iam:PassRole']);
    expect(allowing('iam:PassRole')[0]).toMatchObject({
      Resource: 'arn:aws:iam::123456789012:role/node',
      Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    });
  });
});
