import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, createUnlessThere, type KubernetesObject } from '../control-plane/api-client';
import type { ControlPlane } from '../control-plane/control-plane';
import { follow } from '../control-plane/follow';
import type { Sources } from './environment';
import { eventRecorder } from './events';
import { type ImageRule, meaningOf } from './images';
import { startKubeletApi } from './kubelet-api';
import { podNetwork, startEgress } from './network';
import { type NodeSpec, nodeObject, nodeStatus } from './node-object';
import { PodRunner } from './pod-runner';
import type { Pod } from './pod-types';
import { type ServiceProxy, serviceProxy } from './service-proxy';

export interface NodesOptions {
  readonly nodes: readonly NodeSpec[];
  readonly images: readonly ImageRule[];
  /** First wait of a crash loop, milliseconds. Kubelet: 10,000. */
  readonly backOffMs?: number;
}

/**
 * What no node of a rehearsal proves, since there is no kubelet and no container runtime behind it.
 */
export const NODES_NOT_PROVED =
  'The nodes are stand-ins: containers run as plain processes of this machine. Pulling images, user ids, capabilities, read-only file systems, ' +
  'seccomp, cgroups, GPUs, NetworkPolicy and DNS were not exercised; the address of a Service in an environment variable is replaced.';

/** Nodes without a kubelet. */
export interface Nodes {
  /** Folder that stands for the disk of a node: a hostPath /x is FOLDER/x. */
  diskOf(node: string): string;
  /** Stops the heartbeat of a node and kills what runs on it, as a machine that is gone does. */
  lose(node: string): void;
  stop(): Promise<void>;
}

const HEARTBEAT_MS = 10_000;
const LEASE_SECONDS = 40;
const DEFAULT_BACK_OFF_MS = 10_000;

/** Registers the nodes and runs what the scheduler puts on them, until stopped. */
export async function startNodes(plane: ControlPlane, options: NodesOptions): Promise<Nodes> {
  const { nodesApi: api, folder } = plane;
  const network = podNetwork();
  const stopping = new AbortController();
  const lost = new Set<string>();
  const runners = new Map<string, { readonly runner: PodRunner; readonly address: string; readonly node: string; readonly key: string }>();
  const egress = await startEgress(plane.egressSocket);
  const kubelet = await startKubeletApi(plane.tls, (namespace, pod, container) =>
    [...runners.values()].find(({ key }) => key === `${namespace}/${pod}`)?.runner.logFile(container),
  );
  // what the API server dials for a node is the address of the node; the stand-in of the kubelet serves all of them
  const nodeIp = '10.0.0.1';
  const diskOf = (node: string): string => join(folder, 'nodes', node);
  for (const node of options.nodes) {
    mkdirSync(diskOf(node.name), { recursive: true });
    await createUnlessThere(api, '/api/v1/nodes', nodeObject(node));
    await heartbeat(node);
  }
  const beating = setInterval(() => {
    for (const node of options.nodes) if (!lost.has(node.name)) void heartbeat(node).catch(() => undefined);
  }, HEARTBEAT_MS);

  const services = new Map<string, Promise<ServiceProxy>>();
  const serviceUrl = async (namespace: string, service: string): Promise<string> => {
    const key = `${namespace}/${service}`;
    const proxy = services.get(key) ?? serviceProxy(api, namespace, service);
    services.set(key, proxy);
    return (await proxy).url;
  };
  const own = new Set(options.nodes.map(({ name }) => name));
  const recorders = new Map(options.nodes.map(({ name }) => [name, eventRecorder(api, name)]));
  const following = follow<Pod>(api, '/api/v1/pods', { onChange, onGone }, stopping.signal);

  return {
    diskOf,
    lose(node) {
      lost.add(node);
      for (const entry of runners.values()) if (entry.node === node) entry.runner.discard();
    },
    async stop() {
      clearInterval(beating);
      stopping.abort();
      for (const { runner } of runners.values()) runner.discard();
      for (const proxy of await Promise.all(services.values())) proxy.close();
      egress.close();
      egress.closeAllConnections();
      kubelet.server.close();
      kubelet.server.closeAllConnections();
      await following;
    },
  };

  function onChange(pod: Pod): void {
    const { uid = '', name, namespace } = pod.metadata;
    const node = pod.spec.nodeName;
    if (node === undefined || !own.has(node) || lost.has(node)) return;
    const known = runners.get(uid);
    if (known) {
      known.runner.update(pod);
      if (pod.metadata.deletionTimestamp) void known.runner.terminate();
      return;
    }
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return;
    const address = network.allocate();
    const runner = new PodRunner(pod, {
      api,
      sources: sourcesOf(namespace ?? 'default'),
      events: recorders.get(node) as ReturnType<typeof eventRecorder>,
      meaning: (image) => meaningOf(image, options.images),
      folder: join(folder, 'pods', uid),
      nodeRoot: diskOf(node),
      nodeIp,
      podIp: address,
      backOffMs: options.backOffMs ?? DEFAULT_BACK_OFF_MS,
      serviceUrl,
    });
    runners.set(uid, { runner, address, node, key: `${namespace}/${name}` });
    if (pod.metadata.deletionTimestamp) void runner.terminate();
    else void runner.run();
  }

  function onGone(pod: Pod): void {
    const entry = runners.get(pod.metadata.uid ?? '');
    if (!entry) return;
    entry.runner.discard();
    network.release(entry.address);
    runners.delete(pod.metadata.uid ?? '');
  }

  async function heartbeat(node: NodeSpec): Promise<void> {
    await api.patch(`/api/v1/nodes/${node.name}/status`, { status: nodeStatus(node, nodeIp, kubelet.port, new Date()) }, 'strategic');
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const lease = { metadata: { name: node.name }, spec: { holderIdentity: node.name, leaseDurationSeconds: LEASE_SECONDS, renewTime } };
    try {
      await api.patch(`${leases}/${node.name}`, lease);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      await createWithRetry(leases, lease);
    }
  }

  /** The namespace of the leases appears a moment after the API server is ready. */
  async function createWithRetry(path: string, body: unknown): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await createUnlessThere(api, path, body);
        return;
      } catch (error) {
        if (tries > 100) throw error;
        await sleep(50);
      }
    }
  }

  function sourcesOf(namespace: string): Sources {
    const read = async <T extends KubernetesObject>(path: string): Promise<T | undefined> => {
      try {
        return await api.get<T>(path);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    };
    return {
      configMap: async (name) => {
        const found = await read<KubernetesObject & { data?: Record<string, string> }>(
          `/api/v1/namespaces/${namespace}/configmaps/${name}`,
        );
        return found && (found.data ?? {});
      },
      secret: async (name) => {
        const found = await read<KubernetesObject & { data?: Record<string, string> }>(`/api/v1/namespaces/${namespace}/secrets/${name}`);
        return (
          found &&
          Object.fromEntries(Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
        );
      },
    };
  }
}
