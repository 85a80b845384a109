import type { Plan } from '../planning/plan';
import { awsTypesOf, deployerPolicy, type PolicyNames, readerPolicy } from '../stacks/deployer-policy';
import { graphOf } from '../stacks/diagram/graph';
import { diagramSvg } from '../stacks/diagram/svg';
import iam from '../stacks/iam-actions.json';
import { tagCoverage } from '../stacks/tag-coverage';
import { COST_TAG_KEYS } from '../stacks/tags';

export interface DeployDocsInput {
  /** Parsed cdk.tf.json by name, in the order of a deploy. */
  readonly stacks: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
  readonly names: PolicyNames;
}

/** What a managed policy may hold, without white space. Source: IAM user guide, "IAM and AWS STS quotas". */
export const MANAGED_POLICY_CHARACTERS = 6_144;

/** Stack in which each cost line of a plan arises; what the table does not name belongs to the platform. */
const STACK_OF_COST: Readonly<Record<string, string>> = {
  's3-standard': 'bootstrap',
  'ecr-storage': 'bootstrap',
  'nat-gateway-hour': 'network',
  'nat-gateway-gb': 'network',
  'public-ipv4': 'network',
};

/** The generated pages about a deploy, by file: picture, stacks with their cost, IAM policies. */
export function deployDocs(input: DeployDocsInput): Readonly<Record<string, string>> {
  return {
    'docs/architecture.svg': diagramSvg(graphOf(input.stacks)),
    'docs/architecture.md': architecturePage(input),
    'docs/iam-policy.json': `${JSON.stringify(policies(input), null, 2)}\n`,
    'docs/iam.md': iamPage(input),
  };
}

function policies({ stacks, names }: DeployDocsInput) {
  const deploy = Object.entries(stacks).map(([stack, json]) => [stack, deployerPolicy(json, names)] as const);
  return { ...Object.fromEntries(deploy), reader: readerPolicy(names) };
}

function architecturePage({ stacks, plan }: DeployDocsInput): string {
  const rows = Object.keys(stacks).map((stack) => {
    const lines = plan.cost.lines.filter(({ key }) => (STACK_OF_COST[key] ?? 'platform') === stack);
    const known = lines.flatMap(({ usdPerMonth }) => (usdPerMonth.value === null ? [] : [usdPerMonth.value]));
    const unknown = lines.length - known.length;
    const usd = known.reduce((sum, value) => sum + value, 0);
    const parts = lines.map(({ title, usdPerMonth }) => `${title} ${usdPerMonth.value?.toFixed(2) ?? 'unknown'}`);
    const { resource = {} } = stacks[stack] as { readonly resource?: Readonly<Record<string, object>> };
    const resources = Object.values(resource).reduce((sum, byName) => sum + Object.keys(byName).length, 0);
    return `| ${stack} | ${resources} | ${usd.toFixed(2)}${unknown > 0 ? ` and ${unknown} unknown` : ''} | ${parts.join(', ') || 'nothing of its own: it runs on the nodes of the platform'} |`;
  });
  return `${[
    '# Architecture',
    '',
    'Generated from the synthesised stacks and the plan of `release.yaml` (`npm run docs`).',
    '',
    '![The four stacks, what they consist of, and what needs what](architecture.svg)',
    '',
    "`npx cdktf deploy '*'` makes the stacks from left to right and `destroy` takes them down from right to left. A part is a few Terraform resources that belong",
    'together; `stacks/diagram/parts.json` says which.',
    '',
    '## What each stack costs',
    '',
    `US dollars a month for ${plan.release.name} (${plan.release.environment}) as planned: ${plan.placement.replicas} × ${plan.placement.instanceType ?? 'no instance'} in ${plan.placement.region ?? 'no region'}, prices of ${plan.cost.priceDate ?? 'no date'}. \`npx ovkit plan\` gives the ranges.`,
    '',
    '| stack | resources | USD a month | of which |',
    '| --- | ---: | ---: | --- |',
    ...rows,
    '',
    ...tagLines(stacks),
    '',
  ].join('\n')}`;
}

/** What the cost tags reach, and what AWS cannot tag: to be known when a bill is read. */
function tagLines(stacks: DeployDocsInput['stacks']): string[] {
  const coverages = Object.values(stacks).map(tagCoverage);
  const covered = coverages.flatMap((coverage) => coverage.covered);
  const types = coverages.flatMap(({ cannot }) => cannot.map(({ address, why }) => `| \`${address.split('.')[0]}\` | ${why} |`));
  return [
    '## Cost tags',
    '',
    `${COST_TAG_KEYS.map((key) => `\`${key}\``).join(', ')} stand on ${covered.length} resources, and on what these start: instances, volumes, network interfaces and`,
    'the Auto Scaling group of a node group, or what Karpenter starts. A test takes away each key at each place and sees it missed. What AWS cannot tag:',
    '',
    '| type, or what it makes itself | why |',
    '| --- | --- |',
    ...[...new Set(types)].sort(),
  ];
}

function iamPage(input: DeployDocsInput): string {
  const { stacks, names } = input;
  const resources: Readonly<Record<string, { readonly arns: readonly string[]; readonly tagged?: boolean; readonly why: string }>> =
    iam.resources;
  const made = policies(input) as Readonly<Record<string, { readonly Statement: readonly { readonly Action: readonly string[] }[] }>>;
  const sizes = Object.entries(made).map(([name, policy]) => {
    const actions = policy.Statement.reduce((sum, { Action }) => sum + Action.length, 0);
    return `| \`${name}\` | ${name === 'reader' ? '`ovkit preflight`, `ovkit cost actual`, `ovkit prices refresh --from api`' : `deploy, change and destroy ${name}`} | ${actions} | ${JSON.stringify(policy).length} |`;
  });
  const types = [...new Set(Object.values(stacks).flatMap(awsTypesOf))].sort();
  const byType: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = iam.types;
  return `${[
    '# IAM permissions',
    '',
    'Generated from the resource types of the synthesised stacks (`npm run docs`). [iam-policy.json](iam-policy.json) holds one policy for each stack, so that whoever',
    `changes workloads need not be able to change the network, and one for the commands that only read. It is written for ${names.prefix} in ${names.region}: replace`,
    '`ACCOUNT` by the twelve digits of the account (and `aws` by another partition where you need one).',
    '',
    '| policy | for | actions | characters of 6,144 |',
    '| --- | --- | ---: | ---: |',
    ...sizes,
    '',
    'An identity that deploys everything needs all of them (ten managed policies fit on a role). The right to read and write the state is in them, for the buckets of',
    'the release; another state bucket (`OVKIT_STATE_BUCKET`) needs its own line. Inside the cluster the identity that makes it is its administrator; others come in by',
    '`OVKIT_CLUSTER_ADMINS`. The rights of nodes, pods and CI are roles of the stacks themselves.',
    '',
    `Source: ${iam.source}`,
    '',
    '## What the actions act on',
    '',
    '| name | ARNs | why |',
    '| --- | --- | --- |',
    ...Object.entries(resources).map(
      ([name, { arns, tagged, why }]) =>
        `| ${name} | ${arns.map((arn) => `\`${arn}\``).join('<br>')}${tagged ? '<br>with the tags of the release' : ''} | ${why} |`,
    ),
    '',
    '## Actions by resource type',
    '',
    '| type | actions |',
    '| --- | --- |',
    ...types.map(
      (type) =>
        `| \`${type}\` | ${Object.entries(byType[type] ?? {})
          .map(([kind, actions]) => `${kind}: ${actions.map((action) => `\`${action}\``).join(' ')}`)
          .join('<br>')} |`,
    ),
    '',
  ].join('\n')}`;
}
