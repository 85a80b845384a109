import table from './iam-actions.json';
import { COST_TAG_KEYS } from './tags';

/** Actions by what they act on, e.g. `{ bucket: ["s3:CreateBucket"] }`. */
type Actions = Readonly<Record<string, readonly string[]>>;

export interface PolicyNames {
  /** `<release>-<environment>`, with which every name of the release begins. */
  readonly prefix: string;
  readonly region: string;
  /** Twelve digits, or a word to be replaced. */
  readonly account: string;
  /** Values of the cost tags, by which what AWS names itself is known. */
  readonly tags: Readonly<Record<string, string>>;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

interface StackJson {
  readonly resource?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
}

const TYPES: Readonly<Record<string, Actions | undefined>> = table.types as Readonly<Record<string, Actions>>;
const RESOURCES: Readonly<Record<string, { readonly arns: readonly string[]; readonly tagged?: boolean; readonly why: string }>> =
  table.resources;
/** Tags that tell one release from another. */
const IDENTIFYING = COST_TAG_KEYS.filter((key) => key === 'Project' || key === 'Release' || key === 'Environment');

/** AWS types of a synthesised stack (its parsed cdk.tf.json): `aws_vpc`, and `data.aws_subnet` for what is only read. */
export function awsTypesOf(stack: unknown): string[] {
  const { resource = {}, data = {} } = stack as StackJson;
  return [...Object.keys(resource), ...Object.keys(data).map((type) => `data.${type}`)]
    .filter((type) => /^(data\.)?aws_/.test(type))
    .sort();
}

/**
 * The IAM policy that somebody needs to deploy, change and destroy a stack: the actions of its types, on what carries its names or tags.
 * @throws Error for a type that has no row in iam-actions.json
 */
export function deployerPolicy(stack: unknown, names: PolicyNames): PolicyDocument {
  const rows = awsTypesOf(stack).map((type) => {
    const row = TYPES[type];
    if (!row) throw new Error(`nobody said which actions ${type} needs: add it to stacks/iam-actions.json`);
    return row;
  });
  return policyOf([...rows, table.backend], names);
}

/** The policy for `ovkit preflight`, `ovkit cost actual` and `ovkit prices refresh --from api`, which only read. */
export function readerPolicy(names: PolicyNames): PolicyDocument {
  return policyOf([table.reader], names);
}

function policyOf(rows: readonly Actions[], names: PolicyNames): PolicyDocument {
  const statements = Object.entries(RESOURCES).flatMap(([kind, { arns, tagged }]): Statement[] => {
    const actions = [...new Set(rows.flatMap((row) => row[kind] ?? []))].sort();
    if (actions.length === 0) return [];
    const condition = tagged
      ? { StringEquals: Object.fromEntries(IDENTIFYING.map((key) => [`aws:ResourceTag/${key}`, names.tags[key] ?? ''])) }
      : undefined;
    return [
      {
        Sid: sid(kind),
        Effect: 'Allow',
        Action: actions,
        Resource: arns.map((arn) => filled(arn, names)),
        ...(condition ? { Condition: condition } : {}),
      },
    ];
  });
  return { Version: '2012-10-17', Statement: statements };
}

function sid(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function filled(arn: string, { prefix, region, account }: PolicyNames): string {
  return arn.replaceAll('PREFIX', prefix).replaceAll('REGION', region).replaceAll('ACCOUNT', account);
}
