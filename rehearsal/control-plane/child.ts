import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A long-running process of a rehearsal. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** File with everything that it printed. */
  readonly logFile: string;
  readonly running: boolean;
  /** Asks it to end, and kills it when it has not ended in time. Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
  /** Kills it at once, as a crash does. */
  kill(): Promise<void>;
}

export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Milliseconds between the request to end and the kill. */
const GRACE_MS = 10_000;

const living = new Set<ChildProcess>();
let hooked = false;

/**
 * Starts a process whose output goes to a file. Its standard input stays open until this process ends, so that a program which watches it
 * notices even a kill; on an orderly exit it is killed with this process.
 */
export function startChild(spec: ChildSpec): Child {
  endWithThisProcess();
  const log = openSync(spec.logFile, 'a');
  const child = spawn(spec.command, spec.args, { cwd: spec.cwd, env: { ...(spec.env ?? process.env) }, stdio: ['pipe', log, log] });
  closeSync(log);
  living.add(child);
  child.stdin?.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => {
    const settle = (): void => {
      living.delete(child);
      resolve();
    };
    child.once('exit', settle);
    child.once('error', settle);
  });
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    logFile: spec.logFile,
    get running() {
      return living.has(child);
    },
    async stop(graceMs = GRACE_MS) {
      if (!living.has(child)) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(timer);
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The last lines that a process printed, for a message. */
export function lastLines(child: Child, count = 5): string {
  return readFileSync(child.logFile, 'utf8').trim().split('\n').slice(-count).join(' | ');
}

function endWithThisProcess(): void {
  if (hooked) return;
  hooked = true;
  process.on('exit', () => {
    for (const child of living) child.kill('SIGKILL');
  });
}
