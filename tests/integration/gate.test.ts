import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProcess } from '../../core/run-process';
import { extractGate, tryGate } from '../../rehearsal/gate-trial';
import { TERRAFORM_ENV } from '../../rehearsal/terraform-binary';
import { aClusterRelease, aFinding, aPlan, aRelease, aVerdict, type FixtureInput, synthesise } from '../stacks/fixtures';
import { requireTerraform } from './requirements';

const release = aRelease();

describe('the gate on a real apply, offline', async () => {
  const terraform = await requireTerraform('the gate on a real apply');
  if (!terraform) return;
  const trial = (input: FixtureInput, stack = 'network') =>
    tryGate(synthesise({ release, gate: 'report', ...input }).stacks[stack], { terraform });

  describe(`${terraform.name} ${terraform.version}`, () => {
    it.each(['network', 'platform', 'workloads'])('lets an allowed release through, in stack %s', async (stack) => {
      expect(await trial({}, stack)).toMatchObject({ applied: true, destroyed: true, message: '' });
    });

    it.each(['denied', 'unknown', 'conflict', 'unavailable'] as const)(
      'refuses a verdict that is %s, and lets a destroy pass',
      async (state) => {
        const verdict = aVerdict(release, { state, findings: [aFinding({ message: 'no licence of the vision tower' })] });
        const { applied, destroyed, message } = await trial({ verdict });
        expect({ applied, destroyed }).toEqual({ applied: false, destroyed: true });
        expect(message).toContain(`the verdict is ${state}`);
        expect(message).toContain('no licence of the vision tower');
        expect(message).toContain('npx ovkit check');
      },
    );

    it.each(['2020-01-01T00:00:00Z', 'next year', ''])('refuses a verdict that expired at %j', async (expires) => {
      const { applied, destroyed, message } = await trial({ verdict: aVerdict(release, { expires }) });
      expect({ applied, destroyed }).toEqual({ applied: false, destroyed: true });
      expect(message).toContain('expired');
    });

    it('refuses a plan that does not hold', async () => {
      const plan = aPlan(release, {}, { state: 'refused' });
      const { applied, message } = await trial({ plan });
      expect(applied).toBe(false);
      expect(message).toContain('the plan is refused');
    });

    it('refuses on an existing cluster too', async () => {
      const onCluster = aClusterRelease();
      const verdict = aVerdict(onCluster, { state: 'unknown' });
      expect(await trial({ release: onCluster, verdict }, 'workloads')).toMatchObject({ applied: false, destroyed: true });
    });

    it('shows hostile text of a finding as it is, and evaluates none of it', async () => {
      const hostile = 'x ${file("/etc/hostname")} %{ if true }y%{ endif } $${z} $$${q}';
      const verdict = aVerdict(release, { state: 'denied', findings: [aFinding({ state: 'denied', message: hostile })] });
      expect((await trial({ verdict })).message).toContain(hostile);
    });

    it('is pulled in by -target of whatever depends on it, and creates nothing when it refuses', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ovk-target-'));
      const stack = synthesise({ release, gate: 'report', verdict: aVerdict(release, { state: 'denied' }) }).stacks.network;
      const gate = extractGate(stack);
      const behind = { depends_on: stack.resource.aws_vpc.vpc.depends_on };
      const config = { ...gate, resource: { terraform_data: { ...gate.resource.terraform_data, behind } } };
      writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(config));
      const run = (...args: string[]) => runProcess(terraform.command, args, { cwd: folder, env: { ...process.env, ...TERRAFORM_ENV } });
      await run('init', '-input=false');
      const { exitCode, output } = await run('apply', '-auto-approve', '-no-color', '-target=terraform_data.behind');
      expect(exitCode).toBe(1);
      expect(output).toContain('Resource precondition failed');
      expect((await run('state', 'list')).output).not.toContain('terraform_data');
      rmSync(folder, { recursive: true, force: true });
    });

    it('leaves nothing behind', async () => {
      const before = readdirSync(tmpdir()).filter((name) => name.startsWith('ovkit-gate-'));
      await trial({});
      expect(readdirSync(tmpdir()).filter((name) => name.startsWith('ovkit-gate-'))).toEqual(before);
    });

    it('says so when Terraform fails for another reason than the gate', async () => {
      const stack = synthesise({ release }).stacks.network;
      stack.locals.plan_state = '${local.missing}';
      await expect(tryGate(stack, { terraform })).rejects.toThrow(/another reason than the gate/);
    });

    it('stops and cleans up on Ctrl-C', async () => {
      const stop = new AbortController();
      const folder = mkdtempSync(join(tmpdir(), 'ovk-abort-'));
      const running = tryGate(synthesise({ release }).stacks.network, { terraform, workdir: folder, signal: stop.signal });
      stop.abort(new Error('interrupted'));
      await expect(running).rejects.toThrow(/interrupted|aborted/);
      expect(existsSync(join(folder, 'terraform.tfstate'))).toBe(false);
      rmSync(folder, { recursive: true, force: true });
    });
  });
});

describe('extractGate', () => {
  it('takes the gate alone: no provider, no backend, no other resource', () => {
    const gate = extractGate(
      synthesise({ release: aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal' })) }).stacks.platform,
    );
    expect(Object.keys(gate).sort()).toEqual(['locals', 'resource', 'terraform']);
    expect(gate.terraform).toEqual({ required_version: '>= 1.5.0' });
    expect(Object.keys(gate.resource.terraform_data)).toEqual(['compliance_gate']);
  });

  it('refuses a stack without a gate', () => {
    expect(() => extractGate(synthesise().stacks.bootstrap)).toThrow(/no terraform_data.compliance_gate/);
  });
});
