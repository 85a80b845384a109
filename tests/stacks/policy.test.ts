import { describe, expect, it } from 'vitest';
import { aRelease, resourcesOf, type StackJson, synthesise } from './fixtures';

const ALL_SETTINGS = {
  nat: 'per-zone',
  endpoints: ['ecr.api', 'sts'],
  clusterCidrs: ['203.0.113.0/24'],
  clusterAdmins: ['arn:aws:iam::123456789012:role/admin'],
  githubRepository: 'puppeteers/show',
  alertEmail: 'stage@example.org',
} as const;
const withKarpenter = aRelease((raw) => Object.assign(raw.placement, { nodes: 'karpenter' }));
const { stacks, texts } = synthesise({ release: aRelease(), settings: ALL_SETTINGS });
const karpenter = synthesise({ release: withKarpenter, settings: ALL_SETTINGS });
const all = [...Object.values(stacks), karpenter.stacks.platform, karpenter.stacks.workloads].flatMap(resourcesOf);
const ofType = (type: string) => all.filter(([address]) => address.startsWith(`${type}.`));

interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: unknown;
}

/** Every statement of every policy, with the resource that carries it. */
const statements = all.flatMap(([address, body]) =>
  ['policy', 'assume_role_policy'].flatMap((key) => {
    if (typeof body[key] !== 'string' || !body[key].includes('Statement')) return [];
    return (JSON.parse(body[key]).Statement as Statement[]).map((statement) => ({ address, statement }));
  }),
);

describe('policies', () => {
  it('are there to be looked at', () => expect(statements.length).toBeGreaterThan(12));

  it('allow no role every action, and nothing on everything but what AWS gives no resource for', () => {
    const wide = statements.filter(
      ({ address, statement }) => /iam_role_policy/.test(address) && [statement.Resource].flat().includes('*'),
    );
    expect(wide.length).toBeGreaterThan(3);
    // to read, or to change what carries a tag of this cluster
    const changing = wide.filter(
      ({ statement }) => ![statement.Action].flat().every((action) => /:(Describe|Get|List)\w+$/.test(String(action))),
    );
    expect(changing.map(({ statement }) => statement.Action)).toEqual([
      ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
    ]);
    for (const { statement } of changing) expect(JSON.stringify(statement.Condition)).toMatch(/aws:ResourceTag.*"owned"/);
    const roles = statements.filter(({ address, statement }) => /aws_iam/.test(address) && statement.Effect === 'Allow');
    expect(roles.filter(({ statement }) => [statement.Action].flat().some((action) => /^\*$|:\*$/.test(String(action))))).toEqual([]);
  });

  it('name everybody only to refuse', () => {
    const anybody = statements.filter(({ statement }) => JSON.stringify(statement.Principal ?? '').includes('"*"'));
    expect(anybody.length).toBeGreaterThan(0);
    expect(anybody.filter(({ statement }) => statement.Effect !== 'Deny')).toEqual([]);
  });

  it('let a service in only for this account', () => {
    const services = statements.filter(
      ({ address, statement }) => !/aws_iam/.test(address) && JSON.stringify(statement.Principal ?? '').includes('.amazonaws.com'),
    );
    expect(services.length).toBeGreaterThan(2);
    expect(
      services.filter(
        ({ statement }) => !/aws:SourceAccount|aws:SourceArn|EncryptionContext/.test(JSON.stringify(statement.Condition ?? '')),
      ),
    ).toEqual([]);
  });
});

describe('the network', () => {
  it('gives no machine a public address, and opens no port to the world', () => {
    for (const [address, subnet] of ofType('aws_subnet'))
      expect({ address, public: subnet.map_public_ip_on_launch }).toEqual({ address, public: false });
    const open = all.filter(([address, body]) => /security_group/.test(address) && /0\.0\.0\.0\/0|::\/0/.test(JSON.stringify(body)));
    expect(open).toEqual([]);
    const [, cluster] = ofType('aws_eks_cluster')[0] ?? [];
    expect((cluster as StackJson).vpc_config.public_access_cidrs).toEqual(['203.0.113.0/24']);
  });
});

describe('storage', () => {
  it('is encrypted wherever AWS offers it', () => {
    expect(ofType('aws_s3_bucket_server_side_encryption_configuration')).toHaveLength(ofType('aws_s3_bucket').length);
    expect(ofType('aws_s3_bucket_public_access_block')).toHaveLength(ofType('aws_s3_bucket').length);
    for (const [, template] of ofType('aws_launch_template'))
      for (const { ebs } of template.block_device_mappings) expect(ebs.encrypted).toBe('true');
    expect(ofType('aws_sns_topic').every(([, topic]) => topic.kms_master_key_id)).toBe(true);
  });
});

describe('the state', () => {
  it('holds no secret: no password, no token, no private key', () => {
    for (const text of Object.values(texts))
      expect(text).not.toMatch(/"(password|secret_string|token|private_key|client_key)"\s*:\s*"[^"$]/i);
  });
});
