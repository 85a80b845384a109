import { describe, expect, it } from 'vitest';
import { aPlan, aRelease, type StackJson, synthesise } from './fixtures';

const release = aRelease((raw) => Object.assign(raw.placement, { capacity: ['spot', 'on-demand'] }));
const SPOT_QUOTA = { code: 'L-3819A6DF', name: 'All G and VT Spot Instance Requests', vcpuNeeded: 12 };
const QUOTA = { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances', vcpuNeeded: 12 };
const plan = aPlan(release, { capacity: 'spot', quota: SPOT_QUOTA, fallback: { capacity: 'on-demand', quota: QUOTA } });
const { platform, workloads } = synthesise({ release, plan }).stacks;
const groups: Record<string, StackJson> = platform.resource.aws_eks_node_group;

describe('spot with on-demand as its fallback, in managed groups', () => {
  it('is a group of each kind, of which the second waits at zero', () => {
    expect(groups.model_nodes).toMatchObject({ capacity_type: 'SPOT', scaling_config: { min_size: 1, desired_size: 1, max_size: 2 } });
    expect(groups.fallback_nodes).toMatchObject({
      capacity_type: 'ON_DEMAND',
      instance_types: ['g6.xlarge'],
      scaling_config: { min_size: 0, desired_size: 0, max_size: 2 },
      taint: groups.model_nodes.taint,
      labels: groups.model_nodes.labels,
    });
  });

  it('is preferred by the autoscaler as the plan prefers it; its patterns tell the groups apart', () => {
    const values = JSON.parse(workloads.resource.helm_release.cluster_autoscaler.values[0]);
    expect(values.extraArgs.expander).toBe('priority');
    const [high, low] = values.expanderPriorities.match(/\^eks-[a-z-]+-/g).map((pattern: string) => new RegExp(pattern));
    const names = Object.fromEntries(Object.entries(groups).map(([id, group]) => [id, `eks-${group.node_group_name}-12345678-90ab`]));
    expect([high, low].map((pattern) => Object.keys(names).filter((id) => pattern.test(names[id] ?? '')))).toEqual([
      ['model_nodes'],
      ['fallback_nodes'],
    ]);
    expect(values.expanderPriorities.indexOf('50')).toBeLessThan(values.expanderPriorities.indexOf('10'));
  });

  it('needs the quota of both, and says which one is missing', () => {
    const messages = groups.model_nodes.lifecycle.precondition.map(({ error_message }: StackJson) => error_message);
    expect(messages).toHaveLength(3);
    expect(messages[1]).toContain('L-3819A6DF');
    expect(messages[2]).toContain('L-DB2E81BA');
    expect(groups.fallback_nodes.lifecycle.precondition).toBeUndefined();
  });

  it('leaves the sizes to the autoscaler once they are made', () => {
    for (const id of ['model_nodes', 'fallback_nodes'])
      expect(groups[id].lifecycle.ignore_changes).toEqual(['scaling_config[0].desired_size']);
    expect(groups.system_nodes.lifecycle).toBeUndefined();
  });
});

describe('the cluster autoscaler', () => {
  const addons = (placement: Parameters<typeof aPlan>[1]) => {
    const own = aRelease();
    const { stacks } = synthesise({ release: own, plan: aPlan(own, placement) });
    return {
      helm: Object.keys(stacks.workloads.resource.helm_release),
      roles: Object.keys(stacks.platform.resource.aws_iam_role),
    };
  };

  it('is there where the number of nodes can change, and nowhere else', () => {
    expect(addons({ minReplicas: 1, maxReplicas: 2 }).helm).toContain('cluster_autoscaler');
    const fixed = addons({ minReplicas: 2, replicas: 2, maxReplicas: 2 });
    expect(fixed.helm).not.toContain('cluster_autoscaler');
    expect(fixed.roles).not.toContain('autoscaler_role');
  });

  it('may change only the groups of its own cluster', () => {
    const policy = JSON.parse(platform.resource.aws_iam_role_policy.autoscaler_role_policy.policy);
    const change = policy.Statement.find(({ Sid }: StackJson) => Sid === 'SetSize');
    expect(change.Condition.StringEquals).toEqual({
      'aws:ResourceTag/k8s.io/cluster-autoscaler/${aws_eks_cluster.cluster.name}': 'owned',
    });
  });
});

describe('a capacity reservation', () => {
  it.each(['managed', 'karpenter'])('cannot be used by spot, on %s nodes', (nodes) => {
    const own = aRelease((raw) => Object.assign(raw.placement, { capacity: ['spot', 'on-demand'], nodes }));
    expect(() => synthesise({ release: own, plan, settings: { capacityReservation: 'cr-0123456789abcdef0' } })).toThrow(
      /E_STACK_UNSUPPORTED.*cr-0123456789abcdef0.*spot/,
    );
  });

  it('is used by the chosen group, and not by its fallback', () => {
    const reserved = aPlan(release, { capacity: 'reserved', fallback: { capacity: 'on-demand', quota: null } });
    const { resource } = synthesise({ release, plan: reserved, settings: { capacityReservation: 'cr-0123456789abcdef0' } }).stacks.platform;
    expect(resource.aws_launch_template.model_launch_template).toHaveProperty('capacity_reservation_specification');
    expect(resource.aws_launch_template.fallback_launch_template).not.toHaveProperty('capacity_reservation_specification');
  });
});
