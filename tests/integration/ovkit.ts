import { spawnSync } from 'node:child_process';
import { fromRoot } from '../../core/project-root';

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line as a user does (`npm run build` comes first; the test runner does that). */
export function ovkit(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliResult {
  const run = spawnSync(process.execPath, [fromRoot('bin', 'ovkit.cjs'), ...args], {
    cwd: fromRoot(),
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 2 ** 20,
  });
  return { exitCode: run.status, stdout: run.stdout, stderr: run.stderr };
}
