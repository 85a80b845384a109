import { KitError, type Problem } from '../core/error';
import { didYouMean } from '../core/nearest';
import { oneOf } from './setting-forms';
import { SETTINGS, type SettingRow } from './settings-table';

const GATE_MODES = ['enforce', 'report'] as const;
/** enforce: a release that is not allowed does not synthesise. report: it does, with warnings; `terraform apply` is still refused. */
export type GateMode = (typeof GATE_MODES)[number];

/** What the stacks take from the environment, beside release, plan and verdict: what belongs to the place, not to the release. */
export type StackSettings = { readonly [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key]['fallback'] };

export const DEFAULT_SETTINGS = Object.fromEntries(Object.entries(SETTINGS).map(([key, row]) => [key, row.fallback])) as StackSettings;

type Environment = Readonly<Record<string, string | undefined>>;

const GATE: SettingRow<GateMode> = {
  variable: 'OVKIT_GATE',
  fallback: 'enforce',
  read: oneOf(GATE_MODES),
  allowed: GATE_MODES.join(', '),
  about: 'report lets a release that is not allowed synthesise with warnings; apply is still refused',
};

/**
 * Reads the settings and the gate mode from environment variables.
 * @throws KitError E_STACK_SETTING with every variable that is wrong
 */
export function readSettings(env: Environment): { readonly settings: StackSettings; readonly gate: GateMode } {
  const problems: Problem[] = [];
  const read = <T>(row: SettingRow<T>, hint = ''): T => {
    const text = env[row.variable]?.trim();
    if (text === undefined || text === '') return row.fallback;
    const value = row.read(text);
    if (value !== undefined) return value;
    problems.push(wrong(row, text, hint));
    return row.fallback;
  };
  const settings = Object.fromEntries(Object.entries(SETTINGS).map(([key, row]) => [key, read<unknown>(row)])) as StackSettings;
  const gate = read(GATE, didYouMean(env.OVKIT_GATE ?? '', GATE_MODES));
  if (problems.length === 0) problems.push(...contradictions(settings));
  if (problems.length > 0) throw new KitError(problems);
  return { settings, gate };
}

function wrong({ variable, allowed }: SettingRow<unknown>, text: string, hint: string): Problem {
  return {
    code: 'E_STACK_SETTING',
    message: `${variable} is ${JSON.stringify(text)}.${hint}`,
    allowed: `${allowed}.`,
    next: `correct or unset ${variable}, see \`npx ovkit explain E_STACK_SETTING\`.`,
  };
}

/** Settings that are right alone and wrong together. */
function contradictions({ vpcId, subnetIds, eksCluster, nodeRelease, kubernetesVersion }: StackSettings): Problem[] {
  return [
    ...((vpcId === null) !== (subnetIds.length === 0)
      ? [
          contradiction(
            'OVKIT_VPC_ID and OVKIT_SUBNET_IDS go together: an existing VPC, and the private subnets in it for the cluster.',
            'set both, or neither.',
          ),
        ]
      : []),
    ...(eksCluster !== null && vpcId === null
      ? [
          contradiction(
            `OVKIT_EKS_CLUSTER is "${eksCluster}", and OVKIT_VPC_ID is missing: nodes for an existing cluster go into its VPC.`,
            'set OVKIT_VPC_ID and OVKIT_SUBNET_IDS to the network of the cluster.',
          ),
        ]
      : []),
    ...(nodeRelease !== null && !nodeRelease.startsWith(`${kubernetesVersion}.`)
      ? [
          contradiction(
            `OVKIT_NODE_RELEASE is "${nodeRelease}", but OVKIT_KUBERNETES_VERSION is ${kubernetesVersion}: a node may not be newer than its cluster.`,
            'set both to the same minor version.',
          ),
        ]
      : []),
  ];
}

function contradiction(message: string, next: string): Problem {
  return { code: 'E_STACK_SETTING', message, next };
}
