import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHelm } from '../../charts/helm';
import { KitError } from '../../core/error';
import type { ProcessResult } from '../../core/run-process';
import { DeployRun } from '../deploy/deploy-run';
import { withOtherInstance } from '../deploy/other-instance';
import { required, type Stage, type StageOutcome, type Walk } from '../stage';
import { findTerraform, type TerraformBinary } from '../terraform-binary';

/** What the stand-ins are, wherever they are named. */
const NOT_AWS = 'The deploy ran on schema-true stand-ins, not on AWS: they do not know its own validation, defaults, replacement rules.';
const NOTHING_APPLIED = 'Nothing was applied: the release is refused before Terraform starts.';
const PAST = '2020-01-01T00:00:00Z';
const REFUSED = 'Resource precondition failed';

/** `cdktf deploy '*'` with the real Terraform or OpenTofu on stand-ins of the providers, and what must hold around it. */
export const deployStage: Stage = {
  id: 'deploy',
  title: "cdktf deploy '*' on stand-ins",
  async run(walk) {
    const terraform = await findTerraform(walk.signal);
    if (!terraform) {
      walk.seen.deploy = 'not-run';
      const detail = 'neither terraform nor tofu is on PATH; install one, or set TERRAFORM_BINARY_NAME';
      return { state: 'not-run', detail, notProved: ['The deploy: no terraform or tofu on this machine.'] };
    }
    if (walk.seen.synth === 'refused') {
      walk.seen.deploy = 'refused';
      return {
        state: 'refused-as-expected',
        detail: 'refused by synth; past it the gate refuses (see the stage before)',
        notProved: [NOTHING_APPLIED],
      };
    }
    const folder = mkdtempSync(join(tmpdir(), 'ovkit-deploy-'));
    try {
      return await rehearseDeploy(walk, terraform, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function rehearseDeploy(walk: Walk, terraform: TerraformBinary, folder: string): Promise<StageOutcome> {
  const run = new DeployRun({
    terraform,
    folder,
    synthDir: walk.synthDir,
    release: walk.column.release,
    environment: walk.column.environment,
    helm: await helmOrNone(walk),
    signal: walk.signal,
  });
  const steps = new Steps(walk);
  walk.seen.deploy = 'failed';

  mustPass('deploy', await steps.time("cdktf deploy '*'", () => run.deploy()));
  const made = run.stateAddresses().length;
  const left = await steps.time('second plan', () => allPlans(run));
  if (left.length > 0) throw new Error(`the second plan is not empty: ${left.slice(0, 3).join(', ')}`);
  const change = await steps.time('another instance type', () => changeInstance(walk, run, folder));
  await steps.time('a denied and an expired verdict', () => mustRefuse(run));
  // the verdict is denied and expired by now
  mustPass('destroy', await steps.time("cdktf destroy '*'", () => run.destroy()));
  const rest = [...run.stateAddresses(), ...run.objects().map(({ type, id }) => `${type} ${id}`)];
  if (rest.length > 0) throw new Error(`destroy left ${rest.slice(0, 3).join(', ')}`);

  walk.seen.deploy = 'deployed';
  const helm = run.stacks().includes('platform') ? [] : ['The deploy rendered the chart; no API server took it.'];
  return {
    state: 'passed',
    detail: `${terraform.name} ${terraform.version}: ${made} resources in ${run.stacks().length || 1} stack(s); second plan empty; ${change}denied and expired verdicts refused; destroyed (${steps.text()})`,
    notProved: [NOT_AWS, ...helm],
  };
}

async function allPlans(run: DeployRun): Promise<string[]> {
  const plans = await Promise.all(run.stacks().map((stack) => run.plan(stack)));
  return plans.flat().map(({ address, action }) => `${action} ${address}`);
}

/** Another instance type must touch the nodes of the model, what follows them by name, and nothing else. */
async function changeInstance(walk: Walk, run: DeployRun, folder: string): Promise<string> {
  const loaded = required(walk.loaded, 'the release');
  const changed = withOtherInstance(readFileSync(loaded.file, 'utf8'), required(walk.plan, 'the plan'));
  if (!changed || !run.stacks().includes('platform')) return '';
  const file = join(folder, 'changed.yaml');
  writeFileSync(file, changed.text);
  const output = await run.synthOther(file, 'changed.out');
  const karpenter = loaded.release.placement.nodes === 'karpenter';
  const [stack, nodes, action] = karpenter
    ? (['workloads', 'helm_release.karpenter_nodes', 'update'] as const)
    : (['platform', 'aws_eks_node_group.model_nodes', 'replace'] as const);
  const actions = await run.plan(stack, output);
  if (actions.find(({ address }) => address === nodes)?.action !== action)
    throw new Error(`${changed.instanceType} does not ${action} ${nodes}: ${JSON.stringify(actions)}`);
  const strange = actions.filter((other) => !/\.model_/.test(other.address) && !(other.action === 'update' && FOLLOWS.test(other.address)));
  if (strange.length > 0) throw new Error(`${changed.instanceType} also changes ${strange.map(({ address }) => address).join(', ')}`);
  return `${changed.instanceType} ${action}s the model's nodes alone; `;
}

/** What names the nodes of the model or runs on them, and is changed in place with them. */
const FOLLOWS = /\.(karpenter_nodes|inference|admission|alarm_model_nodes_unhealthy|launch_failures|autoscaler_role_policy)$/;

/** A forbidden and a stale synth must not get past a raw terraform apply, nor change anything. */
async function mustRefuse(run: DeployRun): Promise<void> {
  const stack = run.stacks().includes('network') ? 'network' : 'workloads';
  for (const gate of [{ compliance_verdict: 'denied' }, { compliance_verdict: 'allowed', compliance_expires: PAST }]) {
    run.setGate(gate);
    const { exitCode, output } = await run.apply(stack);
    if (exitCode === 0 || !output.includes(REFUSED))
      throw new Error(`terraform apply of ${JSON.stringify(gate)} was not refused: ${output.trim()}`);
  }
  run.setGate({ compliance_verdict: 'denied' });
}

function mustPass(what: string, { exitCode, output }: ProcessResult): void {
  if (exitCode !== 0) throw new Error(`${what} failed: ${lastErrors(output)}`);
}

const ERROR_CHARACTERS = 600;

function lastErrors(output: string): string {
  const from = output.search(/Error:/);
  return output.slice(from < 0 ? -ERROR_CHARACTERS : from, from < 0 ? undefined : from + ERROR_CHARACTERS).trim();
}

async function helmOrNone(walk: Walk): Promise<string | null> {
  try {
    return (await findHelm({ signal: walk.signal, onProgress: walk.onProgress })).path;
  } catch (error) {
    if (error instanceof KitError && error.code === 'E_HELM_MISSING') return null;
    throw error;
  }
}

/** Times the steps and says them as they begin. */
class Steps {
  private readonly done: string[] = [];

  constructor(private readonly walk: Walk) {}

  async time<T>(title: string, step: () => Promise<T>): Promise<T> {
    this.walk.onProgress(`${title} …`);
    const started = performance.now();
    const result = await step();
    this.done.push(`${title} ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return result;
  }

  text(): string {
    return this.done.join(', ');
  }
}
