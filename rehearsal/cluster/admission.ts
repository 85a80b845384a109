import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiError } from '../control-plane/api-client';

/** A change that must be refused, and what admission said to it. */
export interface Refusal {
  readonly title: string;
  /** null: it was let through. */
  readonly message: string | null;
}

type Json = Record<string, unknown>;
const FOREIGN_IMAGE = `registry.example.org/other@sha256:${'a'.repeat(64)}`;
const ENFORCED_WITHIN_MS = 15_000;
const POLL_MS = 100;

/** Waits until the API server enforces the policies of a namespace: it learns of them a moment after they are made. */
export async function waitForAdmission(api: ApiClient, namespace: string, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + ENFORCED_WITHIN_MS;
  const spec = { containers: [{ name: 'x', image: FOREIGN_IMAGE }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'unjudged' }, spec };
  const labels = { app: 'unjudged' };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'unjudged' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  // each policy comes into force by itself
  const trials = [
    [`/api/v1/namespaces/${namespace}/pods`, pod],
    [`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment],
  ] as const;
  while (Date.now() < deadline) {
    const said = await Promise.all(trials.map(([path, object]) => tryCreate(api, path, object)));
    if (said.every((words) => words?.includes('OVK-ADM-'))) return true;
    await sleep(POLL_MS, undefined, { signal });
  }
  return false;
}

/** Creates on trial only (`dryRun`): admission decides, nothing is stored. @returns why it was refused, or null */
export async function tryCreate(api: ApiClient, path: string, object: unknown): Promise<string | null> {
  try {
    await api.create(`${path}?dryRun=All`, object);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

/** Tries single changes of what runs: another image, another model, another program, no annotation. */
export async function tryChanges(api: ApiClient, namespace: string, deployment: string): Promise<Refusal[]> {
  const found = await api.get<{ spec: { template: { metadata: Json; spec: Json } } }>(
    `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`,
  );
  const pod = (change: (spec: EngineSpec) => void): unknown => {
    const { metadata, spec } = structuredClone(found.spec.template);
    change(spec as unknown as EngineSpec);
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'trial' }, spec };
  };
  const changes: readonly (readonly [string, (spec: EngineSpec) => void])[] = [
    ['another image', (spec) => Object.assign(spec.containers[0], { image: FOREIGN_IMAGE })],
    ['a tag', (spec) => Object.assign(spec.containers[0], { image: 'registry.example.org/other:latest' })],
    ['another model', (spec) => Object.assign(spec.containers[0], { args: spec.containers[0].args.map(otherModel) })],
    ['another program', (spec) => Object.assign(spec.containers[0], { command: ['/bin/sh', '-c', 'sleep 60'] })],
  ];
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return Promise.all(changes.map(async ([title, change]) => ({ title, message: await tryCreate(api, path, pod(change)) })));
}

interface EngineSpec {
  readonly containers: [{ readonly args: readonly string[] }];
}

function otherModel(word: string, index: number, all: readonly string[]): string {
  return all[index - 1] === '--model' ? '/models/other' : word;
}
