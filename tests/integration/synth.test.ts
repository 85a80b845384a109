import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';

const scratch = mkdtempSync(join(tmpdir(), 'ovk-synth-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A program that is there, so that a machine without Terraform warns of nothing here. */
const SOME_PROGRAM = { TERRAFORM_BINARY_NAME: process.execPath };
const QUIET = { CHECKPOINT_DISABLE: '1', CI: '1', TF_CLI_CONFIG_FILE: undefined, OVKIT_GATE: undefined, OVKIT_ENVIRONMENT: undefined };
let runs = 0;

/** The real CLI, as a user types it. */
async function cdktfSynth(env: Record<string, string>) {
  const output = join(scratch, `out-${runs++}`);
  const cli = fromRoot('node_modules', 'cdktf-cli', 'bundle', 'bin', 'cdktf');
  const result = await runProcess(process.execPath, [cli, 'synth', '--output', output], {
    cwd: fromRoot(),
    env: { ...process.env, ...QUIET, ...SOME_PROGRAM, ...env },
  });
  const stack = (name: string) => JSON.parse(readFileSync(join(output, 'stacks', name, 'cdk.tf.json'), 'utf8'));
  return { ...result, folder: output, stack };
}

describe('cdktf synth', () => {
  it('refuses the puppet show in production and names the open points', async () => {
    const { exitCode, output } = await cdktfSynth({});
    expect(exitCode).toBe(1);
    for (const stack of ['network', 'platform', 'workloads'])
      expect(output).toContain(`[${stack}]: Release puppet-show (production) may not be deployed`);
    expect(output).not.toContain('[bootstrap]');
    expect(output).toMatch(/OVK-[A-Z]+-\d{3}/);
    expect(output).toContain('npx ovkit check');
  });

  it('synthesises it with warnings under OVKIT_GATE=report, and the precondition stays shut', async () => {
    const { exitCode, output, stack } = await cdktfSynth({ OVKIT_GATE: 'report' });
    expect(exitCode).toBe(0);
    expect(output).toContain('apply is still refused');
    for (const name of ['network', 'platform', 'workloads']) expect(stack(name).locals.compliance_verdict).not.toBe('allowed');
  });

  it('passes it for a rehearsal, with every stack bound to the account of the stand-in', async () => {
    const { exitCode, output, stack } = await cdktfSynth({ OVKIT_ENVIRONMENT: 'rehearsal' });
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
    for (const name of ['bootstrap', 'network', 'platform', 'workloads']) {
      expect(stack(name).resource.terraform_data.rehearsal_guard.lifecycle.precondition[0].condition).toContain('"000000000000"');
    }
  });

  it('passes the small release for an existing cluster: workloads alone, with the chart', async () => {
    const { exitCode, output, folder, stack } = await cdktfSynth({ OVKIT_RELEASE: 'examples/smollm2-cpu.yaml' });
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
    expect(existsSync(join(folder, 'stacks', 'network'))).toBe(false);
    const workloads = stack('workloads');
    expect(workloads.locals).toMatchObject({ compliance_verdict: 'allowed', plan_state: 'ok' });
    // admission carries the scripts of the chart word by word, of which one can fetch from S3
    const { values: _scripts, ...admission } = workloads.resource.helm_release.admission;
    const rest = { ...workloads, resource: { ...workloads.resource, helm_release: { ...workloads.resource.helm_release, admission } } };
    expect(JSON.stringify(rest)).not.toContain('aws');
    expect(existsSync(join(folder, 'stacks', 'workloads', workloads.resource.helm_release.inference.chart, 'Chart.yaml'))).toBe(true);
  });

  it('warns of a Terraform that is not there, in words of its own and not those of cdktf', async () => {
    const { exitCode, output } = await cdktfSynth({ OVKIT_RELEASE: 'examples/smollm2-cpu.yaml', TERRAFORM_BINARY_NAME: 'no-terraform' });
    expect(exitCode).toBe(0);
    expect(output).toContain('`no-terraform` is on no folder of the PATH');
    expect(output).toContain('TERRAFORM_BINARY_NAME=tofu');
  });

  it('refuses the release that is denied', async () => {
    const { exitCode, output } = await cdktfSynth({ OVKIT_RELEASE: 'examples/refused.yaml' });
    expect(exitCode).toBe(1);
    expect(output).toContain('the verdict is denied');
    expect(output).toContain('--release examples/refused.yaml');
  });

  it.each([
    ['a gate mode that is not known', { OVKIT_GATE: 'off' }, /E_STACK_SETTING: OVKIT_GATE is "off".*Allowed: enforce, report/],
    ['an environment that is not known', { OVKIT_ENVIRONMENT: 'prod' }, /E_STACK_SETTING: OVKIT_ENVIRONMENT is "prod"/],
    ['a release that is not there', { OVKIT_RELEASE: 'no.yaml' }, /E_FILE_MISSING/],
  ])('says in one message what is wrong: %s', async (_, env, message) => {
    const { exitCode, output } = await cdktfSynth(env);
    expect(exitCode).toBe(1);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/^\s+at .*\.js:\d+/m);
  });
});

describe('bin/app.cjs', () => {
  const project = join(scratch, 'project');
  const main = join(project, 'stacks', 'main.ts');
  const compiled = join(project, 'dist', 'stacks', 'main.js');
  const run = () => runProcess(process.execPath, [join(project, 'bin', 'app.cjs')], { cwd: project });
  const write = (says: string) => writeFileSync(main, `export function main(): void {\n  console.log(${says});\n}\n`);
  /** Makes a file look as old or new as wanted, in seconds from now. */
  const age = (file: string, seconds: number) => utimesSync(file, Date.now() / 1000 + seconds, Date.now() / 1000 + seconds);

  beforeEach(() => {
    rmSync(project, { recursive: true, force: true });
    mkdirSync(join(project, 'stacks'), { recursive: true });
    mkdirSync(join(project, 'bin'));
    cpSync(fromRoot('bin', 'app.cjs'), join(project, 'bin', 'app.cjs'));
    symlinkSync(fromRoot('node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, 'package.json'), '{"name":"p"}');
    const compilerOptions = { target: 'ES2022', module: 'node20', strict: true, rootDir: '.', outDir: 'dist', types: ['node'] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['stacks'] }));
    write(`'one'`);
    for (const file of ['package.json', 'tsconfig.json', 'stacks/main.ts']) age(join(project, file), -10);
  });

  it('compiles when there is no dist, and not again while it is fresh', async () => {
    expect(await run()).toMatchObject({ exitCode: 0, output: 'one\n' });
    const before = statSync(compiled).mtimeMs;
    expect(await run()).toMatchObject({ exitCode: 0, output: 'one\n' });
    expect(statSync(compiled).mtimeMs).toBe(before);
  });

  it('compiles again when a source is newer', async () => {
    await run();
    write(`'two'`);
    age(main, 5);
    expect(await run()).toMatchObject({ exitCode: 0, output: 'two\n' });
  });

  it('stops at a type error, time and again, and never runs what was compiled before', async () => {
    await run();
    write(`'three' - 1`);
    age(main, 5);
    for (let time = 0; time < 2; time++) {
      const { exitCode, output } = await run();
      expect(exitCode).toBe(1);
      expect(output).toMatch(/E_BUILD.*npm run typecheck/);
      expect(output).toContain('stacks/main.ts(2');
      expect(output).not.toContain('one');
    }
  });

  it('says so when there is nothing to compile with', async () => {
    rmSync(join(project, 'node_modules'));
    expect(await run()).toMatchObject({ exitCode: 1, output: expect.stringContaining('npm ci') });
  });
});
