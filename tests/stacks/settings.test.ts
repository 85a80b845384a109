import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { readSettings } from '../../stacks/settings';
import { SETTINGS } from '../../stacks/settings-table';
import { tagCoverage } from '../../stacks/tag-coverage';
import { aPlan, aRelease, resourcesOf, type StackJson, synthesise } from './fixtures';

const release = aRelease();
const stack = (name: string, settings: Parameters<typeof synthesise>[0]) => synthesise({ release, ...settings }).stacks[name];
const addresses = (json: StackJson) => resourcesOf(json).map(([address]) => address);

describe('the settings', () => {
  it('are all in docs/settings.md, with what they allow and what holds without them (UPDATE_GOLDEN=1 renews it)', () => {
    const shown = (value: unknown) => {
      if (value === null || (Array.isArray(value) && value.length === 0)) return '';
      return typeof value === 'string' ? `\`${value}\`` : '';
    };
    const rows = Object.values(SETTINGS).map((row) => `| \`${row.variable}\` | ${row.about} | ${row.allowed} | ${shown(row.fallback)} |`);
    const page = [
      '# Settings of the stacks',
      '',
      'What belongs to the place and not to the release stands in environment variables; `cdktf` passes them on. A wrong one stops the synth',
      'with `E_STACK_SETTING`. This page is made from `stacks/settings-table.ts`.',
      '',
      '| variable | what it is for | allowed | without it |',
      '| --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n');
    const file = fromRoot('docs', 'settings.md');
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, page);
    expect(page).toBe(readFileSync(file, 'utf8'));
  });

  it.each([
    ['OVKIT_EXTRA_TAGS', 'Team'],
    ['OVKIT_EXTRA_TAGS', 'release=mine'],
    ['OVKIT_EXTRA_TAGS', 'aws:team=x'],
    ['OVKIT_EXTRA_TAGS', 'Team=a,team=b'],
    ['OVKIT_EXTRA_TAGS', 'Team=${secret}'],
    ['OVKIT_ENDPOINTS', 'ecr.api,s4'],
    ['OVKIT_NAT', 'two'],
    ['OVKIT_KUBERNETES_VERSION', '1.34'],
    ['OVKIT_VPC_ID', 'my-vpc'],
    ['OVKIT_ACCOUNT_ID', '1234'],
    ['OVKIT_VPC_CIDR', '10.42.0.1/16'],
    ['OVKIT_VPC_CIDR', '10.42.0.0/24'],
    ['OVKIT_CLUSTER_CIDRS', '203.0.113.7/24'],
    ['OVKIT_CLUSTER_CIDRS', '203.0.113.0/33'],
    ['OVKIT_CAPACITY_RESERVATION', 'cr-xyz'],
    ['OVKIT_ALERT_EMAIL', 'puppets'],
    ['OVKIT_PERMISSIONS_BOUNDARY', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    ['OVKIT_PROTECT', 'yes'],
  ])('refuse %s=%s', (name, text) => {
    expect(() => readSettings({ [name]: text })).toThrow(new RegExp(`E_STACK_SETTING: ${name} is .*Allowed: `));
  });

  it('refuse an existing VPC without its subnets, and subnets without their VPC', () => {
    for (const env of [{ OVKIT_VPC_ID: 'vpc-0123456789abcdef0' }, { OVKIT_SUBNET_IDS: 'subnet-0123456789abcdef0' }])
      expect(() => readSettings(env)).toThrow(/OVKIT_VPC_ID and OVKIT_SUBNET_IDS go together/);
  });
});

describe('the account that is meant', () => {
  it('is the only one that the provider of each stack takes, and a rehearsal keeps its own', () => {
    const accounts = (input: Parameters<typeof synthesise>[0]) =>
      Object.values(synthesise(input).stacks).map((json) => json.provider.aws[0].allowed_account_ids);
    const settings = { accountId: '123456789012' };
    expect(accounts({ release, settings })).toEqual(Array.from({ length: 4 }, () => ['123456789012']));
    const rehearsal = aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal' }));
    expect(accounts({ release: rehearsal, settings })).toEqual(Array.from({ length: 4 }, () => ['000000000000']));
  });
});

describe('the network', () => {
  it('has a NAT gateway and a route table in each zone when that is chosen, and keeps the first one', () => {
    const one = addresses(stack('network', {}));
    const each = stack('network', { settings: { nat: 'per-zone' } });
    expect(addresses(each)).toEqual(expect.arrayContaining(one));
    expect(Object.keys(each.resource.aws_nat_gateway)).toEqual(['nat', 'nat_1', 'nat_2']);
    const tables = Object.entries<StackJson>(each.resource.aws_route_table_association)
      .filter(([name]) => name.startsWith('private'))
      .map(([, { route_table_id }]) => route_table_id);
    expect(new Set(tables).size).toBe(3);
    expect(each.resource.aws_vpc_endpoint.s3_endpoint.route_table_ids).toHaveLength(4);
  });

  it('goes without NAT, and says which endpoints the nodes then lack', () => {
    const { stacks, annotations } = synthesise({
      release,
      settings: { nat: 'none', endpoints: ['ecr.api', 'ecr.dkr', 'sts', 'ec2', 'eks'] },
    });
    expect(stacks.network.resource.aws_nat_gateway).toBeUndefined();
    expect(stacks.network.resource.aws_eip).toBeUndefined();
    expect(annotations.find(({ stack: of }) => of === 'network')?.message).toContain('no endpoint for eks-auth');
  });

  it('opens interface endpoints to the VPC alone, on HTTPS', () => {
    const { resource } = stack('network', { settings: { endpoints: ['ecr.api', 'eks-auth'] } });
    expect(Object.keys(resource.aws_vpc_endpoint).sort()).toEqual(['ecr_api_endpoint', 'eks_auth_endpoint', 's3_endpoint']);
    expect(resource.aws_vpc_endpoint.ecr_api_endpoint).toMatchObject({
      service_name: 'com.amazonaws.us-east-1.ecr.api',
      private_dns_enabled: true,
    });
    expect(resource.aws_vpc_security_group_ingress_rule.endpoints_https).toMatchObject({
      cidr_ipv4: '${aws_vpc.vpc.cidr_block}',
      from_port: 443,
      to_port: 443,
    });
  });

  it('makes nothing in a VPC that somebody else owns, and checks its subnets', () => {
    const settings = { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0aaaaaaaa', 'subnet-0bbbbbbbb'] };
    const { stacks } = synthesise({ release, settings });
    expect(Object.keys(stacks.network.resource)).toEqual(['terraform_data']);
    const conditions = stacks.network.resource.terraform_data.existing_network.lifecycle.precondition;
    expect(conditions.map(({ condition }: StackJson) => condition).join()).toMatch(/vpc_id == "vpc-0123456789abcdef0".*availability_zone/s);
    expect(stacks.network.locals.model_subnet_ids).toContain('if contains(local.offering_zones');
    expect(stacks.network.resource.terraform_data.existing_network.depends_on).toEqual(['terraform_data.compliance_gate']);
  });
});

describe('the platform', () => {
  it('wants the quota that all replicas need before it makes a node', () => {
    const quota = { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances', vcpuNeeded: 12 };
    const { data, resource } = stack('platform', { plan: aPlan(release, { quota, maxReplicas: 3 }) });
    expect(data.aws_servicequotas_service_quota.model_quota).toMatchObject({ service_code: 'ec2', quota_code: 'L-DB2E81BA' });
    const [, condition] = resource.aws_eks_node_group.model_nodes.lifecycle.precondition;
    expect(condition.condition).toBe('${data.aws_servicequotas_service_quota.model_quota.value >= 12}');
    expect(condition.error_message).toMatch(
      /^4 vCPU x 3 nodes \(3 replicas.*\) = 12 > quota \$\{.*\} for L-DB2E81BA \(Running On-Demand G and VT instances\): request it with `aws service-quotas request-service-quota-increase/,
    );
  });

  it('uses a capacity reservation for the model and for nothing else', () => {
    const { aws_launch_template } = stack('platform', { settings: { capacityReservation: 'cr-0123456789abcdef0' } }).resource;
    expect(aws_launch_template.model_launch_template.capacity_reservation_specification).toEqual({
      capacity_reservation_target: { capacity_reservation_id: 'cr-0123456789abcdef0' },
    });
    expect(aws_launch_template.system_launch_template.capacity_reservation_specification).toBeUndefined();
  });

  it('takes the nodes to zero in the off hours, and a deploy then does not start them', () => {
    const timed = aRelease((raw) => Object.assign(raw.placement, { offHours: '19:00-07:00 Europe/Amsterdam' }));
    const { resource } = stack('platform', { release: timed, plan: aPlan(timed) });
    expect(resource.aws_autoscaling_schedule.model_nodes_off_hours_stop).toMatchObject({
      min_size: 0,
      desired_capacity: 0,
      max_size: 0,
      recurrence: '0 19 * * *',
    });
    expect(resource.aws_autoscaling_schedule.model_nodes_off_hours_start).toMatchObject({
      min_size: 1,
      desired_capacity: 1,
      time_zone: 'Europe/Amsterdam',
    });
    expect(resource.aws_eks_node_group.model_nodes.lifecycle.ignore_changes).toContain('scaling_config[0].desired_size');
    expect(resource.aws_eks_node_group.system_nodes.lifecycle).toBeUndefined();
  });

  it('pins Kubernetes 1.35 and takes 1.36', () => {
    expect(stack('platform', {}).resource.aws_eks_cluster.cluster.version).toBe('1.35');
    expect(stack('platform', { settings: { kubernetesVersion: '1.36' } }).resource.aws_eks_cluster.cluster.version).toBe('1.36');
  });

  it('sends alerts to an address', () => {
    const { aws_sns_topic_subscription } = stack('platform', { settings: { alertEmail: 'stage@example.org' } }).resource;
    expect(aws_sns_topic_subscription.cost_alerts_email).toMatchObject({ protocol: 'email', endpoint: 'stage@example.org' });
  });
});

describe('the workloads', () => {
  it('are handed over as an output that waits for the gate, and installed by nobody, when GitOps is the writer', () => {
    const values = { image: { repository: 'own-registry.onevision-kit.invalid/show' }, replicas: 1 };
    const { stacks, annotations } = synthesise({ release, settings: { delivery: 'gitops' }, values });
    const { resource, provider, output } = stacks.workloads;
    expect(Object.keys(resource)).toEqual(['terraform_data']);
    expect(provider.helm).toBeUndefined();
    expect(output.gitops_releases.depends_on).toEqual(['terraform_data.compliance_gate']);
    expect(output.gitops_releases.value.map(({ name }: StackJson) => name)).toEqual([
      'nvidia-device-plugin',
      'cluster-autoscaler',
      'prometheus',
      'keda',
      'puppet-show-admission',
      'puppet-show',
    ]);
    expect(JSON.stringify(output)).toContain('data.aws_caller_identity.account.account_id');
    expect(JSON.stringify(output)).not.toContain('own-registry');
    expect(annotations.find(({ stack: of, level }) => of === 'workloads' && level === '@cdktf/info')?.message).toContain('gitops_releases');
  });
});

describe('everywhere', () => {
  it('extra tags reach what the cost tags reach, and hide none of them', () => {
    const { stacks } = synthesise({ release, settings: { extraTags: { Team: 'puppets' }, endpoints: ['sts'], nat: 'per-zone' } });
    for (const [name, json] of Object.entries(stacks)) expect({ name, missing: tagCoverage(json).missing }).toEqual({ name, missing: [] });
    expect(stacks.platform.provider.aws[0].default_tags[0].tags).toMatchObject({ Team: 'puppets', Release: 'puppet-show' });
    expect(stacks.platform.resource.aws_launch_template.model_launch_template.tag_specifications[0].tags.Team).toBe('puppets');
    expect(stacks.platform.resource.aws_autoscaling_group_tag.model_nodes_tag_team.tag).toMatchObject({
      key: 'Team',
      propagate_at_launch: true,
    });
  });

  it('a permissions boundary is on every role', () => {
    const boundary = 'arn:aws:iam::123456789012:policy/boundary';
    const { stacks } = synthesise({ release, settings: { permissionsBoundary: boundary, githubRepository: 'puppeteers/show' } });
    const roles = Object.values(stacks).flatMap((json) => Object.values<StackJson>(json.resource?.aws_iam_role ?? {}));
    expect(roles.length).toBeGreaterThan(4);
    expect(new Set(roles.map(({ permissions_boundary }) => permissions_boundary))).toEqual(new Set([boundary]));
  });

  it('weights, state and key are protected in production, and elsewhere when that is asked for', () => {
    const isProtected = (environment: string, protect: 'production' | 'on' | 'off') => {
      const own = aRelease((raw) => Object.assign(raw.metadata, { environment }));
      const { stacks } = synthesise({ release: own, settings: { protect } });
      const { state_bucket, weights_bucket } = stacks.bootstrap.resource.aws_s3_bucket;
      return [state_bucket, weights_bucket, stacks.platform.resource.aws_kms_key.key].map(
        ({ lifecycle }) => lifecycle?.prevent_destroy === true,
      );
    };
    expect(isProtected('production', 'production')).toEqual([true, true, true]);
    expect(isProtected('production', 'off')).toEqual([false, false, false]);
    expect(isProtected('staging', 'production')).toEqual([false, false, false]);
    expect(isProtected('staging', 'on')).toEqual([true, true, true]);
  });
});
