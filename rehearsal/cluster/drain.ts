import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiError } from '../control-plane/api-client';
import type { Pod } from '../nodes/pod-types';

const TRIES = 300;
const PAUSE_MS = 200;

/** `kubectl drain`: no new pods, and the Eviction API for those that are there, which asks the PodDisruptionBudget. */
export async function drainNode(api: ApiClient, node: string, signal?: AbortSignal): Promise<number> {
  await api.patch(`/api/v1/nodes/${node}`, { spec: { unschedulable: true } });
  const pods = await api.get<{ items: Pod[] }>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`);
  for (const { metadata } of pods.items) await evict(api, metadata.namespace ?? '', metadata.name, signal);
  for (let tries = 0; tries < TRIES; tries++) {
    const left = await api.get<{ items: Pod[] }>(`/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`);
    if (left.items.length === 0) return pods.items.length;
    await sleep(PAUSE_MS, undefined, { signal });
  }
  throw new Error(`${node} was not empty after ${(TRIES * PAUSE_MS) / 1000} s`);
}

export async function uncordonNode(api: ApiClient, node: string): Promise<void> {
  await api.patch(`/api/v1/nodes/${node}`, { spec: { unschedulable: null } });
}

async function evict(api: ApiClient, namespace: string, name: string, signal?: AbortSignal): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      await api.create(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
      return;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return;
      // 429: the budget allows no disruption right now
      if (!(error instanceof ApiError && error.status === 429)) throw error;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
  throw new Error(`${namespace}/${name} could not be evicted: its PodDisruptionBudget allowed none`);
}
