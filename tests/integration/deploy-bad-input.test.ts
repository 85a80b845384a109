import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { DeployRun, type DeployRunOptions } from '../../rehearsal/deploy/deploy-run';
import { requireTerraform } from './requirements';

const scratch = mkdtempSync(join(tmpdir(), 'ovk-bad-input-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const synthDir = join(scratch, 'synth');
/** Without the frames and colours that cdktf and Terraform put around their words. */
const plain = (text: string) => stripVTControlCharacters(text).replace(/[\s│╷╵]+/g, ' ');

describe('cdktf deploy, of what cannot be deployed', async () => {
  const terraform = await requireTerraform('a deploy of bad input');
  if (!terraform) return;
  let runs = 0;

  beforeAll(async () => {
    const env = { ...process.env, CDKTF_OUTDIR: synthDir, OVKIT_ENVIRONMENT: 'rehearsal', OVKIT_GATE: undefined, OVKIT_RELEASE: undefined };
    const { exitCode, output } = await runProcess(process.execPath, [fromRoot('bin', 'app.cjs')], { cwd: fromRoot(), env });
    expect({ exitCode, said: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, said: '' });
  });

  const start = (options: Partial<DeployRunOptions> = {}): DeployRun => {
    const folder = join(scratch, `run-${runs++}`);
    mkdirSync(folder);
    return new DeployRun({ terraform, folder, synthDir, release: 'release.yaml', environment: 'rehearsal', helm: null, ...options });
  };
  /** The words of a deploy that has to fail and to make nothing. */
  const refusal = async (run: DeployRun, ...extra: readonly string[]): Promise<string> => {
    const { exitCode, output } = await run.deploy(...extra);
    expect({ exitCode, made: run.objects() }).toEqual({ exitCode: 1, made: [] });
    return plain(output);
  };

  it('stops without credentials', async () => {
    const run = start({ env: { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined } });
    expect(await refusal(run)).toContain('No valid credential sources found');
  });

  it('stops with credentials of another account than the one that is meant', async () => {
    // the stand-in's account is 000000000000; bootstrap is deployed first and needs no verdict
    const run = start({ environment: 'production', env: { OVKIT_ACCOUNT_ID: '123456789012', OVKIT_GATE: 'report' } });
    expect(await refusal(run)).toContain('AWS account ID not allowed');
  });

  it('stops in a region that has no instance which holds the model, with those that have one', async () => {
    const release = join(scratch, 'elsewhere.yaml');
    writeFileSync(release, readFileSync(fromRoot('release.yaml'), 'utf8').replace(/region: \S+/, 'region: xx-nowhere-1'));
    expect(await refusal(start({ release }))).toMatch(/xx-nowhere-1.*us-east-1/);
  });

  it('stops at a network that is none, with the variable and what it may be', async () => {
    const said = await refusal(start({ env: { OVKIT_VPC_CIDR: '10.42.0.1/16' } }));
    expect(said).toContain('E_STACK_SETTING: OVKIT_VPC_CIDR is "10.42.0.1/16". Allowed: an IPv4 network from /16 to /20');
  });

  it('stops when the mirror of the providers is not there', async () => {
    const run = start();
    rmSync(join(scratch, `run-${runs - 1}`, 'stand-ins', 'mirror'), { recursive: true });
    expect(await refusal(run)).toMatch(/available versions for provider hashicorp\/aws: cannot search .*mirror/);
  });

  it('stops when the lock file names another provider than the one that is there', async () => {
    const run = start();
    expect((await run.deploy()).exitCode).toBe(0);
    const before = run.objects();
    const lock = join(run.output, 'stacks', 'network', '.terraform.lock.hcl');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(/"h1:.{4}/, '"h1:AAAA'));
    const { exitCode, output } = await run.deploy();
    expect({ exitCode, made: run.objects() }).toEqual({ exitCode: 1, made: before });
    expect(plain(output)).toMatch(/hashicorp\/aws.*doesn't match any of the checksums/);
  });

  it('stops with a Terraform that is older than the stacks need', async () => {
    const run = start();
    cpSync(synthDir, run.output, { recursive: true });
    const stack = join(run.output, 'stacks', 'bootstrap', 'cdk.tf.json');
    const json = JSON.parse(readFileSync(stack, 'utf8'));
    expect(json.terraform.required_version).toMatch(/^>= 1\./);
    json.terraform.required_version = '>= 99.0';
    // one value a line, as cdktf writes it: Terraform shows the line
    writeFileSync(stack, JSON.stringify(json, null, 2));
    expect(await refusal(run, '--skip-synth')).toMatch(/Unsupported (Terraform|OpenTofu) Core version.*99\.0/);
  });
});
