import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { DeployRun } from '../../rehearsal/deploy/deploy-run';
import { type PlannedAction, plannedActions } from '../../rehearsal/deploy/planned-actions';
import { Cloud } from '../../rehearsal/provider-standin/cloud';
import type { Faults } from '../../rehearsal/provider-standin/config';
import { installStandIns } from '../../rehearsal/provider-standin/install';
import { TERRAFORM_ENV, type TerraformBinary } from '../../rehearsal/terraform-binary';
import { aPlan, aRelease, type FixtureInput, type StackJson, synthesise } from '../stacks/fixtures';
import { requireTerraform } from './requirements';

const scratch = mkdtempSync(join(tmpdir(), 'ovk-deploy-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const release = aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal' }));
let runs = 0;

interface StackRunOptions {
  /** In the order of a deploy. */
  readonly stacks?: readonly string[];
  readonly settings?: FixtureInput['settings'];
  readonly plan?: FixtureInput['plan'];
  readonly values?: unknown;
  /** Default: the release of this file. */
  readonly release?: FixtureInput['release'];
  /** Edits the JSON of the first stack. */
  readonly change?: (stack: StackJson) => void;
}

/** Stacks of the kit on the stand-ins, with the real Terraform and without cdktf. */
class StackRun {
  private readonly folder = join(scratch, `run-${runs++}`);
  private readonly stacks: readonly string[];
  private readonly standIns;

  constructor(
    private readonly terraform: TerraformBinary,
    { stacks = ['network'], release: own = release, settings, plan, values, change }: StackRunOptions = {},
  ) {
    const made = synthesise({ release: own, settings, plan, values }).stacks;
    change?.(made[stacks[0] ?? '']);
    this.stacks = stacks.map((name) => {
      const stack = join(this.folder, 'out', 'stacks', name);
      mkdirSync(stack, { recursive: true });
      writeFileSync(join(stack, 'cdk.tf.json'), JSON.stringify(made[name]));
      return stack;
    });
    this.standIns = installStandIns({ folder: join(this.folder, 'stand-ins'), stacks: this.stacks });
  }

  async start(faults: Faults = []): Promise<this> {
    this.standIns.setFaults(faults);
    for (const stack of this.stacks) {
      const { exitCode, output } = await this.run(stack, 'init', '-input=false', '-no-color');
      if (exitCode !== 0) throw new Error(output);
    }
    return this;
  }

  /** Applies the stacks in order, up to the first that fails. */
  async apply() {
    let last = { exitCode: 0 as number | null, output: '' };
    for (const stack of this.stacks) {
      last = await this.run(stack, 'apply', '-auto-approve', '-input=false', '-no-color');
      if (last.exitCode !== 0) break;
    }
    return last;
  }

  async changes() {
    const plans: PlannedAction[] = [];
    for (const stack of this.stacks) plans.push(...plannedActions((await this.run(stack, 'plan', '-input=false', '-json')).stdout));
    return plans;
  }

  async destroy() {
    let last = { exitCode: 0 as number | null, output: '' };
    for (const stack of [...this.stacks].reverse()) {
      last = await this.run(stack, 'destroy', '-auto-approve', '-input=false', '-no-color');
      if (last.exitCode !== 0) break;
    }
    return last;
  }

  /** Outputs of the last stack. */
  async outputs() {
    return JSON.parse((await this.run(this.stacks.at(-1) ?? '', 'output', '-json')).stdout);
  }

  /** A file or folder of the run: `stand-ins/mirror`, `out/stacks/network/...`. */
  file(path: string) {
    return join(this.folder, path);
  }

  cloud() {
    return new Cloud(this.standIns.cloud);
  }

  private run(cwd: string, ...args: string[]) {
    return runProcess(this.terraform.command, args, { cwd, env: { ...process.env, ...TERRAFORM_ENV, ...this.standIns.env } });
  }
}

/** A create that is neither among the first of the platform stack nor among its last. */
const IN_PLATFORM = 55;

/** The default release, synthesised as a user's settings would have it, to be deployed by cdktf in a folder of the scratch. */
async function cdktfRun(terraform: TerraformBinary, name: string, settings: Readonly<Record<string, string | undefined>>) {
  const folder = join(scratch, name);
  const output = join(folder, 'cdktf.out');
  mkdirSync(folder);
  const env = { ...process.env, OVKIT_GATE: undefined, OVKIT_RELEASE: undefined, ...settings, CDKTF_OUTDIR: output };
  const synth = await runProcess(process.execPath, [fromRoot('bin', 'app.cjs')], { cwd: fromRoot(), env });
  expect({ exitCode: synth.exitCode, said: synth.exitCode === 0 ? '' : synth.output }).toEqual({ exitCode: 0, said: '' });
  const environment = settings.OVKIT_ENVIRONMENT ?? null;
  return new DeployRun({ terraform, folder, synthDir: output, release: 'release.yaml', environment, helm: null });
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
      const run = await new StackRun(terraform, { change: (stack) => change(stack.resource.aws_vpc.vpc) }).start();
      const { exitCode, output } = await run.apply();
      expect(exitCode).toBe(1);
      expect(output).toMatch(words);
      expect(run.cloud().ofType('aws_subnet')).toEqual([]);
    });

    it('takes every setting of the place at once, and comes down again', async () => {
      const own = aRelease((raw) => {
        raw.metadata.environment = 'rehearsal';
        Object.assign(raw.placement, { capacity: ['spot', 'on-demand'], offHours: '19:00-07:00 Europe/Amsterdam' });
      });
      const quota = { code: 'L-DB2E81BA', name: 'G and VT', vcpuNeeded: 8 };
      const run = await new StackRun(terraform, {
        stacks: ['bootstrap', 'network', 'platform'],
        release: own,
        // what is reserved first, then on demand
        plan: aPlan(own, { capacity: 'reserved', quota, fallback: { capacity: 'on-demand', quota } }),
        settings: {
          nat: 'per-zone',
          endpoints: ['ecr.api', 'ecr.dkr', 'sts'],
          clusterCidrs: ['203.0.113.0/24'],
          clusterAdmins: ['arn:aws:iam::000000000000:role/admin'],
          kubernetesVersion: '1.36',
          nodeRelease: '1.36.3-20260903',
          capacityReservation: 'cr-0123456789abcdef0',
          alertEmail: 'stage@example.org',
          extraTags: { Team: 'puppets' },
          permissionsBoundary: 'arn:aws:iam::000000000000:policy/boundary',
          githubRepository: 'puppeteers/show',
        },
      }).start();
      const { exitCode, output } = await run.apply();
      expect({ exitCode, said: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, said: '' });
      expect(run.cloud().ofType('aws_nat_gateway')).toHaveLength(3);
      // stop and start of both groups
      expect(run.cloud().ofType('aws_autoscaling_schedule')).toHaveLength(4);
      expect(run.cloud().ofType('aws_cloudwatch_metric_alarm').length).toBeGreaterThan(5);
      const [vpc] = run.cloud().ofType('aws_vpc');
      expect(vpc?.value.tags_all).toMatchObject({ Team: 'puppets', Release: 'puppet-show' });
      expect(await run.changes()).toEqual([]);
      expect((await run.destroy()).exitCode).toBe(0);
      expect(run.cloud().all()).toEqual([]);
    });

    it.each([
      ['in its own cluster', 'needed'],
      ['in a cluster that has its controller', 'none'],
    ] as const)('makes what Karpenter needs %s, has nothing more to do, and leaves nothing', async (_, addons) => {
      const own = aRelease((raw) => {
        raw.metadata.environment = 'rehearsal';
        raw.placement.nodes = 'karpenter';
      });
      const run = await new StackRun(terraform, {
        stacks: ['network', 'platform'],
        release: own,
        plan: aPlan(own),
        settings: { addons },
      }).start();
      const { exitCode, output } = await run.apply();
      expect({ exitCode, said: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, said: '' });
      const { length } = run
        .cloud()
        .ofType('aws_cloudwatch_event_rule')
        .filter(({ id }) => !id.includes('launch-failures'));
      expect({ addons, rules: length }).toEqual({ addons, rules: addons === 'needed' ? 5 : 0 });
      expect(
        run
          .cloud()
          .ofType('aws_eks_access_entry')
          .map(({ value }) => value.type),
      ).toEqual(['EC2_LINUX']);
      expect(await run.changes()).toEqual([]);
      expect((await run.destroy()).exitCode).toBe(0);
      expect(run.cloud().all()).toEqual([]);
    });

    it('adds nodes to an existing EKS cluster, touches nothing of it, and refuses one of another VPC', async () => {
      const owner = await new StackRun(terraform, { stacks: ['network', 'platform'] }).start();
      await owner.apply();
      const theirs = owner.cloud().all();
      const idOf = (type: string) => theirs.filter((object) => object.type === type).map(({ id }) => id);
      const guest = aRelease((raw) => Object.assign(raw.metadata, { environment: 'rehearsal', name: 'guest-show' }));
      const join = async (vpcId: string) => {
        const settings = { eksCluster: 'puppet-show-rehearsal', vpcId, subnetIds: idOf('aws_subnet').slice(0, 3), addons: 'none' } as const;
        const run = new StackRun(terraform, { stacks: ['network', 'platform'], release: guest, plan: aPlan(guest), settings });
        for (const object of theirs) run.cloud().put(object);
        await run.start();
        return { run, ...(await run.apply()) };
      };
      const good = await join(idOf('aws_vpc')[0] ?? '');
      expect({ exitCode: good.exitCode, said: good.exitCode === 0 ? '' : good.output }).toEqual({ exitCode: 0, said: '' });
      expect(good.run.cloud().ofType('aws_eks_cluster')).toHaveLength(1);
      expect(good.run.cloud().ofType('aws_eks_addon')).toHaveLength(idOf('aws_eks_addon').length);
      expect(
        good.run
          .cloud()
          .ofType('aws_eks_node_group')
          .map(({ id }) => id),
      ).toContain('puppet-show-rehearsal:guest-show-rehearsal-model');
      expect((await good.run.destroy()).exitCode).toBe(0);
      expect(good.run.cloud().all()).toEqual(theirs);
    });

    it('stops before the network when no zone of the region offers the instance type', async () => {
      const change = (stack: StackJson) => {
        stack.data.aws_ec2_instance_type_offerings.offerings.filter[0].values = ['g99.xlarge'];
      };
      const run = await new StackRun(terraform, { change }).start();
      const { exitCode, output } = await run.apply();
      expect(exitCode).toBe(1);
      expect(output.replace(/[\s│]+/g, ' ')).toMatch(/No zone of us-east-1 offers g6\.xlarge to this account\. Next: allow another family/);
      expect(run.cloud().all()).toEqual([]);
    });

    it('stops before the first node when the quota does not hold the replicas', async () => {
      const plan = aPlan(release, { quota: { code: 'L-DB2E81BA', name: 'G and VT', vcpuNeeded: 96 } });
      const run = await new StackRun(terraform, { stacks: ['network', 'platform'], plan }).start();
      const { exitCode, output } = await run.apply();
      expect(exitCode).toBe(1);
      expect(output.replace(/\s+/g, ' ')).toMatch(/= 96 > quota 64 for L-DB2E81BA.* request-service-quota-increase/);
      expect(run.cloud().ofType('aws_eks_cluster')).toEqual([]);
    });

    it('uses an existing VPC without touching it, and refuses subnets that do not belong to it', async () => {
      const own = await new StackRun(terraform).start();
      await own.apply();
      const vpcs = own.cloud().ofType('aws_vpc');
      const subnets = own.cloud().ofType('aws_subnet');
      const existing = async (subnetIds: readonly string[]) => {
        const run = await new StackRun(terraform, {
          stacks: ['network', 'platform'],
          settings: { vpcId: vpcs[0]?.id ?? '', subnetIds },
        }).start();
        for (const object of [...vpcs, ...subnets]) run.cloud().put(object);
        run
          .cloud()
          .put({ type: 'aws_subnet', id: 'subnet-0123456789', value: { ...subnets[0]?.value, id: 'subnet-0123456789', vpc_id: 'vpc-0' } });
        return { run, ...(await run.apply()) };
      };
      const ids = subnets.map(({ id }) => id);
      const good = await existing(ids);
      expect({ exitCode: good.exitCode, said: good.exitCode === 0 ? '' : good.output }).toEqual({ exitCode: 0, said: '' });
      expect(good.run.cloud().ofType('aws_eks_cluster')).toHaveLength(1);
      expect(good.run.cloud().ofType('aws_nat_gateway')).toEqual([]);
      const foreign = await existing([ids[0] ?? '', 'subnet-0123456789']);
      expect(foreign.output.replace(/\s+/g, ' ')).toContain('lies outside OVKIT_VPC_ID');
    });

    it('hands the workloads over to GitOps, with the registry of the account in the values, and only past the gate', async () => {
      const values = { image: { repository: 'own-registry.onevision-kit.invalid/show' } };
      const handedOver = async (change: (stack: StackJson) => void) => {
        const run = await new StackRun(terraform, { stacks: ['workloads'], settings: { delivery: 'gitops' }, values, change }).start();
        return { ...(await run.apply()), outputs: await run.outputs() };
      };
      const { exitCode, outputs } = await handedOver(() => {});
      expect(exitCode).toBe(0);
      const { value: releases } = outputs.gitops_releases;
      const [plugin, admission, inference] = [releases[0], ...releases.slice(-2)];
      expect(admission.name).toContain('admission');
      expect(plugin.repository).toContain('https://');
      expect(JSON.parse(inference.values).image.repository).toBe('000000000000.dkr.ecr.us-east-1.amazonaws.com/show');
      const denied = await handedOver((stack) => Object.assign(stack.locals, { compliance_verdict: 'denied' }));
      expect({ exitCode: denied.exitCode, outputs: denied.outputs }).toEqual({ exitCode: 1, outputs: {} });
    });

    it('is refused by cdktf itself with --skip-synth, for a release that may not be deployed', async () => {
      const run = await cdktfRun(terraform, 'production', { OVKIT_GATE: 'report', OVKIT_ENVIRONMENT: undefined });
      const { exitCode, output: said } = await run.deploy('--skip-synth');
      expect(exitCode).toBe(1);
      expect(said).toContain('Resource precondition failed');
      // bootstrap is not gated: without it no image could exist that might be judged
      const made = new Set(run.objects().map(({ type }) => type.split('_')[1]));
      expect([...made].sort()).toEqual(['ecr', 's3']);
      expect(existsSync(join(scratch, 'production', 'terraform.puppet-show-production.platform.tfstate'))).toBe(false);
    });

    it("is repaired by a second `cdktf deploy '*'` when the provider ends in the middle of a later stack", async () => {
      const run = await cdktfRun(terraform, 'repaired', { OVKIT_ENVIRONMENT: 'rehearsal' });
      run.setFaults([{ nth: IN_PLATFORM, kind: 'crash' }]);
      expect((await run.deploy()).exitCode).toBe(1);
      const types = run.objects().map(({ type }) => type);
      expect(types).toContain('aws_vpc');
      expect(types).not.toContain('aws_eks_node_group');
      const second = await run.deploy();
      expect({ exitCode: second.exitCode, said: second.exitCode === 0 ? '' : second.output }).toEqual({ exitCode: 0, said: '' });
      for (const stack of run.stacks()) expect(await run.plan(stack)).toEqual([]);
      // what had been doubled would be left behind
      expect((await run.destroy()).exitCode).toBe(0);
      expect([...run.objects(), ...run.stateAddresses()]).toEqual([]);
    });

    it('names what the stand-ins are not', () => {
      const words = "it does not know AWS's own validation, defaults, replacement rules";
      expect(readFileSync(fromRoot('rehearsal', 'provider-standin', 'README.md'), 'utf8').replace(/\s+/g, ' ')).toContain(words);
    });
  });
});
