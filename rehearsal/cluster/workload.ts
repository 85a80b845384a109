import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../control-plane/api-client';
import type { Pod } from '../nodes/pod-types';

const TIMEOUT_MS = 120_000;
const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 30_000;

/** Pods of a namespace that are not going. */
export async function livingPods(api: ApiClient, namespace: string): Promise<Pod[]> {
  const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`);
  return items.filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** Waits until the pods that are being taken down are gone, and with them every request that they still answer. */
export async function untilSettled(api: ApiClient, namespace: string, signal?: AbortSignal): Promise<void> {
  await until('pods to be gone', signal, async () => {
    const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`);
    return items.every(({ metadata }) => !metadata.deletionTimestamp);
  });
}

/** Sets the replicas of a Deployment and waits until all are ready. */
export async function scaleTo(api: ApiClient, namespace: string, name: string, replicas: number, signal?: AbortSignal): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  await api.patch(`${path}/scale`, { spec: { replicas } });
  await until(`${replicas} replicas`, signal, async () => {
    const { status } = await api.get<{ status?: { readyReplicas?: number } }>(path);
    return status?.readyReplicas === replicas;
  });
}

/** Every so many requests one is a chat completion, which takes the engine's time; the others ask for its list of models. */
const COMPLETION_EVERY = 10;

/** Requests to an engine, each on a connection of its own. @throws Error for anything but a whole answer */
export function askEngine(model: string, apiKey: string | null = null): (url: string) => Promise<void> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2, temperature: 0 });
  let count = 0;
  return (url) =>
    count++ % COMPLETION_EVERY === 0
      ? send(`${url}/v1/chat/completions`, '"choices"', apiKey, body)
      : send(`${url}/v1/models`, '"data"', apiKey);
}

/** Resolves when the whole answer is there, is a success and holds a text. */
function send(url: string, holds: string, apiKey: string | null, body?: string): Promise<void> {
  const posting = body !== undefined;
  const headers = {
    ...bearer(apiKey),
    ...(posting ? { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) } : {}),
  };
  const options = { method: posting ? 'POST' : 'GET', agent: false, headers, timeout: REQUEST_TIMEOUT_MS } as const;
  return new Promise((resolve, reject) => {
    const call = request(url, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
      });
      answer.once('error', reject);
      answer.once('close', () => {
        if (answer.statusCode === 200 && answer.complete && text.includes(holds)) resolve();
        else reject(new Error(answer.complete ? `HTTP ${answer.statusCode}` : 'the answer was cut off'));
      });
    });
    call.once('timeout', () => call.destroy(new Error('no answer in time')));
    call.once('error', reject);
    call.end(body);
  });
}

/** Polls until something holds. @throws Error after two minutes; the signal's reason on abort */
export async function until(what: string, signal: AbortSignal | undefined, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${TIMEOUT_MS / 1000} s for ${what}`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Completions that take the engine a while, so many at once, again and again until the signal aborts. */
export async function askForLong(
  url: string,
  model: string,
  clients: number,
  signal: AbortSignal,
  apiKey: string | null = null,
): Promise<void> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Count.' }], max_tokens: LONG_TOKENS, ignore_eos: true });
  const client = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const answer = await fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          headers: { ...bearer(apiKey), 'content-type': 'application/json' },
          body,
          signal,
        });
        await answer.text();
      } catch {
        // what is cut off at the end, or by a pod that goes, is not what is counted here
        await sleep(POLL_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

const LONG_TOKENS = 120;

function bearer(apiKey: string | null): Readonly<Record<string, string>> {
  return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
}
