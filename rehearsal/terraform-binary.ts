import { tmpdir } from 'node:os';
import { runProcess } from '../core/run-process';

/** A terraform or tofu that answers. */
export interface TerraformBinary {
  /** What to start: the value of TERRAFORM_BINARY_NAME, or a name on PATH. */
  readonly command: string;
  readonly name: 'Terraform' | 'OpenTofu';
  readonly version: string;
}

/** For every call: no check for newer versions, no configuration or flags of the user; the gate needs no mirror and no cloud. */
export const TERRAFORM_ENV = {
  CHECKPOINT_DISABLE: '1',
  TF_IN_AUTOMATION: '1',
  TF_CLI_CONFIG_FILE: undefined,
  TF_CLI_ARGS: undefined,
  TF_WORKSPACE: undefined,
  TF_DATA_DIR: undefined,
} as const;

/** The binary that CDKTF would use (TERRAFORM_BINARY_NAME), else terraform or tofu on PATH; undefined when there is none. */
export async function findTerraform(signal?: AbortSignal): Promise<TerraformBinary | undefined> {
  const named = process.env.TERRAFORM_BINARY_NAME;
  for (const command of named ? [named] : ['terraform', 'tofu']) {
    const found = await askTerraform(command, signal);
    if (found) return found;
  }
  return undefined;
}

/** What a program says it is, when it is one of the two; undefined when it does not start or is neither. */
export async function askTerraform(command: string, signal?: AbortSignal): Promise<TerraformBinary | undefined> {
  try {
    const { exitCode, output } = await runProcess(command, ['version'], {
      cwd: tmpdir(),
      env: { ...process.env, ...TERRAFORM_ENV },
      signal,
    });
    const [, name, version] = /^(Terraform|OpenTofu) v(\S+)/m.exec(output) ?? [];
    if (exitCode !== 0 || name === undefined || version === undefined) return undefined;
    return { command, name: name as TerraformBinary['name'], version };
  } catch (error) {
    if (signal?.aborted) throw error;
    return undefined;
  }
}
