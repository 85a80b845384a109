import { describe, expect, it } from 'vitest';
import { isDescribed } from '../../rehearsal/provider-standin/aws/objects';
import { providerSchema } from '../../rehearsal/provider-standin/schema/provider-schema';
import type { Block } from '../../rehearsal/provider-standin/schema/schema';
import { aRelease, synthesise } from '../stacks/fixtures';

const aws = providerSchema('aws', {
  resources: ['aws_vpc', 'aws_eks_cluster', 'aws_eks_node_group', 'aws_s3_bucket_versioning', 'aws_launch_template'],
  dataSources: ['aws_availability_zones', 'aws_eks_cluster'],
});

function resource(type: string): Block {
  const found = aws.resources[type];
  if (!found) throw new Error(type);
  return found;
}

describe('the schema of provider aws, rebuilt from the pinned bindings', () => {
  it('says what is required, optional, computed, and of which type', () => {
    const { attributes } = resource('aws_vpc');
    expect(attributes.cidr_block).toEqual({ type: 'string', optional: true, computed: true });
    expect(attributes.enable_dns_support).toEqual({ type: 'bool', optional: true });
    expect(attributes.arn).toEqual({ type: 'string', computed: true });
    expect(attributes.tags).toEqual({ type: ['map', 'string'], optional: true });
    expect(attributes.tags_all).toEqual({ type: ['map', 'string'], optional: true, computed: true });
    expect(aws.resources.aws_eks_cluster?.attributes.role_arn).toEqual({ type: 'string', required: true });
  });

  it('nests blocks with how often they may stand', () => {
    const { blocks } = resource('aws_eks_cluster');
    expect(blocks.vpc_config).toMatchObject({ nesting: 'list', min: 1, max: 1 });
    expect(blocks.vpc_config?.block.attributes.subnet_ids).toEqual({ type: ['set', 'string'], required: true });
    expect(blocks.vpc_config?.block.attributes.cluster_security_group_id).toEqual({ type: 'string', computed: true });
    expect(blocks.timeouts).toMatchObject({ nesting: 'single' });
    expect(aws.resources.aws_eks_node_group?.blocks.taint).toMatchObject({ nesting: 'set', min: 0, max: 0 });
    expect(aws.resources.aws_launch_template?.blocks.block_device_mappings?.block.blocks).toHaveProperty('ebs');
  });

  it('knows objects that only the provider fills in', () => {
    expect(aws.resources.aws_eks_cluster?.attributes.certificate_authority).toEqual({
      type: ['list', ['object', { data: 'string' }]],
      computed: true,
    });
    expect(aws.resources.aws_eks_node_group?.attributes.resources?.type).toEqual([
      'list',
      ['object', { autoscaling_groups: ['list', ['object', { name: 'string' }]], remote_access_security_group_id: 'string' }],
    ]);
    expect(aws.dataSources.aws_availability_zones?.attributes.names?.type).toEqual(['list', 'string']);
  });

  it('refuses a type that the bindings do not have', () => {
    expect(() => providerSchema('aws', { resources: ['aws_nothing'], dataSources: [] })).toThrow('no nothing');
  });
});

describe('the schema of provider helm', () => {
  it('takes nested structures as attributes, since that provider speaks protocol 6', () => {
    const helm = providerSchema('helm', { resources: ['helm_release'], dataSources: [] });
    expect(helm.provider.attributes.kubernetes?.nested?.nesting).toBe('single');
    expect(helm.provider.attributes.kubernetes?.nested?.attributes.exec?.nested?.attributes.command).toMatchObject({ required: true });
    expect(helm.resources.helm_release?.attributes.chart).toEqual({ type: 'string', required: true });
    expect(helm.resources.helm_release?.blocks).toEqual({});
  });
});

describe('the tables of the stand-in', () => {
  it('describe every AWS type that the stacks use', () => {
    const release = aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal' }));
    const settings = { githubRepository: 'puppeteers/show', clusterAdmins: ['arn:aws:iam::123456789012:role/admin'] };
    const types = Object.values(synthesise({ release, settings }).stacks).flatMap((stack) => Object.keys(stack.resource ?? {}));
    expect(types.filter((type) => type.startsWith('aws_') && !isDescribed(type))).toEqual([]);
  });
});
