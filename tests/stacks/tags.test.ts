import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { tagCoverage } from '../../stacks/tag-coverage';
import support from '../../stacks/tag-support.json';
import { COST_TAG_KEYS, costTags, tagValue } from '../../stacks/tags';
import { aClusterRelease, aRelease, synthesise } from './fixtures';

const everything = () =>
  synthesise({ settings: { githubRepository: 'puppeteers/show', clusterAdmins: ['arn:aws:iam::123456789012:role/admin'] } }).stacks;

describe('cost tags', () => {
  it('reach everything that can carry them, in every stack', () => {
    for (const [name, stack] of Object.entries(everything())) {
      const { missing, covered } = tagCoverage(stack);
      expect({ name, missing }).toEqual({ name, missing: [] });
      expect(covered.length).toBeGreaterThan(name === 'workloads' ? -1 : 4);
    }
    expect(tagCoverage(synthesise({ release: aClusterRelease() }).stacks.workloads).missing).toEqual([]);
  });

  it('hold all keys, and nothing that changes with an ordinary release', () => {
    expect(Object.keys(costTags(aRelease()))).toEqual([...COST_TAG_KEYS]);
  });

  it('become what AWS takes: allowed characters, at most 256, never empty', () => {
    expect(tagValue('Théâtre de Guignol <b>${x}</b>')).toBe('Théâtre de Guignol _b___x__/b_');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const value = tagValue(text);
        expect(value).toMatch(/^[\p{L}\p{N} +\-=._:/@]{1,256}$/u);
        expect([...value].length).toBeLessThanOrEqual(256);
      }),
    );
  });
});

describe('tagCoverage', () => {
  const platform = () => everything().platform;

  it('finds a provider without default tags', () => {
    const stack = platform();
    stack.provider.aws[0].default_tags = [];
    expect(tagCoverage(stack).missing.map(({ address }) => address)).toContain('aws_eks_cluster.cluster');
  });

  it('finds a launch template whose volumes lose a tag', () => {
    const stack = platform();
    delete stack.resource.aws_launch_template.model_launch_template.tag_specifications[1].tags.CostCentre;
    expect(tagCoverage(stack).missing).toEqual([
      { address: 'aws_launch_template.model_launch_template', why: 'starts each volume without tags' },
    ]);
  });

  it('finds an Auto Scaling group that hands on too little', () => {
    const stack = platform();
    delete stack.resource.aws_autoscaling_group_tag.system_nodes_tag_owner;
    expect(tagCoverage(stack).missing).toEqual([{ address: 'aws_eks_node_group.system_nodes', why: 'its Auto Scaling group lacks Owner' }]);
  });

  it('finds a type that nobody classified', () => {
    const stack = platform();
    stack.resource.aws_new_thing = { thing: {} };
    expect(tagCoverage(stack).missing.map(({ address }) => address)).toEqual(['aws_new_thing.thing']);
  });

  it('names what AWS cannot tag', () => {
    expect(tagCoverage(platform()).cannot).toContainEqual({
      address: 'aws_kms_alias.key_alias',
      why: expect.stringContaining('no tags on aliases'),
    });
  });

  it('classifies each type as the provider bindings do', () => {
    const hasTags = (type: string) => {
      const file = fromRoot('node_modules/@cdktf/provider-aws/lib', type.replace(/^aws_/, '').replaceAll('_', '-'), 'index.d.ts');
      expect({ type, exists: existsSync(file) }).toEqual({ type, exists: true });
      return readFileSync(file, 'utf8').includes('get tagsAll()');
    };
    expect(support.defaultTags.filter((type) => !hasTags(type))).toEqual([]);
    expect(Object.keys(support.cannot).filter((type) => type.startsWith('aws_') && hasTags(type))).toEqual([]);
  });
});
