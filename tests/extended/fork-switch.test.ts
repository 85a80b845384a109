import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { notRun } from '../integration/requirements';
import { copyOnFork } from './fork-copy';

/** What may differ between the two, and why: `same` brings both into the form in which they have to be equal. */
const MAY_DIFFER: readonly { readonly at: RegExp; readonly because: string; readonly same: (value: string) => string }[] = [
  { at: /^\/\/ metadata version$/, because: 'it is the version of the library', same: () => '' },
  {
    at: /^resource terraform_data compliance_gate lifecycle precondition 0 error_message$/,
    because: 'it counts what was judged, and the two libraries bring different packages',
    same: (text) => text.replace(/\d+ of \d+ subjects/, ''),
  },
  {
    at: /^resource helm_release (admission|inference) values 0$/,
    because: 'it holds the digest of the verdict, which covers the package lock',
    same: (text) => JSON.stringify({ ...JSON.parse(text), verdict: { ...JSON.parse(text).verdict, digest: '' } }),
  },
];

const RELEASES = [
  ['the default release, rehearsed', { OVKIT_ENVIRONMENT: 'rehearsal' }],
  ['the default release, with the gate reporting', { OVKIT_GATE: 'report' }],
  ['a release on nodes of Karpenter', { OVKIT_RELEASE: 'examples/karpenter.yaml', OVKIT_ENVIRONMENT: 'rehearsal' }],
  ['a release on spot', { OVKIT_RELEASE: 'examples/spot.yaml', OVKIT_GATE: 'report' }],
  ['a release for an existing cluster', { OVKIT_RELEASE: 'examples/smollm2-cpu.yaml' }],
] as const;

describe('CDK Terrain in the place of cdktf', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ovk-fork-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const copy = join(scratch, 'kit');
  const installed = await copyOnFork(copy);
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT/.test(installed.output)) return notRun('CDK Terrain', 'the npm registry does not answer');

  /** The real command line of cdktf, with the library of the folder. */
  const synth = async (root: string, name: string, env: Readonly<Record<string, string>>) => {
    const output = join(scratch, name);
    const cli = join(root, 'node_modules', 'cdktf-cli', 'bundle', 'bin', 'cdktf');
    const quiet = { CHECKPOINT_DISABLE: '1', CI: '1', TF_CLI_CONFIG_FILE: undefined, OVKIT_GATE: undefined, OVKIT_ENVIRONMENT: undefined };
    const run = await runProcess(process.execPath, [cli, 'synth', '--output', output], {
      cwd: root,
      env: { ...process.env, ...quiet, ...env },
    });
    expect({ exitCode: run.exitCode, said: run.exitCode === 0 ? '' : run.output }).toEqual({ exitCode: 0, said: '' });
    const stacks = readdirSync(join(output, 'stacks'));
    const read = (stack: string) => JSON.parse(readFileSync(join(output, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
    return Object.fromEntries(stacks.map((stack) => [stack, leaves(read(stack))]));
  };

  it('is installed by the two lines that the README gives', () => {
    expect({ exitCode: installed.exitCode, said: installed.exitCode === 0 ? '' : installed.output }).toEqual({ exitCode: 0, said: '' });
    const { name } = JSON.parse(readFileSync(join(copy, 'node_modules', 'cdktf', 'package.json'), 'utf8'));
    expect(name).toBe('cdktn');
  });

  it('is allowed by the policy once the licence files of its packages were read', async () => {
    const lock = await runProcess(process.execPath, ['bin/ovkit.cjs', 'lock', 'packages'], { cwd: copy });
    expect({ exitCode: lock.exitCode, said: lock.exitCode === 0 ? '' : lock.output }).toEqual({ exitCode: 0, said: '' });
    const check = await runProcess(process.execPath, ['bin/ovkit.cjs', 'check', '--release', 'examples/smollm2-cpu.yaml'], { cwd: copy });
    expect(check.output).toContain('are on the policy');
    expect(check.exitCode).toBe(0);
  });

  it.each(RELEASES)('synthesises the same JSON for %s', async (name, env) => {
    const [ours, theirs] = [await synth(fromRoot(), `cdktf-${name}`, env), await synth(copy, `fork-${name}`, env)];
    expect(Object.keys(theirs)).toEqual(Object.keys(ours));
    const differences = Object.keys(ours).flatMap((stack) => compare(stack, ours[stack] ?? {}, theirs[stack] ?? {}));
    expect(differences).toEqual([]);
  });
});

/** Every value of a document under its path, keys apart by a space. */
function leaves(value: unknown, path: readonly string[] = []): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Object.keys(value).length === 0) return { [path.join(' ')]: JSON.stringify(value) };
  return Object.assign({}, ...Object.entries(value).map(([key, child]) => leaves(child, [...path, key])));
}

/** What differs and may not. */
function compare(stack: string, ours: Readonly<Record<string, unknown>>, theirs: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((at) => {
    const [a, b] = [ours[at], theirs[at]];
    const rule = MAY_DIFFER.find((row) => row.at.test(at));
    const equal = a === b || (rule && a !== undefined && b !== undefined && rule.same(textOf(a)) === rule.same(textOf(b)));
    return equal ? [] : [`${stack}: ${at}: cdktf ${a}, CDK Terrain ${b}`];
  });
}

function textOf(value: unknown): string {
  return String(JSON.parse(String(value)));
}
