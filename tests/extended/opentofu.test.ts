import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm } from '../../charts/helm';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { type ProcessResult, runProcess } from '../../core/run-process';
import { DeployRun } from '../../rehearsal/deploy/deploy-run';
import { tryGate } from '../../rehearsal/gate-trial';
import { ensureOpenTofu, OPENTOFU_VERSION } from '../../rehearsal/opentofu/binary';
import { askTerraform, type TerraformBinary } from '../../rehearsal/terraform-binary';
import { notRun } from '../integration/requirements';
import { progressLines } from '../progress-lines';

/** The synth of the puppet show for the rehearsal, with another word for the binary that will read it. */
async function synthesise(folder: string, binary: string): Promise<Readonly<Record<string, string>>> {
  mkdirSync(folder, { recursive: true });
  const { exitCode, output } = await runProcess(process.execPath, [fromRoot('bin', 'app.cjs')], {
    cwd: fromRoot(),
    env: {
      ...process.env,
      OVKIT_ENVIRONMENT: 'rehearsal',
      OVKIT_RELEASE: undefined,
      OVKIT_GATE: undefined,
      CDKTF_OUTDIR: folder,
      TERRAFORM_BINARY_NAME: binary,
    },
  });
  if (exitCode !== 0) throw new Error(output);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return Object.fromEntries(
    files.filter((file) => statSync(file).isFile()).map((file) => [relative(folder, file), sha256Hex(readFileSync(file))]),
  );
}

/** What cdktf notes beside the stacks. */
interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly annotations: readonly { readonly message: string }[] }>>;
}

/** Sources and versions of the providers that a lock file pins, without the host of the registry and the sums. */
function locked(file: string): { readonly hosts: readonly string[]; readonly providers: readonly string[] } {
  const blocks = [...readFileSync(file, 'utf8').matchAll(/^provider "([^/]+)\/([^"]+)" \{\s+version\s+= "([^"]+)"/gm)];
  return {
    hosts: [...new Set(blocks.map(([, host = '']) => host))],
    providers: blocks.map(([, , source = '', version = '']) => `${source} ${version}`).sort(),
  };
}

const passed = ({ exitCode, output }: ProcessResult) => ({ exitCode, said: exitCode === 0 ? '' : output });

describe('OpenTofu in the place of Terraform', async () => {
  const what = 'the rehearsed deploy by OpenTofu';
  const command = await ensureOpenTofu({ onProgress: progressLines() });
  if (command === undefined) return notRun(what, 'go is not on the PATH, and no package brings OpenTofu');
  const tofu = (await askTerraform(command)) as TerraformBinary;
  const scratch = mkdtempSync(join(tmpdir(), 'ovk-tofu-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const synthDir = join(scratch, 'synth');
  let run: DeployRun;

  beforeAll(async () => {
    await synthesise(synthDir, command);
    const helm = await findHelm().then(
      ({ path }) => path,
      () => null,
    );
    const folder = join(scratch, 'run');
    run = new DeployRun({ terraform: tofu, folder, synthDir, release: 'release.yaml', environment: 'rehearsal', helm });
  });

  const warnings = (folder: string): readonly string[] => {
    const { stacks } = JSON.parse(readFileSync(join(scratch, folder, 'manifest.json'), 'utf8')) as Manifest;
    return Object.values(stacks).flatMap(({ annotations }) => annotations.map(({ message }) => message));
  };

  it('is the version that is pinned', () => {
    expect(tofu).toEqual({ command, name: 'OpenTofu', version: OPENTOFU_VERSION.slice(1) });
  });

  it('gets the same files as Terraform, which name neither of the two nor a registry', async () => {
    const forTofu = await synthesise(join(scratch, 'for-tofu'), command);
    expect(await synthesise(join(scratch, 'for-terraform'), 'terraform')).toEqual(forTofu);
    // where there is no program to read them a warning is left beside the files, and that is all
    const { 'manifest.json': manifest, ...files } = await synthesise(join(scratch, 'for-nobody'), join(scratch, 'no-such-program'));
    expect({ 'manifest.json': forTofu['manifest.json'], ...files }).toEqual(forTofu);
    expect(manifest).not.toBe(forTofu['manifest.json']);
    expect(warnings('for-nobody')).toEqual([expect.stringMatching(/no-such-program` is no file/), ...warnings('for-tofu')]);
    for (const stack of readdirSync(join(synthDir, 'stacks'))) {
      const text = readFileSync(join(synthDir, 'stacks', stack, 'cdk.tf.json'), 'utf8');
      expect(text).not.toMatch(/registry\.|opentofu|terraform\.io/i);
      // sources without a host: each program asks its own registry
      for (const { source } of Object.values<{ source: string }>(JSON.parse(text).terraform.required_providers)) {
        expect(source).toMatch(/^(hashicorp\/)?(aws|helm)$/);
      }
    }
  });

  it("deploys the puppet show by cdktf deploy '*', and has nothing more to do", async () => {
    expect(passed(await run.deploy())).toEqual({ exitCode: 0, said: '' });
    expect(run.stacks()).toEqual(['bootstrap', 'network', 'platform', 'workloads']);
    expect(run.stateAddresses()).toEqual(expect.arrayContaining(['aws_vpc.vpc', 'aws_eks_cluster.cluster', 'helm_release.inference']));
    for (const stack of run.stacks()) expect(await run.plan(stack)).toEqual([]);
  });

  it('locks the providers that the stacks ask for, in a file that a later init leaves alone', async () => {
    for (const stack of run.stacks()) {
      const folder = join(run.output, 'stacks', stack);
      const file = join(folder, '.terraform.lock.hcl');
      const before = readFileSync(file, 'utf8');
      const wanted = Object.values<{ source: string; version: string }>(
        JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8')).terraform.required_providers,
      ).map(({ source, version }) => `${source.includes('/') ? source : `hashicorp/${source}`} ${version}`);
      expect(locked(file)).toEqual({ hosts: ['registry.opentofu.org'], providers: wanted.sort() });
      expect(passed(await run.init(stack))).toEqual({ exitCode: 0, said: '' });
      expect(readFileSync(file, 'utf8')).toBe(before);
    }
  });

  it('refuses a verdict that is not allowed, and one that has expired, and changes nothing', async () => {
    const before = run.objects();
    for (const [gate, words] of [
      [{ compliance_verdict: 'denied' }, 'may not be deployed'],
      [{ compliance_verdict: 'allowed', compliance_expires: '2020-01-01T00:00:00Z' }, 'expired'],
      [{ compliance_verdict: 'denied' }, 'may not be deployed'],
    ] as const) {
      run.setGate(gate);
      for (const { exitCode, output } of [await run.apply('network'), await run.deploy('--skip-synth')]) {
        expect(exitCode).toBe(1);
        expect(output).toContain('Resource precondition failed');
        expect(output.replace(/\s*│?\s+/g, ' ')).toContain(words);
      }
    }
    expect(run.objects()).toEqual(before);
  });

  it('destroys it all the same, and the states are empty', async () => {
    expect(passed(await run.destroy())).toEqual({ exitCode: 0, said: '' });
    expect(run.stateAddresses()).toEqual([]);
    expect(run.objects()).toEqual([]);
  });

  it('takes over the state of a Terraform, with nothing to do', async ({ skip }) => {
    const terraform = await askTerraform('terraform');
    if (!terraform) return skip('terraform is not on the PATH');
    const options = { folder: join(scratch, 'taken-over'), synthDir, release: 'release.yaml', environment: 'rehearsal', helm: null };
    const before = new DeployRun({ ...options, terraform });
    await before.synthOther('release.yaml', 'cdktf.out');
    expect(passed(await before.init('network'))).toEqual({ exitCode: 0, said: '' });
    expect(passed(await before.apply('network'))).toEqual({ exitCode: 0, said: '' });
    const after = new DeployRun({ ...options, terraform: tofu });
    const { exitCode, output } = await after.init('network');
    expect({ exitCode, words: output.includes('registry.terraform.io/hashicorp/aws => registry.opentofu.org/hashicorp/aws') }).toEqual({
      exitCode: 0,
      words: true,
    });
    expect(await after.plan('network')).toEqual([]);
  });

  it('opens and shuts the gate as Terraform does, alone and offline', async () => {
    const stack = JSON.parse(readFileSync(join(synthDir, 'stacks', 'platform', 'cdk.tf.json'), 'utf8'));
    expect(await tryGate(stack, { terraform: tofu })).toMatchObject({ applied: true, destroyed: true });
    stack.locals.compliance_verdict = 'unknown';
    expect(await tryGate(stack, { terraform: tofu })).toMatchObject({ applied: false, destroyed: true });
  });
});
