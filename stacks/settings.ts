import { isIPv4 } from 'node:net';
import { KitError, type Problem } from '../core/error';
import { didYouMean } from '../core/nearest';

const GATE_MODES = ['enforce', 'report'] as const;
/** enforce: a release that is not allowed does not synthesise. report: it does, with warnings; `terraform apply` is still refused. */
export type GateMode = (typeof GATE_MODES)[number];

/** What the stacks take from the environment, beside release, plan and verdict. */
export interface StackSettings {
  /** Bucket of the remote state; null keeps the state in files beside cdktf.json. */
  readonly stateBucket: string | null;
  /** Addresses of the VPC, a /16 to /20. */
  readonly vpcCidr: string;
  /** Networks that may reach the public endpoint of the cluster; none makes the endpoint private. */
  readonly clusterCidrs: readonly string[];
  /** IAM principals, besides the one that deploys, that administer the cluster. */
  readonly clusterAdmins: readonly string[];
  /** GitHub repository (owner/name) whose workflows may push images and weights; null makes no CI role. */
  readonly githubRepository: string | null;
  /** kubeconfig of an existing cluster (placement.target cluster). */
  readonly kubeconfig: string;
}

export const DEFAULT_SETTINGS: StackSettings = {
  stateBucket: null,
  vpcCidr: '10.42.0.0/16',
  clusterCidrs: [],
  clusterAdmins: [],
  githubRepository: null,
  kubeconfig: '~/.kube/config',
};

type Environment = Readonly<Record<string, string | undefined>>;

/** VPC sizes that leave each of up to six subnets at least 254 addresses. */
const VPC_PREFIX_BITS = { least: 16, most: 20 };

/**
 * Reads the settings and the gate mode from environment variables.
 * @throws KitError E_STACK_SETTING with every variable that is wrong
 */
export function readSettings(env: Environment): { readonly settings: StackSettings; readonly gate: GateMode } {
  const problems: Problem[] = [];
  const read = <T>(name: string, fallback: T, parse: (text: string) => T | undefined, allowed: string, hint = ''): T => {
    const text = env[name]?.trim();
    if (text === undefined || text === '') return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    problems.push({
      code: 'E_STACK_SETTING',
      message: `${name} is ${JSON.stringify(text)}.${hint}`,
      allowed: `${allowed}.`,
      next: `correct or unset ${name}, see \`npx ovkit explain E_STACK_SETTING\`.`,
    });
    return fallback;
  };
  const settings: StackSettings = {
    stateBucket: read(
      'OVKIT_STATE_BUCKET',
      DEFAULT_SETTINGS.stateBucket,
      matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
      'the name of an S3 bucket',
    ),
    vpcCidr: read('OVKIT_VPC_CIDR', DEFAULT_SETTINGS.vpcCidr, vpcCidr, 'an IPv4 network from /16 to /20, e.g. 10.42.0.0/16'),
    clusterCidrs: read(
      'OVKIT_CLUSTER_CIDRS',
      DEFAULT_SETTINGS.clusterCidrs,
      listOf(cidr),
      'IPv4 networks, separated by commas, e.g. 203.0.113.7/32',
    ),
    clusterAdmins: read(
      'OVKIT_CLUSTER_ADMINS',
      DEFAULT_SETTINGS.clusterAdmins,
      listOf(matching(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/)),
      'ARNs of IAM roles or users, separated by commas',
    ),
    githubRepository: read('OVKIT_GITHUB_REPOSITORY', DEFAULT_SETTINGS.githubRepository, matching(/^[\w.-]+\/[\w.-]+$/), 'owner/name'),
    kubeconfig: read('OVKIT_KUBECONFIG', DEFAULT_SETTINGS.kubeconfig, matching(/^[^\n]+$/), 'the path of a kubeconfig file'),
  };
  const typed = env.OVKIT_GATE ?? '';
  const gate = read<GateMode>('OVKIT_GATE', 'enforce', oneOf(GATE_MODES), GATE_MODES.join(', '), didYouMean(typed, GATE_MODES));
  if (problems.length > 0) throw new KitError(problems);
  return { settings, gate };
}

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

function oneOf<T extends string>(words: readonly T[]): (text: string) => T | undefined {
  return (text) => words.find((word) => word === text);
}

function listOf(parse: (text: string) => string | undefined): (text: string) => readonly string[] | undefined {
  return (text) => {
    const items = text.split(',').map((item) => parse(item.trim()));
    return items.every((item) => item !== undefined) ? (items as string[]) : undefined;
  };
}

function cidr(text: string): string | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  return rest.length === 0 && isIPv4(address) && /^(\d|[12]\d|3[0-2])$/.test(bits) ? text : undefined;
}

function vpcCidr(text: string): string | undefined {
  const bits = Number(text.split('/')[1]);
  return cidr(text) && bits >= VPC_PREFIX_BITS.least && bits <= VPC_PREFIX_BITS.most ? text : undefined;
}
