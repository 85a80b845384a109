import { describe, expect, it } from 'vitest';
import { aRelease, type FixtureInput, type StackJson, synthesise } from './fixtures';

const release = aRelease();
const MIRROR = { image: 'own-registry.onevision-kit.invalid/show@sha256:00', mirror: 's3://own-weights.onevision-kit.invalid/show' };
const made = (input: FixtureInput) => synthesise({ release, ...input });
const bucket = 'puppet-show-production-weights-${data.aws_caller_identity.account.account_id}';

describe('the weights on AWS', () => {
  it('are read from the bucket of the release, over the addresses of S3 alone', () => {
    const values = {
      weights: { source: { url: 's3://own-weights.onevision-kit.invalid/show' } },
      networkPolicy: { egress: 'own-storage.onevision-kit.invalid' },
    };
    const { data, resource } = made({ values }).stacks.workloads;
    const [text] = resource.helm_release.inference.values;
    expect(text).toContain(`s3://${bucket}/show`);
    expect(text).toContain('"egress":${jsonencode([for cidr in data.aws_prefix_list.storage_addresses.cidr_blocks');
    expect(data.aws_prefix_list.storage_addresses.name).toBe('com.amazonaws.us-east-1.s3');
  });

  it('are mirrored by a job that must end before the service starts, in a namespace of its own', () => {
    const { platform, workloads } = made({ mirror: MIRROR }).stacks;
    const { weights_mirror, inference } = workloads.resource.helm_release;
    expect(weights_mirror).toMatchObject({ namespace: 'puppet-show-weights', wait_for_jobs: true });
    expect(weights_mirror.values[0]).toContain(`s3://${bucket}/show`);
    expect(inference.depends_on).toContain('helm_release.weights_mirror');
    expect(platform.resource.aws_eks_pod_identity_association.weights_mirror_access).toMatchObject({
      namespace: 'puppet-show-weights',
      service_account: 'weights-mirror',
    });
  });

  it('are filled by a role that removes nothing, and read by one that writes nothing', () => {
    const { aws_iam_role_policy } = made({}).stacks.platform.resource;
    const actions = (name: string) =>
      JSON.parse(aws_iam_role_policy[name].policy)
        .Statement.flatMap(({ Action }: StackJson) => Action)
        .sort();
    expect(actions('weights_mirror_role_policy')).toEqual(['s3:GetObject', 's3:ListBucket', 's3:PutObject']);
    expect(actions('weights_reader_role_policy')).toEqual(['s3:GetObject', 's3:ListBucket']);
  });

  it('say so when nobody knows their hashes', () => {
    const { stacks, annotations } = made({ mirror: null });
    expect(stacks.workloads.resource.helm_release).not.toHaveProperty('weights_mirror');
    expect(annotations.find(({ message }) => message.includes('no hashes of the weights'))?.level).toBe('@cdktf/warn');
  });

  it('are left to somebody else on demand, and the Hub is warned of where no NAT leads to it', () => {
    const { stacks } = made({ mirror: MIRROR, settings: { weights: 'bucket' } });
    expect(stacks.workloads.resource.helm_release).not.toHaveProperty('weights_mirror');
    expect(stacks.platform.resource.aws_iam_role).not.toHaveProperty('weights_mirror_role');
    const { annotations } = made({ mirror: MIRROR, settings: { nat: 'none' } });
    expect(annotations.map(({ message }) => message).join()).toContain('cannot reach the Hub');
  });
});
