import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { tagCoverage } from '../../stacks/tag-coverage';
import support from '../../stacks/tag-support.json';
import { COST_TAG_KEYS, costTags, tagValue } from '../../stacks/tags';
import { aClusterRelease, aPlan, aRelease, type StackJson, synthesise } from './fixtures';
import { synthesiseVariants } from './variants';

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

  it('reach everything in every way in which the stacks are synthesised', () => {
    const missing = Object.entries(synthesiseVariants()).flatMap(([variant, { stacks }]) =>
      Object.entries(stacks).flatMap(([name, stack]) => tagCoverage(stack).missing.map((gap) => ({ variant, name, ...gap }))),
    );
    expect(missing).toEqual([]);
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

/** A stack in which one place has lost one key. */
type Without = (key: string) => StackJson;

function edited(stack: StackJson, edit: (copy: StackJson, key: string) => void): Without {
  return (key) => {
    const copy = structuredClone(stack);
    edit(copy, key);
    return copy;
  };
}

/** Every place where the tags of a release stand: with nodes of managed groups, of Karpenter, and of Karpenter by GitOps. */
function placesOfTags(): Readonly<Record<string, readonly Without[]>> {
  const karpenter = aRelease((raw) => Object.assign(raw.placement, { nodes: 'karpenter' }));
  const input = { release: karpenter, plan: aPlan(karpenter) };
  const { platform } = synthesise().stacks;
  const installed = synthesise(input).stacks.workloads;
  const handedOver = synthesise({ ...input, settings: { delivery: 'gitops' } }).stacks.workloads;
  const renamed = (text: string, key: string) => text.replaceAll(`"${key}":`, '"Other":');
  return {
    'default_tags of the provider': [edited(platform, (copy, key) => delete copy.provider.aws[0].default_tags[0].tags[key])],
    'launch templates of managed groups': Object.entries<StackJson>(platform.resource.aws_launch_template).flatMap(([name, template]) =>
      template.tag_specifications.map((_: unknown, index: number) =>
        edited(platform, (copy, key) => delete copy.resource.aws_launch_template[name].tag_specifications[index].tags[key]),
      ),
    ),
    'Auto Scaling groups': Object.keys(platform.resource.aws_eks_node_group).map((group) =>
      edited(platform, ({ resource: { aws_autoscaling_group_tag: tags } }, key) => {
        for (const [name, part] of Object.entries<StackJson>(tags))
          if (part.tag.key === key && part.autoscaling_group_name.includes(`.${group}.`)) delete tags[name];
      }),
    ),
    'EC2NodeClass, installed': [
      edited(installed, ({ resource: { helm_release } }, key) => {
        helm_release.karpenter_nodes.values = helm_release.karpenter_nodes.values.map((text: string) => renamed(text, key));
      }),
    ],
    'EC2NodeClass, handed over': [
      edited(handedOver, ({ output }, key) => {
        for (const chart of output.gitops_releases.value) chart.values = renamed(chart.values, key);
      }),
    ],
  };
}

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

  it.each(COST_TAG_KEYS)('finds each place that %s is missing from, of both kinds of nodes', (key) => {
    const places = {
      'default_tags of the provider': 1,
      'launch templates of managed groups': 6,
      'Auto Scaling groups': 2,
      'EC2NodeClass, installed': 1,
      'EC2NodeClass, handed over': 1,
    };
    const found = Object.entries(placesOfTags()).map(([place, without]) => {
      const missed = without.filter((stack) => tagCoverage(stack(key)).missing.length > 0);
      return [place, missed.length];
    });
    expect(Object.fromEntries(found)).toEqual(places);
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
