import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../control-plane/api-client';
import { startContainerProcess } from './container-process';
import { ContainerRunner } from './container-runner';
import { ConfigProblem, environmentOf, expand, type Sources } from './environment';
import type { EventRecorder } from './events';
import { type ImageMeaning, imageIdOf } from './images';
import { layOutVolumes, pathTranslator, type VolumeFolders } from './mounts';
import { loopbackAddress, realAddress } from './network';
import { podStatus, type Transitions } from './pod-status';
import type { Container, ContainerStatus, Pod, Terminated } from './pod-types';
import { probeOnce } from './probe';
import { memoryBytes } from './quantity';

export interface PodRunnerEdges {
  readonly api: ApiClient;
  readonly sources: Sources;
  readonly events: EventRecorder;
  readonly meaning: (image: string) => ImageMeaning;
  /** Folder of this pod. */
  readonly folder: string;
  /** Folder that stands for the disk of its node. */
  readonly nodeRoot: string;
  readonly nodeIp: string;
  readonly podIp: string;
  readonly backOffMs: number;
  /** Where a Service is reached on this machine. */
  readonly serviceUrl: (namespace: string, service: string) => Promise<string>;
}

const PULL_RETRY_MS = 5_000;
const MOUNT_RETRY_MS = 1_000;
const SECOND = 1000;
const DEFAULT_GRACE_SECONDS = 30;

/** Plays the kubelet for one pod: volumes, init containers, containers, probes, status, termination. */
export class PodRunner {
  private readonly inits: ContainerRunner[];
  private readonly mains: ContainerRunner[];
  private readonly stopping = new AbortController();
  private readonly startTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  private readonly transitions: Transitions = new Map();
  private volumes: VolumeFolders = new Map();
  private problem: { readonly reason: string; readonly message: string } | undefined;
  private ends: (Terminated | undefined)[] = [];
  private pushing: Promise<void> = Promise.resolve();
  private dirty = false;
  private finished = false;
  private discarded = false;

  constructor(
    private pod: Pod,
    private readonly edges: PodRunnerEdges,
  ) {
    const runner = (container: Container, init: boolean) =>
      new ContainerRunner(container, imageIdOf(container.image), {
        restartPolicy: init ? (pod.spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure') : (pod.spec.restartPolicy ?? 'Always'),
        backOffMs: edges.backOffMs,
        address: realAddress(edges.podIp),
        prepare: (own, restart) => this.prepare(own, restart),
        record: (type, reason, message) => edges.events.record(this.pod, type, reason, message),
        changed: () => this.push(),
      });
    this.inits = (pod.spec.initContainers ?? []).map((container) => runner(container, true));
    this.mains = pod.spec.containers.map((container) => runner(container, false));
  }

  /** Runs the pod to its end; never throws. */
  async run(): Promise<void> {
    mkdirSync(this.edges.folder, { recursive: true });
    this.push();
    if (!(await this.pulled()) || !(await this.mounted())) return;
    for (const init of this.inits) {
      const end = await init.run();
      if (this.stopping.signal.aborted) return;
      if (end && end.exitCode !== 0) {
        this.ends = [end];
        this.finished = true;
        return this.push();
      }
    }
    this.ends = await Promise.all(this.mains.map((main) => main.run()));
    this.finished = true;
    this.push();
  }

  /** What `kubectl delete` asks for: preStop, SIGTERM, after the time of grace SIGKILL; then the object is removed. */
  async terminate(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    const { metadata, spec } = this.pod;
    const graceMs = (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * SECOND;
    const deadline = Date.now() + graceMs;
    for (const init of this.inits) init.kill();
    await Promise.all(
      this.mains.map(async (main) => {
        if (main.isReady || main.status().state.running) {
          this.edges.events.record(this.pod, 'Normal', 'Killing', `Stopping container ${main.container.name}`);
          await this.preStop(main.container, deadline);
        }
        await main.stop(Math.max(SECOND, deadline - Date.now()));
      }),
    );
    await this.pushing;
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    await this.edges.api.remove(path, { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } }).catch(() => undefined);
  }

  /** The object is gone: nothing of it may stay behind. */
  discard(): void {
    this.discarded = true;
    this.stopping.abort();
    for (const runner of [...this.inits, ...this.mains]) runner.kill();
    rmSync(this.edges.folder, { recursive: true, force: true });
  }

  update(pod: Pod): void {
    this.pod = pod;
  }

  logFile(container: string | undefined): string | undefined {
    const runners = [...this.mains, ...this.inits];
    return (container ? runners.find((runner) => runner.container.name === container) : runners[0])?.logFile;
  }

  private async prepare(container: Container, restart: number) {
    const meaning = this.edges.meaning(container.image);
    if (meaning.kind !== 'programs') return null;
    const { folder, podIp, sources } = this.edges;
    const values = await this.withServices(await environmentOf(this.pod, container, podIp, sources));
    const translate = pathTranslator(container, this.volumes);
    // every pod would listen on the same addresses of this machine, and the second could not
    const here = (text: string): string =>
      text.replace(/^(--?[a-z-]+=)?(0\.0\.0\.0|127\.0\.0\.1)(:\d+)?$/, (_whole, option = '', host: string, port = '') =>
        [option, host === '0.0.0.0' ? realAddress(podIp) : loopbackAddress(podIp), port].join(''),
      );
    const [program = '', ...rest] = [...(container.command ?? []), ...(container.args ?? [])].map((text) => expand(text, values));
    const command = meaning.programs[program.split('/').at(-1) ?? ''];
    this.linkPrograms(meaning.programs);
    if (command === undefined) throw new ConfigProblem(`exec: "${program}": executable file not found in $PATH`);
    const env = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, here(translate(value))]));
    const messageFile = join(folder, `${container.name}.message`);
    const limit = container.resources?.limits?.memory;
    return {
      command,
      args: rest.map((text) => here(translate(text))),
      env: {
        PATH: `${join(folder, PROGRAMS)}${delimiter}${SYSTEM_PATH}`,
        HOSTNAME: this.pod.metadata.name,
        TERMINATION_MESSAGE_FILE: messageFile,
        ...env,
      },
      cwd: folder,
      logFile: join(folder, 'logs', `${container.name}.${restart}.log`),
      memoryLimitBytes: limit === undefined ? undefined : memoryBytes(limit),
      messageFile,
    };
  }

  private async pulled(): Promise<boolean> {
    const missing = [...this.inits, ...this.mains].find(({ container }) => this.edges.meaning(container.image).kind === 'missing');
    if (!missing) return true;
    const { image } = missing.container;
    for (let tries = 0; !this.stopping.signal.aborted; tries++) {
      this.problem = {
        reason: tries === 0 ? 'ErrImagePull' : 'ImagePullBackOff',
        message: tries === 0 ? `failed to pull image "${image}": not found` : `Back-off pulling image "${image}"`,
      };
      this.edges.events.record(this.pod, 'Warning', 'Failed', `Failed to pull image "${image}": not found`);
      this.push();
      await this.pause(PULL_RETRY_MS);
    }
    return false;
  }

  private async mounted(): Promise<boolean> {
    while (!this.stopping.signal.aborted) {
      try {
        const { folder, nodeRoot, sources } = this.edges;
        this.volumes = await layOutVolumes(this.pod, folder, nodeRoot, sources);
        return true;
      } catch (error) {
        if (!(error instanceof ConfigProblem)) throw error;
        this.edges.events.record(this.pod, 'Warning', 'FailedMount', error.message);
        await this.pause(MOUNT_RETRY_MS);
      }
    }
    return false;
  }

  private async preStop(container: Container, deadline: number): Promise<void> {
    const hook = container.lifecycle?.preStop;
    const left = deadline - Date.now();
    if (hook?.sleep) await sleep(Math.min(left, hook.sleep.seconds * SECOND));
    else if (hook?.httpGet) await probeOnce(hook, { container, address: realAddress(this.edges.podIp) }, left);
    else if (hook?.exec) await this.exec(container, hook.exec.command, left);
  }

  /** Runs a command beside the process of a container, with its environment and mounts; killed when the time is up. */
  private async exec(container: Container, command: readonly string[], timeoutMs: number): Promise<void> {
    const spec = await this.prepare({ ...container, command, args: [] }, 0).catch(() => null);
    if (spec === null) return;
    const started = startContainerProcess({ ...spec, logFile: `${spec.logFile}.exec` });
    const timer = setTimeout(() => started.kill('SIGKILL'), timeoutMs);
    const { exitCode } = await started.ended;
    clearTimeout(timer);
    if (exitCode !== 0) this.edges.events.record(this.pod, 'Warning', 'FailedPreStopHook', `PreStopHook failed: exit code ${exitCode}`);
  }

  /** The programs of an image are on its PATH, so that a script finds them. */
  private linkPrograms(programs: Readonly<Record<string, string>>): void {
    const folder = join(this.edges.folder, PROGRAMS);
    mkdirSync(folder, { recursive: true });
    for (const [name, path] of Object.entries(programs)) if (!existsSync(join(folder, name))) symlinkSync(path, join(folder, name));
  }

  /** In place of DNS: an address of a Service becomes the one under which this machine reaches it. */
  private async withServices(values: Record<string, string>): Promise<Record<string, string>> {
    const entries = Object.entries(values).map(async ([name, value]) => {
      const [, service, namespace, rest = ''] = SERVICE_URL.exec(value) ?? [];
      return service && namespace ? [name, (await this.edges.serviceUrl(namespace, service)) + rest] : [name, value];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Writes the status; calls that come while one is under way are one more, so that the last word is always the newest. */
  private push(): void {
    if (this.dirty) return;
    this.dirty = true;
    this.pushing = this.pushing.then(async () => {
      this.dirty = false;
      const { metadata } = this.pod;
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`;
      // nobody speaks for a pod that was discarded: its node is lost, or its API server is going
      for (let tries = 0; tries < PUSH_TRIES && !this.discarded; tries++) {
        try {
          await this.edges.api.patch(path, { metadata: { uid: metadata.uid }, status: this.status() }, 'strategic');
          return;
        } catch (error) {
          const status = (error as { status?: number }).status;
          if (status === 404 || status === 409) return;
          await sleep(SECOND);
        }
      }
    });
  }

  private status() {
    const waiting = this.problem;
    const shown = (runner: ContainerRunner): ContainerStatus => {
      const status = runner.status();
      return waiting && status.state.waiting ? { ...status, state: { waiting } } : status;
    };
    return podStatus({
      inits: this.inits.map(shown),
      mains: this.mains.map(shown),
      ends: this.finished ? this.ends : undefined,
      hostIp: this.edges.nodeIp,
      podIp: this.edges.podIp,
      startTime: this.startTime,
      transitions: this.transitions,
    });
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

/** A server that restarts is waited for, a minute at most. */
const PUSH_TRIES = 60;
const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
/** Folder of a pod that holds the programs of its images. */
const PROGRAMS = 'programs';
const SERVICE_URL = /^http:\/\/([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?(?::\d+)?(\/.*)?$/;
