import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../../core/project-root';
import { type ProcessResult, runProcess } from '../../core/run-process';
import { writeFileAtomically } from '../../core/text-file';
import { Cloud, type CloudObject } from '../provider-standin/cloud';
import type { Faults } from '../provider-standin/config';
import { type InstalledStandIns, installStandIns, stackFolders } from '../provider-standin/install';
import { TERRAFORM_ENV, type TerraformBinary } from '../terraform-binary';
import { type PlannedAction, plannedActions } from './planned-actions';

export interface DeployRunOptions {
  readonly terraform: TerraformBinary;
  /** Everything lies below it: stacks, state, the stand-ins and their cloud. */
  readonly folder: string;
  /** Folder of a synth of the same release, to know the types that occur. */
  readonly synthDir: string;
  readonly release: string;
  readonly environment: string | null;
  readonly helm: string | null;
  readonly signal?: AbortSignal;
  /** Laid over the environment of every program, for instance to withhold the credentials. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const CDKTF = 'node_modules/cdktf-cli/bundle/bin/cdktf';
const INIT = ['init', '-input=false', '-no-color'];
/** Order in which the stacks are deployed. */
const STACK_ORDER = ['bootstrap', 'network', 'platform', 'workloads'];

/** One rehearsed deploy: the real `cdktf` and the real Terraform or OpenTofu on the stand-ins, in a folder of its own. */
export class DeployRun {
  readonly output: string;
  readonly standIns: InstalledStandIns;

  constructor(private readonly options: DeployRunOptions) {
    this.output = join(options.folder, 'cdktf.out');
    mkdirSync(options.folder, { recursive: true });
    const { folder, synthDir, helm } = options;
    this.standIns = installStandIns({ folder: join(folder, 'stand-ins'), stacks: stackFolders(synthDir), helm });
  }

  /** `cdktf deploy '*'`, as a user types it. */
  deploy(...extra: readonly string[]): Promise<ProcessResult> {
    return this.cdktf(['deploy', '*', '--auto-approve', '--skip-provider-lock', ...extra]);
  }

  /** `cdktf destroy '*'` on what lies in the output folder, whatever its gate says by now. */
  destroy(): Promise<ProcessResult> {
    return this.cdktf(['destroy', '*', '--auto-approve', '--skip-synth', '--skip-provider-lock']);
  }

  /** Synthesises another release into a folder of its own, on the same state. */
  async synthOther(release: string, name: string): Promise<string> {
    const output = join(this.options.folder, name);
    const result = await this.run(process.execPath, [fromRoot('bin', 'app.cjs')], fromRoot(), {
      OVKIT_RELEASE: release,
      CDKTF_OUTDIR: output,
    });
    if (result.exitCode !== 0) throw new Error(`the changed release does not synthesise: ${result.output.trim()}`);
    return output;
  }

  /** What Terraform would do now with a stack: nothing when the list is empty. @throws Error when the plan fails */
  async plan(stack: string, output = this.output): Promise<readonly PlannedAction[]> {
    const folder = join(output, 'stacks', stack);
    if (!existsSync(join(folder, '.terraform'))) await this.terraform(folder, INIT);
    const {
      exitCode,
      stdout,
      output: said,
    } = await this.terraform(folder, ['plan', '-input=false', '-lock=false', '-json', '-detailed-exitcode']);
    if (exitCode !== 0 && exitCode !== 2) throw new Error(`plan of ${stack} failed: ${said.trim()}`);
    const actions = plannedActions(stdout);
    if (exitCode === 0 && actions.length > 0) throw new Error(`plan of ${stack} contradicts itself`);
    return actions;
  }

  /** `terraform init` in the folder of a stack, as cdktf runs it. */
  init(stack: string): Promise<ProcessResult> {
    return this.terraform(join(this.output, 'stacks', stack), INIT);
  }

  /** A raw `terraform apply` in the folder of a stack, past cdktf. */
  apply(stack: string): Promise<ProcessResult> {
    return this.terraform(join(this.output, 'stacks', stack), ['apply', '-auto-approve', '-input=false', '-no-color']);
  }

  /** Rewrites what the gate of every gated stack reads, as a stale or a forbidden synth would have it. */
  setGate(change: { readonly compliance_verdict?: string; readonly compliance_expires?: string }): void {
    for (const stack of this.stacks()) {
      const file = join(this.output, 'stacks', stack, 'cdk.tf.json');
      const json = JSON.parse(readFileSync(file, 'utf8'));
      if (json.locals?.compliance_verdict === undefined) continue;
      Object.assign(json.locals, change);
      writeFileAtomically(file, JSON.stringify(json, null, 2));
    }
  }

  /** Stacks of this run, in the order of a deploy. */
  stacks(): string[] {
    const folder = join(this.output, 'stacks');
    return existsSync(folder) ? readdirSync(folder).sort((a, b) => STACK_ORDER.indexOf(a) - STACK_ORDER.indexOf(b)) : [];
  }

  /** What exists in the stand-in's cloud. */
  objects(): readonly CloudObject[] {
    return new Cloud(this.standIns.cloud).all();
  }

  /** Addresses in the states of all stacks. */
  stateAddresses(): string[] {
    const states = readdirSync(this.options.folder).filter((name) => name.endsWith('.tfstate'));
    return states.flatMap((name) => {
      const state = JSON.parse(readFileSync(join(this.options.folder, name), 'utf8')) as { resources: readonly StateResource[] };
      return state.resources
        .filter(({ mode, instances }) => mode === 'managed' && instances.length > 0)
        .map(({ type, name: own }) => `${type}.${own}`);
    });
  }

  setFaults(faults: Faults): void {
    this.standIns.setFaults(faults);
  }

  private cdktf(args: readonly string[]): Promise<ProcessResult> {
    return this.run(process.execPath, [CDKTF, ...args, '--output', this.output], fromRoot(), {});
  }

  private terraform(folder: string, args: readonly string[]): Promise<ProcessResult> {
    return this.run(this.options.terraform.command, args, folder, {});
  }

  private run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<ProcessResult> {
    const { release, environment, terraform, signal } = this.options;
    return runProcess(command, args, {
      cwd,
      signal,
      env: {
        ...process.env,
        ...TERRAFORM_ENV,
        ...this.standIns.env,
        OVKIT_RELEASE: release,
        OVKIT_ENVIRONMENT: environment ?? undefined,
        OVKIT_GATE: undefined,
        TERRAFORM_BINARY_NAME: terraform.command,
        CI: '1',
        ...this.options.env,
        ...env,
      },
    });
  }
}

interface StateResource {
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly instances: readonly unknown[];
}
