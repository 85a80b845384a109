import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { deployDocs, MANAGED_POLICY_CHARACTERS } from '../../scripts/deploy-docs';
import { COMMANDS } from '../../scripts/specs';
import { synthesisedStacks } from '../../scripts/synthesised-stacks';
import { awsTypesOf, deployerPolicy, readerPolicy } from '../../stacks/deployer-policy';
import { graphOf } from '../../stacks/diagram/graph';
import { diagramSvg } from '../../stacks/diagram/svg';
import { regionOf } from '../../stacks/kit-stack';
import { releasePrefix } from '../../stacks/names';
import { SETTINGS } from '../../stacks/settings-table';
import { costTags } from '../../stacks/tags';
import { synthesiseVariants } from '../stacks/variants';

const now = new Date();
const { release, file } = loadRelease('release.yaml', {});
const plan = planRelease(release, loadCatalog(), { file, today: now });
const names = { prefix: releasePrefix(release), region: regionOf(release), account: 'ACCOUNT', tags: costTags(release) };
const stacks = synthesisedStacks(now);
const committed = (name: string) => readFileSync(fromRoot(name), 'utf8');
/** Prices move with the catalogue; `npm run docs` renews them. */
const withoutPrices = (text: string) => text.replace(/\b\d+\.\d\d\b|\d{4}-\d\d-\d\d/g, '#');

describe('the generated pages', () => {
  it.each(Object.entries(deployDocs({ stacks, plan, names })))('%s is what the stacks are (else: npm run docs)', (name, text) => {
    expect(withoutPrices(committed(name))).toBe(withoutPrices(text));
  });
});

describe('the picture', () => {
  const graph = graphOf(stacks);

  it('draws every resource of every stack once', () => {
    const drawn = graph.parts.reduce((sum, { resources }) => sum + resources, 0);
    const made = Object.values(stacks).flatMap((stack) => Object.values((stack as { resource: object }).resource).flatMap(Object.keys));
    expect(drawn).toBe(made.length);
  });

  it('shows what crosses the stacks, and nothing that follows from the rest', () => {
    expect(graph.edges).toContainEqual({ from: 'platform/EKS cluster', to: 'network/Private subnets and routes' });
    expect(graph.edges).toContainEqual({ from: 'workloads/Admission policy', to: 'platform/EKS cluster' });
    expect(graph.edges).not.toContainEqual({ from: 'platform/EKS cluster', to: 'network/VPC' });
  });

  it('lets an edge go with the reference that makes it', () => {
    const other = structuredClone(stacks) as Record<string, { resource: Record<string, Record<string, Record<string, unknown>>> }>;
    delete other.platform?.resource.aws_eks_cluster?.cluster?.vpc_config;
    expect(graphOf(other).edges).not.toContainEqual({ from: 'platform/EKS cluster', to: 'network/Private subnets and routes' });
  });

  it('says itself in words, and lets nothing through as markup', () => {
    const svg = diagramSvg({ stacks: ['<b>'], parts: [{ id: '<b>/x', stack: '<b>', title: '"><script>', resources: 1 }], edges: [] });
    expect(svg).not.toMatch(/<script|<b>/);
    expect(diagramSvg(graph)).toContain('EKS cluster needs Encryption key.');
  });
});

describe('the IAM policies', () => {
  const variants = Object.entries(synthesiseVariants());

  it.each(variants)('know every type of the stacks (%s)', (_, { stacks: made }) => {
    for (const stack of Object.values(made)) expect(() => deployerPolicy(stack, names)).not.toThrow();
  });

  it('refuse a type that nobody described', () => {
    expect(() => deployerPolicy({ resource: { aws_new_thing: {} } }, names)).toThrow(/aws_new_thing.*iam-actions.json/);
  });

  it('fit into managed policies and never allow a service as a whole', () => {
    const policies = [...Object.values(stacks).map((stack) => deployerPolicy(stack, names)), readerPolicy(names)];
    for (const policy of policies) {
      expect(JSON.stringify(policy).length).toBeLessThanOrEqual(MANAGED_POLICY_CHARACTERS);
      for (const { Action, Resource } of policy.Statement) {
        expect(Action.filter((action) => !/^[a-z0-9]+:[A-Z][A-Za-z]+$/.test(action))).toEqual([]);
        // on everything: only what makes, lists or describes, or a grant on the key of a service
        if (Resource.includes('*')) expect(Action.filter((action) => /:(Delete|Put|Attach|Pass|Modify)/.test(action))).toEqual([]);
      }
    }
  });

  it('give the right to pass roles of the release only, and ask for its tags where AWS gives the name', () => {
    const { Statement } = deployerPolicy(stacks.platform, names);
    const passing = Statement.filter(({ Action }) => Action.includes('iam:PassRole'));
    expect(passing.map(({ Resource }) => Resource)).toEqual([[`arn:aws:iam::ACCOUNT:role/${names.prefix}-*`]]);
    const deleting = Statement.find(({ Action }) => Action.includes('kms:ScheduleKeyDeletion'));
    expect(deleting?.Condition).toEqual({
      StringEquals: {
        'aws:ResourceTag/Project': 'onevision-kit',
        'aws:ResourceTag/Release': release.metadata.name,
        'aws:ResourceTag/Environment': release.metadata.environment,
      },
    });
  });

  it('see data sources as well', () => expect(awsTypesOf(stacks.network)).toContain('data.aws_ec2_instance_type_offerings'));
});

describe('the runbook', () => {
  const text = committed('docs/runbook.md');

  it('names only commands, settings and pages that exist', () => {
    const commands = [...text.matchAll(/npx ovkit ([a-z-]+)/g)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(15);
    expect(commands.filter((name) => !COMMANDS.some((command) => command.name === name))).toEqual([]);
    const variables = new Set([...Object.values(SETTINGS).map(({ variable }) => variable), 'OVKIT_GATE']);
    expect([...text.matchAll(/OVKIT_[A-Z_]+/g)].map(([name]) => name).filter((name) => !variables.has(name))).toEqual([]);
    for (const [, page] of text.matchAll(/\]\(([\w.-]+\.md)\)/g)) expect(existsSync(fromRoot('docs', page ?? ''))).toBe(true);
  });

  it('has a chapter for each thing that goes wrong', () => {
    for (const words of ['Upgrade EKS', 'AMI', 'Quota', 'capacity', 'verdict has expired', 'Budget alarm', 'Roll back', 'Restore'])
      expect(text).toMatch(new RegExp(`^## .*${words}`, 'm'));
  });
});
