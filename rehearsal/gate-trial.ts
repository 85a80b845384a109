import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '../core/run-process';
import { writeFileAtomically } from '../core/text-file';
import { TERRAFORM_ENV, type TerraformBinary } from './terraform-binary';

export { findTerraform } from './terraform-binary';

/** What Terraform did with the gate of a stack. */
export interface GateTrial {
  /** true: the gate was created; false: its preconditions, and nothing else, refused. */
  readonly applied: boolean;
  /** Whether a destroy passes with the same configuration, on a state in which the gate exists. */
  readonly destroyed: boolean;
  /** What the preconditions said; empty when they hold. */
  readonly message: string;
  readonly elapsedMs: number;
}

export interface GateTrialOptions {
  readonly terraform: TerraformBinary;
  /** Folder for configuration and state. Default: a temporary one, removed afterwards. */
  readonly workdir?: string;
  readonly signal?: AbortSignal;
}

/**
 * Applies the compliance gate of a synthesised stack for real, alone and offline, and then destroys it: it needs no provider,
 * no account and no network. A gate that refuses is tried for its destroy on a state that an allowed one left behind.
 *
 * @param stackJson  the parsed cdk.tf.json of a gated stack
 * @throws Error when Terraform fails for another reason than the gate, or cannot be started; the abort reason
 */
export async function tryGate(stackJson: unknown, options: GateTrialOptions): Promise<GateTrial> {
  const started = performance.now();
  const folder = options.workdir ?? mkdtempSync(join(tmpdir(), 'ovkit-gate-'));
  const terraform = new GateRun(options.terraform, folder, options.signal);
  try {
    const gate = extractGate(stackJson);
    await terraform.init(gate);
    const refusal = await terraform.run('apply', gate);
    if (refusal !== null) await terraform.run('apply', openGate(gate));
    const destroyed = (await terraform.run('destroy', gate)) === null;
    return { applied: refusal === null, destroyed, message: refusal ?? '', elapsedMs: Math.round(performance.now() - started) };
  } finally {
    if (options.workdir === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** A configuration that holds the gate and what it refers to, and nothing else. */
export interface GateConfiguration {
  readonly terraform?: { readonly required_version: string };
  readonly locals: Readonly<Record<string, unknown>>;
  readonly resource: { readonly terraform_data: { readonly compliance_gate: unknown } };
}

/** Takes the gate out of a synthesised stack: no providers, no backend. @throws Error when the stack has none */
export function extractGate(stackJson: unknown): GateConfiguration {
  const stack = stackJson as StackJson;
  const gate = stack.resource?.terraform_data?.compliance_gate;
  if (gate === undefined) throw new Error('the stack has no terraform_data.compliance_gate');
  const version = stack.terraform?.required_version;
  return {
    ...(version === undefined ? {} : { terraform: { required_version: version } }),
    locals: Object.fromEntries(Object.keys(OPEN_LOCALS).map((name) => [name, stack.locals?.[name]])),
    resource: { terraform_data: { compliance_gate: gate } },
  };
}

interface StackJson {
  readonly terraform?: { readonly required_version?: string };
  readonly locals?: Readonly<Record<string, unknown>>;
  readonly resource?: { readonly terraform_data?: { readonly compliance_gate?: unknown } };
}

/** What the gate reads, with values under which it opens: only to have something that can be destroyed. */
const OPEN_LOCALS = { compliance_verdict: 'allowed', compliance_expires: '9999-12-31T00:00:00Z', plan_state: 'ok' } as const;

function openGate(gate: GateConfiguration): GateConfiguration {
  return { ...gate, locals: OPEN_LOCALS };
}

/** Summary of the diagnostic in Terraform and in OpenTofu. */
const PRECONDITION_FAILED = 'Resource precondition failed';

class GateRun {
  constructor(
    private readonly terraform: TerraformBinary,
    private readonly folder: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  async init(gate: GateConfiguration): Promise<void> {
    const { exitCode, output } = await this.start(gate, ['init', '-input=false', '-no-color']);
    if (exitCode !== 0) throw this.failure('init', output.trim());
  }

  /** Applies or destroys; gives back what the preconditions said, or null when it went through. */
  async run(action: 'apply' | 'destroy', gate: GateConfiguration): Promise<string | null> {
    const { exitCode, output } = await this.start(gate, [action, '-auto-approve', '-input=false', '-json']);
    if (exitCode === 0) return null;
    const errors = errorDiagnostics(output);
    const refused = errors.length > 0 && errors.every((error) => error.summary === PRECONDITION_FAILED);
    if (refused) return errors.map((error) => error.detail ?? error.summary).join('\n');
    const said = errors.map((error) => [error.summary, error.detail].filter(Boolean).join(': ')).join('\n');
    throw this.failure(action, said || output.trim());
  }

  private start(gate: GateConfiguration, args: readonly string[]) {
    writeFileAtomically(join(this.folder, 'cdk.tf.json'), JSON.stringify(gate, null, 2));
    return runProcess(this.terraform.command, args, { cwd: this.folder, env: { ...process.env, ...TERRAFORM_ENV }, signal: this.signal });
  }

  private failure(action: string, said: string): Error {
    return new Error(`${this.terraform.name} ${this.terraform.version} ${action} failed for another reason than the gate: ${said}`);
  }
}

interface Diagnostic {
  readonly summary: string;
  readonly detail?: string;
}

function errorDiagnostics(output: string): Diagnostic[] {
  return output.split('\n').flatMap((line): Diagnostic[] => {
    if (!line.startsWith('{')) return [];
    try {
      const event = JSON.parse(line) as { type?: string; diagnostic?: Diagnostic & { severity: string } };
      return event.type === 'diagnostic' && event.diagnostic?.severity === 'error' ? [event.diagnostic] : [];
    } catch {
      return [];
    }
  });
}
