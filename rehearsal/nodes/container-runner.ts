import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainerProcess, type ProcessSpec, startContainerProcess } from './container-process';
import { ConfigProblem } from './environment';
import type { Container, ContainerState, ContainerStatus, Terminated } from './pod-types';
import { runProbe } from './probe';

/** What a container needs of its pod. */
export interface ContainerHost {
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  /** Milliseconds of the first wait of a crash loop; it doubles up to five minutes. Kubelet: 10 s. */
  readonly backOffMs: number;
  /** Address on which the process listens. */
  readonly address: string;
  /** null: nothing is started, the status says that it runs. @throws ConfigProblem */
  prepare(container: Container, restart: number): Promise<(ProcessSpec & { readonly messageFile: string }) | null>;
  record(type: 'Normal' | 'Warning', reason: string, message: string): void;
  changed(): void;
}

const LONGEST_BACK_OFF_MS = 300_000;
const CONFIG_RETRY_MS = 2_000;
const MESSAGE_BYTES = 4096;

/** Runs one container: start, probes, restarts with back-off, stop. */
export class ContainerRunner {
  private state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  private lastState: ContainerState = {};
  private restarts = 0;
  private ready = false;
  private started = false;
  private running: ContainerProcess | undefined;
  private readonly stopping = new AbortController();

  constructor(
    readonly container: Container,
    private readonly imageId: string,
    private readonly host: ContainerHost,
  ) {}

  status(): ContainerStatus {
    const { name, image } = this.container;
    const containerID = this.running?.pid === undefined ? '' : `onevision-kit://${this.running.pid}`;
    const { ready, started, state, lastState, imageId: imageID } = this;
    return { name, image, imageID, containerID, ready, started, restartCount: this.restarts, state, lastState };
  }

  get isReady(): boolean {
    return this.ready;
  }

  get logFile(): string | undefined {
    return this.lastLogFile;
  }
  private lastLogFile: string | undefined;

  /** Runs it until it is stopped or, by the restart policy, is done. @returns its last end; undefined for a status only */
  async run(): Promise<Terminated | undefined> {
    let backOffMs = 0;
    for (;;) {
      const end = await this.runOnce();
      this.ready = false;
      this.started = false;
      const policy = this.host.restartPolicy;
      const done =
        this.stopping.signal.aborted || end === undefined || policy === 'Never' || (policy === 'OnFailure' && end.exitCode === 0);
      if (end) this.state = { terminated: end };
      this.host.changed();
      if (done) return end;
      this.lastState = this.state;
      if (backOffMs > 0) {
        const message = `back-off ${Math.round(backOffMs / 1000)}s restarting failed container=${this.container.name}`;
        this.state = { waiting: { reason: 'CrashLoopBackOff', message } };
        this.host.record('Warning', 'BackOff', `Back-off restarting failed container ${this.container.name}`);
        this.host.changed();
        await this.pause(backOffMs);
        if (this.stopping.signal.aborted) return end;
      }
      backOffMs = Math.min(LONGEST_BACK_OFF_MS, Math.max(this.host.backOffMs, backOffMs * 2));
      this.restarts += 1;
    }
  }

  /** Asks the process to end, and kills it after the time of grace. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    const process = this.running;
    if (!process) return;
    process.kill('SIGTERM');
    const timer = setTimeout(() => process.kill('SIGKILL'), graceMs);
    await process.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.stopping.abort();
    this.running?.kill('SIGKILL');
  }

  private async runOnce(): Promise<Terminated | undefined> {
    const spec = await this.prepared();
    if (this.stopping.signal.aborted) return undefined;
    if (spec === null || spec === undefined) return this.pretend();
    rmSync(spec.messageFile, { force: true });
    this.lastLogFile = spec.logFile;
    const startedAt = now();
    const process = startContainerProcess(spec);
    this.running = process;
    this.state = { running: { startedAt } };
    this.started = this.container.startupProbe === undefined;
    this.ready = this.started && this.container.readinessProbe === undefined;
    this.host.record('Normal', 'Started', `Container started: ${this.container.name}`);
    this.host.changed();
    const probes = new AbortController();
    this.probe(probes.signal, process);
    const end = await process.ended;
    probes.abort();
    this.running = undefined;
    const message = messageOf(spec.messageFile);
    const reason = end.outOfMemory ? 'OOMKilled' : end.exitCode === 0 ? 'Completed' : 'Error';
    return { exitCode: end.exitCode, reason, ...(message ? { message } : {}), startedAt, finishedAt: now() };
  }

  /** Nothing is started; it is ready until it is stopped. */
  private async pretend(): Promise<undefined> {
    this.state = { running: { startedAt: now() } };
    this.started = true;
    this.ready = true;
    this.host.changed();
    await new Promise<void>((resolve) => {
      if (this.stopping.signal.aborted) resolve();
      else this.stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return undefined;
  }

  private async prepared() {
    for (;;) {
      try {
        return await this.host.prepare(this.container, this.restarts);
      } catch (error) {
        if (!(error instanceof ConfigProblem)) throw error;
        this.state = { waiting: { reason: 'CreateContainerConfigError', message: error.message } };
        this.host.record('Warning', 'Failed', `Error: ${error.message}`);
        this.host.changed();
        await this.pause(CONFIG_RETRY_MS);
        if (this.stopping.signal.aborted) return undefined;
      }
    }
  }

  /** Startup first; readiness and liveness from then on. */
  private probe(signal: AbortSignal, process: ContainerProcess): void {
    const { startupProbe, readinessProbe, livenessProbe } = this.container;
    const target = { container: this.container, address: this.host.address };
    const kill = (what: string): void => {
      this.host.record('Normal', 'Killing', `Container ${this.container.name} failed ${what} probe, will be restarted`);
      process.kill('SIGTERM');
      setTimeout(() => process.kill('SIGKILL'), 5_000).unref();
    };
    const unhealthy = (what: string) => (message: string) => this.host.record('Warning', 'Unhealthy', `${what} probe failed: ${message}`);
    const afterStart = (): void => {
      this.started = true;
      this.ready = readinessProbe === undefined;
      this.host.changed();
      if (readinessProbe) {
        const onResult = (healthy: boolean): void => {
          this.ready = healthy;
          this.host.changed();
        };
        void runProbe(readinessProbe, target, { onResult, onFailure: unhealthy('Readiness') }, signal);
      }
      if (livenessProbe) {
        const onResult = (healthy: boolean): void => {
          if (!healthy) kill('liveness');
        };
        void runProbe(livenessProbe, target, { onResult, onFailure: unhealthy('Liveness') }, signal);
      }
    };
    if (!startupProbe) {
      afterStart();
      return;
    }
    const once = new AbortController();
    const onResult = (healthy: boolean): void => {
      once.abort();
      if (healthy) afterStart();
      else kill('startup');
    };
    void runProbe(startupProbe, target, { onResult, onFailure: unhealthy('Startup') }, AbortSignal.any([signal, once.signal]));
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

function messageOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, MESSAGE_BYTES);
  } catch {
    return '';
  }
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
