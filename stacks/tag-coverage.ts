import { GITOPS_OUTPUT } from './names';
import support from './tag-support.json';
import { COST_TAG_KEYS } from './tags';

interface Uncovered {
  /** Address of the resource, e.g. aws_vpc.vpc. */
  readonly address: string;
  readonly why: string;
}

/** Which resources of a stack show up under the release's cost tags. */
export interface TagCoverage {
  readonly covered: readonly string[];
  /** Can carry the tags, and does not: a fault. Types that nobody classified count as well. */
  readonly missing: readonly Uncovered[];
  /** Cannot carry tags, by AWS's doing: to be known when a bill is read. */
  readonly cannot: readonly Uncovered[];
}

/**
 * Looks through a synthesised stack (the parsed cdk.tf.json) for what the cost tags do not reach, including what a resource
 * starts on its own: instances, volumes and network interfaces of a launch template, the Auto Scaling group of a node group.
 */
export function tagCoverage(stack: unknown): TagCoverage {
  const json = stack as StackJson;
  const covered: string[] = [];
  const missing: Uncovered[] = [];
  const cannot: Uncovered[] = [];
  const hasDefaultTags = (json.provider?.aws ?? []).some((provider) => (provider.default_tags ?? []).some(({ tags }) => complete(tags)));
  for (const { address, values } of chartsOf(json)) missing.push(...karpenterGaps(values).map((why) => ({ address, why })));
  for (const [type, byName] of Object.entries(json.resource ?? {})) {
    for (const [name, body] of Object.entries(byName)) {
      const address = `${type}.${name}`;
      const reason = CANNOT[type];
      if (reason !== undefined) {
        cannot.push({ address, why: reason });
        continue;
      }
      const gaps = [...ownGaps(type, body, hasDefaultTags), ...childGaps(type, name, body, json)];
      missing.push(...gaps.map((why) => ({ address, why })));
      if (gaps.length === 0) covered.push(address);
      const children = CHILDREN[type];
      if (children !== undefined) cannot.push({ address, why: children });
    }
  }
  return { covered, missing, cannot };
}

interface Body {
  readonly tags?: Tags;
  /** Of a Helm release. */
  readonly values?: readonly string[];
  readonly tag_specifications?: readonly { readonly resource_type: string; readonly tags?: Tags }[];
  readonly launch_template?: unknown;
  readonly autoscaling_group_name?: string;
  readonly tag?: { readonly key: string; readonly propagate_at_launch: boolean };
}
type Tags = Readonly<Record<string, string>>;
interface StackJson {
  readonly provider?: { readonly aws?: readonly { readonly default_tags?: readonly { readonly tags?: Tags }[] }[] };
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  /** What is handed over to GitOps instead of installed. */
  readonly output?: Readonly<Record<string, { readonly value?: unknown }>>;
}

const CANNOT: Readonly<Record<string, string>> = support.cannot;
const CHILDREN: Readonly<Record<string, string>> = support.children;
/** What an instance brings along that is billed by itself. */
const SPAWNED = ['instance', 'volume', 'network-interface'];

function ownGaps(type: string, body: Body, hasDefaultTags: boolean): string[] {
  if (!support.defaultTags.includes(type)) return [`nobody said whether ${type} can carry tags: add it to stacks/tag-support.json`];
  return hasDefaultTags || complete(body.tags) ? [] : ['neither default_tags of the provider nor own tags'];
}

function childGaps(type: string, name: string, body: Body, json: StackJson): string[] {
  if (type === 'aws_launch_template') {
    const tagged = new Set((body.tag_specifications ?? []).filter(({ tags }) => complete(tags)).map((part) => part.resource_type));
    return SPAWNED.filter((kind) => !tagged.has(kind)).map((kind) => `starts each ${kind} without tags`);
  }
  if (type !== 'aws_eks_node_group') return [];
  const handedOn = Object.values(json.resource?.aws_autoscaling_group_tag ?? {})
    .filter((other) => other.autoscaling_group_name?.includes(`aws_eks_node_group.${name}.`) && other.tag?.propagate_at_launch)
    .map((other) => other.tag?.key);
  const lost = COST_TAG_KEYS.filter((key) => !handedOn.includes(key));
  return [
    ...(body.launch_template === undefined ? ['starts instances without a launch template that tags them'] : []),
    ...(lost.length > 0 ? [`its Auto Scaling group lacks ${lost.join(', ')}`] : []),
  ];
}

/** Values of the charts of a stack, installed or handed over. */
function chartsOf({ resource, output }: StackJson): { readonly address: string; readonly values: string }[] {
  const installed = Object.entries(resource?.helm_release ?? {}).map(([name, { values }]) => ({
    address: `helm_release.${name}`,
    values: values?.[0] ?? '',
  }));
  const handedOver = (output?.[GITOPS_OUTPUT]?.value ?? []) as readonly { readonly name: string; readonly values: string }[];
  return [...installed, ...handedOver.map(({ name, values }) => ({ address: `output.${GITOPS_OUTPUT}, ${name}`, values }))];
}

/** What Karpenter starts carries the tags of its EC2NodeClass, which a chart makes. */
function karpenterGaps(values: string): string[] {
  if (!values.includes('"instanceProfile"')) return [];
  // expressions of Terraform stand where JSON has values
  const { tags } = JSON.parse(values.replace(/\$\{[^}]*\}/g, 'null')) as { readonly tags?: Tags };
  return complete(tags) ? [] : ['Karpenter starts instances, volumes and network interfaces without tags'];
}

function complete(tags: Tags | undefined): boolean {
  return tags !== undefined && COST_TAG_KEYS.every((key) => (tags[key] ?? '') !== '');
}
