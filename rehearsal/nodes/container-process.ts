import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  /** Bytes after which it is killed, as the kernel does at a memory limit; undefined: none. */
  readonly memoryLimitBytes?: number;
}

export interface ProcessEnd {
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
  readonly outOfMemory: boolean;
}

/** A process that plays a container. */
export interface ContainerProcess {
  readonly pid: number | undefined;
  readonly ended: Promise<ProcessEnd>;
  kill(signal: NodeJS.Signals): void;
}

/** Exit code of the shells and runtimes for a process that a signal ended. */
const SIGNAL_BASE = 128;
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };
const MEMORY_POLL_MS = 250;
/** Exit code of a runtime that cannot start the program. */
const NOT_STARTED = 128;

/**
 * Becomes the program, beside a watcher that kills it and all that it started when the standard input of this shell closes: that is what happens
 * when the rehearsal is gone, even killed. The shell leads a group of processes of its own, which 0 names.
 */
const GUARD = 'exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

const living = new Set<ChildProcess>();
let hooked = false;

/** Starts the program of a container with exactly the environment given; its output goes to the log file. */
export function startContainerProcess(spec: ProcessSpec): ContainerProcess {
  killAllOnExit();
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, 'a');
  const child = spawn('/bin/sh', ['-c', GUARD, 'container', spec.command, ...spec.args], {
    cwd: spec.cwd,
    env: { ...spec.env },
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  living.add(child);
  child.stdin?.on('error', () => undefined);
  let outOfMemory = false;
  const poll = setInterval(() => {
    if (spec.memoryLimitBytes === undefined || residentBytes(child.pid) <= spec.memoryLimitBytes) return;
    outOfMemory = true;
    killGroup(child);
  }, MEMORY_POLL_MS);
  const ended = new Promise<ProcessEnd>((resolve) => {
    const settle = (exitCode: number, signal?: NodeJS.Signals): void => {
      clearInterval(poll);
      living.delete(child);
      // as in a container: when its first process ends, so do all others
      killGroup(child);
      child.stdin?.destroy();
      resolve({ exitCode, signal, outOfMemory });
    };
    child.once('exit', (code, signal) => settle(code ?? SIGNAL_BASE + (SIGNAL_NUMBERS[signal ?? ''] ?? 0), signal ?? undefined));
    child.once('error', () => settle(NOT_STARTED));
  });
  return { pid: child.pid, ended, kill: (signal) => (signal === 'SIGKILL' ? killGroup(child) : void child.kill(signal)) };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // none of them is left
  }
}

/** Resident bytes of a process from /proc; 0 where there is none. */
function residentBytes(pid: number | undefined): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function killAllOnExit(): void {
  if (hooked) return;
  hooked = true;
  process.on('exit', () => {
    for (const child of living) killGroup(child);
  });
}
