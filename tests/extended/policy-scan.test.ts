import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProcess } from '../../core/run-process';
import table from '../../stacks/policy-exceptions.json';
import { synthesise } from '../stacks/fixtures';
import { synthesiseVariants } from '../stacks/variants';
import { requirePythonTool } from './python-tool';

interface Failed {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
  readonly file_path: string;
}
interface Scan {
  readonly summary: { readonly passed: number; readonly failed: number; readonly parsing_errors: number };
  readonly results: { readonly failed_checks: readonly Failed[] };
}

describe('checkov over the synthesised stacks', async () => {
  const python = await requirePythonTool('checkov', 'the policy scan');
  if (!python) return;

  const folder = mkdtempSync(join(tmpdir(), 'ovk-checkov-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const scan = async (name: string, stacks: Readonly<Record<string, object>>): Promise<Scan> => {
    for (const [stack, json] of Object.entries(stacks)) {
      const to = join(folder, name, stack);
      mkdirSync(to, { recursive: true });
      // checkov's reader of Terraform JSON falls over required_version, and the block says nothing about what is made
      writeFileSync(join(to, 'cdk.tf.json'), JSON.stringify({ ...json, terraform: undefined, '//': undefined }, null, 2));
    }
    const args = [
      '-m',
      'checkov.main',
      '--framework',
      'terraform_json',
      '--skip-download',
      '--compact',
      '--quiet',
      '--soft-fail',
      '-o',
      'json',
    ];
    const { exitCode, stdout, stderr } = await runProcess(python, [...args, '-d', join(folder, name)], {
      env: { ...process.env, LOG_LEVEL: 'ERROR' },
    });
    if (exitCode !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };
  /** The stack and name of a resource; checkov's own type of it can be wrong in JSON, the name is not. */
  const key = ({ check_id, file_path, resource }: Failed) => `${check_id} ${file_path.split('/').at(-2)} ${resource.split('.').at(-1)}`;

  it('finds nothing but what has a reason, in every variant, and every reason is still needed', async () => {
    const all = Object.entries(synthesiseVariants()).map(([name, { stacks }]) =>
      Object.entries(stacks).map(([stack, json]) => [`${name}/${stack}`, json]),
    );
    const { summary, results } = await scan('variants', Object.fromEntries(all.flat()));
    expect(summary.parsing_errors).toBe(0);
    expect(summary.passed).toBeGreaterThan(300);
    const excused = new Set(table.exceptions.flatMap(({ check, resources }) => resources.map((resource) => `${check} ${resource}`)));
    const fired = new Map(results.failed_checks.map((failed) => [key(failed), failed.check_name]));
    expect([...fired].filter(([found]) => !excused.has(found))).toEqual([]);
    expect([...excused].filter((row) => !fired.has(row))).toEqual([]);
  });

  it('sees a planted fault', async () => {
    const { network } = synthesise().stacks;
    network.resource.aws_security_group = {
      open: { vpc_id: 'vpc-0', ingress: [{ from_port: 22, to_port: 22, protocol: 'tcp', cidr_blocks: ['0.0.0.0/0'] }] },
    };
    const { results } = await scan('planted', { network });
    expect(results.failed_checks.map(key)).toContain('CKV_AWS_24 network open');
  });
});
