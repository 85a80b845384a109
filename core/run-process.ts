import { spawn } from 'node:child_process';

export interface ProcessResult {
  /** null when the process was ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
}

interface ProcessOptions {
  readonly input?: string;
  /** The whole environment of the program. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds after which the process is ended. Default: 10 minutes. */
  readonly timeoutMs?: number;
  /** Sees the output as it comes, e.g. to show progress; pieces may end inside a line. */
  readonly onOutput?: (piece: string) => void;
}

/** Runs a program; tests pass their own. */
export type RunProcess = (command: string, args: readonly string[], options: ProcessOptions) => Promise<ProcessResult>;

const DEFAULT_TIMEOUT_MS = 600_000;
/** Milliseconds between the request to end and the kill. */
const KILL_AFTER_MS = 2_000;

/**
 * Runs a program to its end, in a process group of its own, which is ended as a whole when the signal aborts or the time is up, so that
 * no child outlives Ctrl-C. Resolves with any exit code.
 * @throws the signal's reason on abort, an Error when the program cannot be started or took too long
 */
export const runProcess: RunProcess = (command, args, options) =>
  new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...(options.env ?? process.env) },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const output: Buffer[] = [];
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      into.push(chunk);
      output.push(chunk);
      options.onOutput?.(chunk.toString('utf8'));
    };
    let ended: unknown;
    let killTimer: NodeJS.Timeout | undefined;
    const stop = (reason: unknown) => {
      if (ended !== undefined) return;
      ended = reason;
      endGroup(child.pid, 'SIGTERM');
      killTimer = setTimeout(() => endGroup(child.pid, 'SIGKILL'), KILL_AFTER_MS);
    };
    const onAbort = () => stop(options.signal?.reason);
    const timer = setTimeout(() => stop(new Error(`${command} did not end within ${timeoutMs} ms`)), timeoutMs);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      options.signal?.removeEventListener('abort', onAbort);
      finish();
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', collect(stdout));
    child.stderr.on('data', collect(stderr));
    // a program that ends before it has read its input closes the pipe; its exit code tells the story
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => settle(() => reject(error)));
    child.on('close', (exitCode) =>
      settle(() => {
        if (ended !== undefined) reject(ended);
        else resolve({ exitCode, stdout: text(stdout), stderr: text(stderr), output: text(output) });
      }),
    );
  });

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended by itself
  }
}
