import { spawn } from 'node:child_process';

export interface ProcessResult {
  readonly exitCode: number;
  /** stdout and stderr together, in the order they came. */
  readonly output: string;
}

const MAX_OUTPUT_CHARACTERS = 2_000_000;

/**
 * Runs a program to its end and collects what it printed. No shell. The signal ends the child.
 * @param env  added to the environment; undefined removes a variable
 * @throws the abort reason, or the spawn error when the program is not there
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string | undefined>>; readonly signal?: AbortSignal },
): Promise<ProcessResult> {
  const env = { ...process.env, ...options.env };
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env,
      signal: options.signal,
      killSignal: 'SIGINT',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT_CHARACTERS) output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => (options.signal?.aborted ? reject(options.signal.reason) : resolve({ exitCode: code ?? 1, output })));
  });
}
