import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { DeployRun } from '../../rehearsal/deploy/deploy-run';
import { plannedActions } from '../../rehearsal/deploy/planned-actions';
import { Cloud } from '../../rehearsal/provider-standin/cloud';
import type { Faults } from '../../rehearsal/provider-standin/config';
import { installStandIns } from '../../rehearsal/provider-standin/install';
import { TERRAFORM_ENV, type TerraformBinary } from '../../rehearsal/terraform-binary';
import { aRelease, type StackJson, synthesise } from '../stacks/fixtures';
import { requireTerraform } from './requirements';

const scratch = mkdtempSync(join(tmpdir(), 'ovk-deploy-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const release = aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal' }));
let runs = 0;

/** One stack of the kit on the stand-ins, with the real Terraform and without cdktf. */
class StackRun {
  readonly folder = join(scratch, `run-${runs++}`);
  private readonly stack = join(this.folder, 'out', 'stacks', 'network');
  private readonly standIns;

  constructor(
    private readonly terraform: TerraformBinary,
    change: (stack: StackJson) => void = () => {},
  ) {
    mkdirSync(this.stack, { recursive: true });
    const json = synthesise({ release }).stacks.network;
    change(json);
    writeFileSync(join(this.stack, 'cdk.tf.json'), JSON.stringify(json));
    this.standIns = installStandIns({ folder: join(this.folder, 'stand-ins'), stacks: [this.stack] });
  }

  async start(faults: Faults = []): Promise<this> {
    this.standIns.setFaults(faults);
    const { exitCode, output } = await this.run('init', '-input=false', '-no-color');
    if (exitCode !== 0) throw new Error(output);
    return this;
  }

  apply() {
    return this.run('apply', '-auto-approve', '-input=false', '-no-color');
  }

  async changes() {
    return plannedActions((await this.run('plan', '-input=false', '-json')).stdout);
  }

  destroy() {
    return this.run('destroy', '-auto-approve', '-input=false', '-no-color');
  }

  cloud() {
    return new Cloud(this.standIns.cloud);
  }

  private run(...args: string[]) {
    return runProcess(this.terraform.command, args, { cwd: this.stack, env: { ...process.env, ...TERRAFORM_ENV, ...this.standIns.env } });
  }
}

describe('a deploy on the stand-ins', async () => {
  const terraform = await requireTerraform('the rehearsed deploy');
  if (!terraform) return;

  describe(`${terraform.name} ${terraform.version}`, () => {
    let clean: readonly unknown[] = [];

    it('makes a stack, has nothing more to do, and leaves nothing', async () => {
      const run = await new StackRun(terraform).start();
      const first = await run.apply();
      expect({ exitCode: first.exitCode, said: first.exitCode === 0 ? '' : first.output }).toEqual({ exitCode: 0, said: '' });
      clean = run.cloud().all();
      expect(clean.length).toBeGreaterThan(25);
      expect(await run.changes()).toEqual([]);
      expect((await run.destroy()).exitCode).toBe(0);
      expect(run.cloud().all()).toEqual([]);
    });

    it.each([
      ['refuses the first create', 1, 'fail', /InternalFailure/],
      ['refuses a create in the middle', 9, 'fail', /InternalFailure/],
      ['makes something that never gets ready', 4, 'time-out', /timeout while waiting/],
      ['ends in the middle of a create', 12, 'crash', /Request cancelled|Plugin did not respond/],
    ] as const)('is repaired by a second one when the provider %s: nothing is lost or doubled', async (_, nth, kind, words) => {
      const run = await new StackRun(terraform).start([{ nth, kind }]);
      const first = await run.apply();
      expect(first.exitCode).toBe(1);
      expect(first.output).toMatch(words);
      expect(run.cloud().all().length).toBeLessThanOrEqual(clean.length);
      const second = await run.apply();
      expect({ exitCode: second.exitCode, said: second.exitCode === 0 ? '' : second.output }).toEqual({ exitCode: 0, said: '' });
      expect(run.cloud().all()).toEqual(clean);
      expect(await run.changes()).toEqual([]);
    });

    it('shows what somebody deleted or changed behind it, and puts it right', async () => {
      const run = await new StackRun(terraform).start();
      await run.apply();
      const cloud = run.cloud();
      const [endpoint] = cloud.ofType('aws_vpc_endpoint');
      const [group] = cloud.ofType('aws_cloudwatch_log_group');
      if (!endpoint || !group) throw new Error('the stack has changed');
      cloud.delete(endpoint.type, endpoint.id);
      cloud.put({ ...group, value: { ...group.value, retention_in_days: 1 } });
      expect(await run.changes()).toEqual([
        { address: 'aws_cloudwatch_log_group.flow_logs_group', action: 'update' },
        { address: 'aws_vpc_endpoint.s3_endpoint', action: 'create' },
      ]);
      await run.apply();
      expect(run.cloud().all()).toEqual(clean);
    });

    it.each([
      ['an argument that the provider does not have', (vpc: StackJson) => Object.assign(vpc, { cidr_blok: '10.0.0.0/16' }), /cidr_blok/],
      ['a value of another type', (vpc: StackJson) => Object.assign(vpc, { enable_dns_support: 'perhaps' }), /bool/],
      ['a network that is none', (vpc: StackJson) => Object.assign(vpc, { cidr_block: '10.0.0.1/16' }), /no bits behind the prefix/],
      ['a network that its subnets do not fit', (vpc: StackJson) => Object.assign(vpc, { cidr_block: '10.0.0.0/26' }), /\/16 to \/28/],
    ])('is refused with %s', async (_, change, words) => {
      const run = await new StackRun(terraform, (stack) => change(stack.resource.aws_vpc.vpc)).start();
      const { exitCode, output } = await run.apply();
      expect(exitCode).toBe(1);
      expect(output).toMatch(words);
      expect(run.cloud().ofType('aws_subnet')).toEqual([]);
    });

    it('is refused with credentials of another account than the rehearsal allows', async () => {
      const run = await new StackRun(terraform, (stack) =>
        Object.assign(stack.provider.aws[0], { allowed_account_ids: ['123456789012'] }),
      ).start();
      expect((await run.apply()).output).toContain('AWS account ID not allowed');
      expect(run.cloud().all()).toEqual([]);
    });

    it('is refused by cdktf itself with --skip-synth, for a release that may not be deployed', async () => {
      const folder = join(scratch, 'production');
      const output = join(folder, 'cdktf.out');
      mkdirSync(folder);
      const synth = await runProcess(process.execPath, [fromRoot('bin', 'app.cjs')], {
        cwd: fromRoot(),
        env: { ...process.env, CDKTF_OUTDIR: output, OVKIT_GATE: 'report', OVKIT_ENVIRONMENT: undefined, OVKIT_RELEASE: undefined },
      });
      expect({ exitCode: synth.exitCode, said: synth.exitCode === 0 ? '' : synth.output }).toEqual({ exitCode: 0, said: '' });
      const run = new DeployRun({ terraform, folder, synthDir: output, release: 'release.yaml', environment: null, helm: null });
      const { exitCode, output: said } = await run.deploy('--skip-synth');
      expect(exitCode).toBe(1);
      expect(said).toContain('Resource precondition failed');
      // bootstrap is not gated: without it no image could exist that might be judged
      const made = new Set(run.objects().map(({ type }) => type.split('_')[1]));
      expect([...made].sort()).toEqual(['ecr', 's3']);
      expect(existsSync(join(folder, 'terraform.puppet-show-production.platform.tfstate'))).toBe(false);
    });

    it('names what the stand-ins are not', () => {
      const words = "it does not know AWS's own validation, defaults, replacement rules";
      expect(readFileSync(fromRoot('rehearsal', 'provider-standin', 'README.md'), 'utf8').replace(/\s+/g, ' ')).toContain(words);
    });
  });
});
