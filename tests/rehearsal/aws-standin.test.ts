import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contains, overlaps, parseCidr } from '../../core/cidr';
import { formProblems } from '../../rehearsal/provider-standin/aws/checks';
import { REHEARSAL_CREDENTIALS } from '../../rehearsal/provider-standin/aws/credentials';
import { policyProblem } from '../../rehearsal/provider-standin/aws/policy';
import { AwsStandIn } from '../../rehearsal/provider-standin/aws/provider';
import { Cloud } from '../../rehearsal/provider-standin/cloud';
import { UNKNOWN, type Value, type ValueMap } from '../../rehearsal/provider-standin/protocol/value';
import { providerSchema } from '../../rehearsal/provider-standin/schema/provider-schema';
import type { Block } from '../../rehearsal/provider-standin/schema/schema';
import type { Outcome } from '../../rehearsal/provider-standin/stand-in';

const RESOURCES = [
  'aws_vpc',
  'aws_subnet',
  'aws_iam_role',
  'aws_iam_role_policy_attachment',
  'aws_eks_cluster',
  'aws_eks_node_group',
  'aws_launch_template',
];
const schema = providerSchema('aws', {
  resources: RESOURCES,
  dataSources: ['aws_caller_identity', 'aws_availability_zones', 'aws_ec2_instance_type_offerings', 'aws_eks_cluster'],
});
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

let cloud: Cloud;
let aws: AwsStandIn;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'ovk-cloud-'));
  folders.push(folder);
  cloud = new Cloud(folder);
  const instances = { 'g6.xlarge': { arch: 'x86_64', gpu: true }, 't4g.medium': { arch: 'arm64', gpu: false } } as const;
  const config = {
    provider: 'aws',
    schema: '',
    cloud: folder,
    account: '000000000000',
    instances,
    faults: '',
    helm: null,
    kubeconfig: null,
  } as const;
  aws = new AwsStandIn(schema, cloud, config, [], { ...REHEARSAL_CREDENTIALS });
  aws.configure({ region: 'us-east-1', default_tags: [{ tags: { Owner: 'puppeteers' } }] });
});

/** All attributes of a type: null, or what is given. */
function full(type: string, given: Record<string, Value>): ValueMap {
  const empty = (block: Block): Record<string, Value> => ({
    ...Object.fromEntries(Object.keys(block.attributes).map((name) => [name, null])),
    ...Object.fromEntries(Object.entries(block.blocks).map(([name, { nesting }]) => [name, nesting === 'single' ? null : []])),
  });
  return { ...empty(schema.resources[type] as Block), ...given };
}

async function create(type: string, given: Record<string, Value>): Promise<Outcome> {
  const { planned } = aws.plan(type, null, full(type, given));
  return aws.apply(type, null, planned);
}

async function made(type: string, given: Record<string, Value>): Promise<ValueMap> {
  const { state, diagnostics } = await create(type, given);
  expect(diagnostics ?? []).toEqual([]);
  return state as ValueMap;
}

async function refusal(type: string, given: Record<string, Value>): Promise<string> {
  const { state, diagnostics = [] } = await create(type, given);
  expect(state).toBeNull();
  return diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`).join('\n');
}

const aVpc = () => made('aws_vpc', { cidr_block: '10.42.0.0/16' });
const aSubnet = async (vpc: ValueMap, cidr: string, zone = 'us-east-1b') =>
  made('aws_subnet', { vpc_id: vpc.id as Value, cidr_block: cidr, availability_zone: zone });
const aRole = () => made('aws_iam_role', { name: 'node', assume_role_policy: TRUST });

describe('a create', () => {
  it('plans what only the cloud can say as unknown, and keeps what is configured', () => {
    const planned = aws.plan('aws_vpc', null, full('aws_vpc', { cidr_block: '10.42.0.0/16' })).planned as ValueMap;
    expect(planned).toMatchObject({ cidr_block: '10.42.0.0/16', tags_all: { Owner: 'puppeteers' } });
    expect(planned.id).toBe(UNKNOWN);
    expect(planned.enable_dns_support).toBeNull();
  });

  it('gives the same id to the same configuration in every rehearsal, and never one id twice', async () => {
    const [one, two] = [await aVpc(), await aVpc()];
    expect(one.id).toMatch(/^vpc-[0-9a-f]{17}$/);
    expect(two.id).not.toBe(one.id);
    for (const { id } of cloud.all()) cloud.delete('aws_vpc', id);
    expect((await aVpc()).id).toBe(one.id);
  });

  it('leaves nothing unknown', async () => {
    const vpc = await aVpc();
    expect(Object.values(vpc)).not.toContain(UNKNOWN);
    expect(vpc.arn).toBe(`arn:aws:ec2:us-east-1:000000000000:vpc/${String(vpc.id)}`);
  });

  it('keeps a name once, as AWS does', async () => {
    await aRole();
    expect(await refusal('aws_iam_role', { name: 'node', assume_role_policy: TRUST })).toContain('already exists');
    expect(cloud.ofType('aws_iam_role')).toHaveLength(1);
  });

  it('refuses a reference to what does not exist', async () => {
    expect(await refusal('aws_subnet', { vpc_id: 'vpc-0', cidr_block: '10.0.0.0/24' })).toContain('There is no aws_vpc "vpc-0"');
    expect(await refusal('aws_iam_role_policy_attachment', { role: 'nobody', policy_arn: 'arn:aws:iam::aws:policy/X' })).toContain(
      'nobody',
    );
  });
});

describe('an update', () => {
  it('is none when nothing changed', async () => {
    const vpc = await aVpc();
    expect(aws.plan('aws_vpc', vpc, vpc)).toEqual({ planned: vpc, replace: [] });
  });

  it('is made in place, unless the attribute cannot change', async () => {
    const vpc = await aVpc();
    expect(aws.plan('aws_vpc', vpc, { ...vpc, enable_dns_hostnames: true }).replace).toEqual([]);
    expect(aws.plan('aws_vpc', vpc, { ...vpc, cidr_block: '10.0.0.0/16' }).replace).toEqual([['cidr_block']]);
  });

  it('counts the versions of a launch template', async () => {
    const template = await made('aws_launch_template', { name: 'model', update_default_version: true });
    const { planned } = aws.plan('aws_launch_template', template, { ...template, description: 'more' });
    expect((planned as ValueMap).latest_version).toBe(UNKNOWN);
    const { state } = await aws.apply('aws_launch_template', template, planned);
    expect(state).toMatchObject({ id: template.id, latest_version: 2, default_version: 2 });
  });
});

describe('a read and a destroy', () => {
  it('shows what somebody deleted or changed behind Terraform', async () => {
    const vpc = await aVpc();
    cloud.put({ type: 'aws_vpc', id: String(vpc.id), value: { ...vpc, enable_dns_support: false } });
    expect(aws.read('aws_vpc', vpc)).toMatchObject({ enable_dns_support: false });
    cloud.delete('aws_vpc', String(vpc.id));
    expect(aws.read('aws_vpc', vpc)).toBeNull();
  });

  it('refuses to destroy what is in use', async () => {
    const vpc = await aVpc();
    const subnet = await aSubnet(vpc, '10.42.0.0/20');
    expect((await aws.apply('aws_vpc', vpc, null)).diagnostics?.[0]?.summary).toContain('DependencyViolation');
    await aws.apply('aws_subnet', subnet, null);
    expect(await aws.apply('aws_vpc', vpc, null)).toEqual({ state: null });
    expect(cloud.all()).toEqual([]);
  });
});

describe('networks', () => {
  it('are checked for form, size, place in the VPC and overlap', async () => {
    const vpc = await aVpc();
    await aSubnet(vpc, '10.42.0.0/20');
    const subnet = (cidr: string, zone = 'us-east-1a') =>
      refusal('aws_subnet', { vpc_id: vpc.id as Value, cidr_block: cidr, availability_zone: zone });
    expect(await subnet('10.42.8.0/24')).toContain('overlaps 10.42.0.0/20');
    expect(await subnet('10.43.0.0/20')).toContain('outside its VPC');
    expect(await subnet('10.42.16.0/29')).toContain('/16 to /28');
    expect(await subnet('10.42.16.1/20')).toContain('no bits behind the prefix');
    expect(await subnet('10.42.16.0/20', 'us-east-1z')).toContain('there is no zone us-east-1z');
  });

  it('overlap exactly when one holds an address of the other', () => {
    const network = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 30 }), fc.integer({ min: 0, max: 255 }))
      .map(([third, bits, low]) => `10.0.${third % 2}.${low - (low % 2 ** (32 - bits))}/${bits}`);
    fc.assert(
      fc.property(network, network, (a, b) => {
        const [one, other] = [parseCidr(a), parseCidr(b)];
        if (!one || !other) throw new Error(`${a} ${b}`);
        const addresses = (from: typeof one) => Array.from({ length: from.last - from.first + 1 }, (_, index) => from.first + index);
        const shared = addresses(one).filter((address) => address >= other.first && address <= other.last);
        expect(overlaps(one, other)).toBe(shared.length > 0);
        expect(contains(one, other)).toBe(addresses(other).every((address) => address >= one.first && address <= one.last));
      }),
    );
  });
});

describe('a node group', () => {
  const group = async (change: Record<string, Value>) => {
    const vpc = await aVpc();
    const subnets = [await aSubnet(vpc, '10.42.0.0/20', 'us-east-1a'), await aSubnet(vpc, '10.42.16.0/20', 'us-east-1b')];
    const role = await aRole();
    await made('aws_eks_cluster', {
      name: 'show',
      role_arn: role.arn as Value,
      vpc_config: [{ subnet_ids: subnets.map(({ id }) => id as Value) }],
    });
    return create('aws_eks_node_group', {
      cluster_name: 'show',
      node_group_name: 'model',
      node_role_arn: role.arn as Value,
      subnet_ids: [subnets[1]?.id as Value],
      instance_types: ['g6.xlarge'],
      ami_type: 'AL2023_x86_64_NVIDIA',
      scaling_config: [{ desired_size: 1, max_size: 2, min_size: 1 }],
      ...change,
    });
  };
  const words = ({ diagnostics = [] }: Outcome) => diagnostics.map(({ summary }) => summary).join();

  it('is made where its type is offered', async () => {
    const { state } = await group({});
    expect(state).toMatchObject({
      status: 'ACTIVE',
      resources: [{ autoscaling_groups: [{ name: expect.stringMatching(/^eks-model-/) }] }],
    });
  });

  it('is refused with a type that is not known, or an image of another architecture', async () => {
    expect(words(await group({ instance_types: ['g99.xlarge'] }))).toContain('g99.xlarge is not known');
  });

  it('is refused with an image of another architecture', async () => {
    expect(words(await group({ ami_type: 'AL2023_ARM_64_NVIDIA' }))).toContain('g6.xlarge is x86_64');
  });

  it('is refused in a zone that does not offer the type', async () => {
    const subnets = () => cloud.ofType('aws_subnet').find(({ value }) => value.availability_zone === 'us-east-1a')?.id ?? '';
    await group({ node_group_name: 'first' });
    const [role] = cloud.ofType('aws_iam_role');
    const outcome = await create('aws_eks_node_group', {
      cluster_name: 'show',
      node_group_name: 'second',
      node_role_arn: role?.value.arn as Value,
      subnet_ids: [subnets()],
      instance_types: ['g6.xlarge'],
      ami_type: 'AL2023_x86_64_NVIDIA',
      scaling_config: [{ desired_size: 1, max_size: 2, min_size: 1 }],
    });
    expect(words(outcome)).toContain('g6.xlarge is not offered in us-east-1a');
  });
});

describe('the form of a configuration', () => {
  const said = (type: string, config: ValueMap) => formProblems(type, config).map(({ summary }) => summary);

  it('is checked for names, ARNs, retention and tags; what is unknown is passed over', () => {
    expect(said('aws_s3_bucket', { bucket: 'Puppets' })).toEqual(['aws_s3_bucket: bucket is "Puppets"']);
    expect(said('aws_s3_bucket', { bucket: UNKNOWN })).toEqual([]);
    expect(said('aws_iam_role', { name: 'x'.repeat(65) })).toHaveLength(1);
    expect(said('aws_iam_role_policy_attachment', { policy_arn: 'AdministratorAccess' })).toEqual([
      'policy_arn is no ARN: "AdministratorAccess"',
    ]);
    expect(said('aws_cloudwatch_log_group', { retention_in_days: 31 })).toHaveLength(1);
    expect(said('aws_vpc', { tags: { 'aws:mine': 'x' } })).toHaveLength(1);
    expect(said('aws_vpc', { tags: { Name: 'y'.repeat(257) } })).toHaveLength(1);
  });

  it.each([
    ['not JSON', 'aws_iam_role', 'assume_role_policy', '{', /not JSON/],
    ['no version', 'aws_iam_role_policy', 'policy', '{"Statement":[]}', /Version/],
    ['a misspelt effect', 'aws_iam_role_policy', 'policy', policy({ Effect: 'allow', Action: 's3:*', Resource: '*' }), /Effect/],
    ['no resource', 'aws_iam_role_policy', 'policy', policy({ Effect: 'Allow', Action: 's3:*' }), /Resource/],
    ['an odd action', 'aws_iam_role_policy', 'policy', policy({ Effect: 'Allow', Action: 'S3 Get', Resource: '*' }), /service:Action/],
    ['no principal', 'aws_iam_role', 'assume_role_policy', policy({ Effect: 'Allow', Action: 'sts:AssumeRole' }), /Principal/],
    [
      'a principal too many',
      'aws_iam_role_policy',
      'policy',
      policy({ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' }),
      /no Principal/,
    ],
  ])('refuses a policy with %s', (_, type, attribute, text, words) => {
    expect(policyProblem(type, attribute, text)).toMatch(words);
  });

  it('takes policies as AWS takes them, and JSON of other kinds', () => {
    expect(policyProblem('aws_iam_role', 'assume_role_policy', TRUST)).toBeUndefined();
    expect(policyProblem('aws_ecr_lifecycle_policy', 'policy', '{"rules":[]}')).toBeUndefined();
  });
});

describe('data sources', () => {
  const read = async (type: string, config: ValueMap) => aws.readData(type, config);

  it('tell of one account that AWS gives to nobody', async () => {
    expect((await read('aws_caller_identity', {})).state).toMatchObject({ account_id: '000000000000' });
    expect(aws.configure({ allowed_account_ids: ['123456789012'] })[0]?.summary).toContain('not allowed');
  });

  it('offer GPUs in some zones only, and a type that is not known in none', async () => {
    const zones = (await read('aws_availability_zones', {})).state as ValueMap;
    const offering = async (type: string) =>
      ((await read('aws_ec2_instance_type_offerings', { filter: [{ name: 'instance-type', values: [type] }] })).state as ValueMap)
        .locations;
    const gpu = (await offering('g6.xlarge')) as string[];
    expect(gpu.length).toBeGreaterThan(1);
    expect(gpu.length).toBeLessThan((zones.names as string[]).length);
    expect(await offering('g99.xlarge')).toEqual([]);
  });

  it('find a cluster that was made, and say so when there is none', async () => {
    expect((await read('aws_eks_cluster', { name: 'show' })).diagnostics?.[0]?.detail).toContain('show');
  });
});

function policy(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
