import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KitError } from '../../core/error';
import { type ApiClient, apiClient } from './api-client';
import { type Child, lastLines, startChild } from './child';
import { argumentsOf, egressConfiguration, type Layout, PARTS, type Part } from './components';
import { makeCredentials, writeKubeconfig } from './credentials';
import { freePorts } from './ports';

export interface ControlPlaneOptions {
  /** From `ensureControlPlane`. */
  readonly binary: string;
  readonly signal?: AbortSignal;
  /** More flags of a part, e.g. shorter times of the controllers. */
  readonly flags?: Partial<Readonly<Record<Part, readonly string[]>>>;
  /** Folder for its state. Default: a temporary one, removed when it stops. */
  readonly folder?: string;
}

/** A real Kubernetes control plane on the loopback address, without nodes. */
export interface ControlPlane {
  readonly api: ApiClient;
  /** The same rights under another name, for what stands in for the kubelets. */
  readonly nodesApi: ApiClient;
  readonly kubeconfig: string;
  readonly context: string;
  readonly folder: string;
  /** Certificate and key of the API server, which the stand-in of the kubelet uses as well. */
  readonly tls: { readonly certificate: string; readonly key: string };
  /** Unix socket on which the API server looks for the network of the cluster. */
  readonly egressSocket: string;
  /** Milliseconds until all four parts were ready. */
  readonly startedInMs: number;
  /** Processes that run now. */
  pids(): readonly number[];
  /** Ends a part and starts it again on the same state, as an upgrade or a crash does; resolves when it is ready. */
  restart(part: Part, how?: 'stop' | 'kill'): Promise<void>;
  stop(): Promise<void>;
}

/** Name of the context in the kubeconfig that is written. */
export const EMBEDDED_CONTEXT = 'onevision-kit-rehearsal';
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/**
 * Starts etcd, API server, controller manager and scheduler on free ports, as this user, in a folder of their own.
 * @throws KitError E_CONTROL_PLANE_START with the last words of the part that failed; the signal's reason on abort
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const started = performance.now();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'ovkit-cp-'));
  mkdirSync(folder, { recursive: true });
  const layout = await prepare(folder);
  const children = new Map<Part, Child>();
  const start = (part: Part): void => {
    const child = startChild({
      name: part,
      command: options.binary,
      args: [...argumentsOf(part, layout), ...(options.flags?.[part] ?? [])],
      logFile: join(folder, `${part}.log`),
      cwd: folder,
    });
    children.set(part, child);
  };
  const stop = async (): Promise<void> => {
    if (options.folder === undefined) {
      // nothing of its state is kept, so that there is nothing to wait for
      await Promise.all([...children.values()].map((child) => child.kill()));
      rmSync(folder, { recursive: true, force: true });
      return;
    }
    // the API server last but for its store: the others say goodbye to it
    for (const group of [['kube-scheduler', 'kube-controller-manager'], ['kube-apiserver'], ['etcd']] as Part[][]) {
      await Promise.all(group.map((part) => children.get(part)?.stop(STOP_GRACE_MS)));
    }
  };
  try {
    const server = `https://127.0.0.1:${layout.ports.apiServer}`;
    start('etcd');
    start('kube-apiserver');
    await waitFor(() => existsSync(layout.certificate), children, options.signal);
    start('kube-controller-manager');
    start('kube-scheduler');
    const api = apiClient(server, layout.certificate, layout.credentials.tokens.admin);
    const nodesApi = apiClient(server, layout.certificate, layout.credentials.tokens.nodes);
    await waitFor(() => isReady(api), children, options.signal, start);
    const kubeconfig = join(folder, 'kubeconfig');
    const { certificate } = layout;
    writeKubeconfig(kubeconfig, { server, certificate, token: layout.credentials.tokens.admin, context: EMBEDDED_CONTEXT });
    // the first pod of a namespace is refused before its service account exists
    await waitFor(() => answers(api, '/api/v1/namespaces/default/serviceaccounts/default'), children, options.signal, start);
    return {
      api,
      nodesApi,
      kubeconfig,
      context: EMBEDDED_CONTEXT,
      folder,
      tls: { certificate, key: join(folder, 'apiserver', 'apiserver.key') },
      egressSocket: join(folder, 'egress.sock'),
      startedInMs: Math.round(performance.now() - started),
      pids: () => [...children.values()].filter((child) => child.running).map((child) => child.pid),
      restart: async (part, how = 'stop') => {
        const child = children.get(part);
        await (how === 'kill' ? child?.kill() : child?.stop(STOP_GRACE_MS));
        start(part);
        await waitFor(() => isReady(api), children, options.signal, start);
      },
      stop: async () => {
        api.close();
        nodesApi.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const STOP_GRACE_MS = 3_000;

async function prepare(folder: string): Promise<Layout> {
  const [etcd = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0, scheduler = 0] = await freePorts(5);
  const credentials = makeCredentials(folder);
  const certificate = join(folder, 'apiserver', 'apiserver.crt');
  const kubeconfigs = { controllerManager: join(folder, 'controller-manager.json'), scheduler: join(folder, 'scheduler.json') };
  const server = `https://127.0.0.1:${apiServer}`;
  for (const user of ['controllerManager', 'scheduler'] as const) {
    writeKubeconfig(kubeconfigs[user], { server, certificate, token: credentials.tokens[user], context: user });
  }
  const egressConfig = join(folder, 'egress.json');
  writeFileSync(egressConfig, JSON.stringify(egressConfiguration(join(folder, 'egress.sock'))));
  return {
    folder,
    ports: { etcd, etcdPeer, apiServer, controllerManager, scheduler },
    credentials,
    certificate,
    kubeconfigs,
    egressConfig,
  };
}

async function isReady(api: ApiClient): Promise<boolean> {
  return answers(api, '/readyz');
}

async function answers(api: ApiClient, path: string): Promise<boolean> {
  try {
    await api.get(path);
    return true;
  } catch (error) {
    // /readyz answers "ok", which is no JSON
    return error instanceof SyntaxError;
  }
}

/** Parts that give up when the API server has not answered for ten seconds, as it may not on a busy machine; they are started again. */
const IMPATIENT: readonly Part[] = ['kube-controller-manager', 'kube-scheduler'];

async function waitFor(
  ready: () => boolean | Promise<boolean>,
  children: ReadonlyMap<Part, Child>,
  signal?: AbortSignal,
  again?: (part: Part) => void,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await ready())) {
    signal?.throwIfAborted();
    for (const part of again ? IMPATIENT : []) if (children.get(part)?.running === false) again?.(part);
    const dead = PARTS.map((part) => children.get(part)).find((child) => child && !child.running);
    if (dead) throw startFailed(`${dead.name} ended: ${lastLines(dead)}`);
    if (performance.now() > deadline) throw startFailed(`it was not ready within ${READY_TIMEOUT_MS / 1000} s`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

function startFailed(why: string): KitError {
  return new KitError({
    code: 'E_CONTROL_PLANE_START',
    message: `the control plane did not start: ${why}`,
    next: 'try again; if it stays so, name a cluster of your own with --context NAME.',
  });
}
