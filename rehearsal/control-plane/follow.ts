import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, KubernetesObject } from './api-client';

export interface Follower<T> {
  /** Every object at first, and whenever it changes. */
  readonly onChange: (object: T) => void;
  readonly onGone?: (object: T) => void;
}

const RETRY_MS = 300;

/**
 * Lists a collection and watches it until the signal aborts. When the API server goes away it lists again as soon as it is back, and reports
 * what changed meanwhile, deletions too.
 */
export async function follow<T extends KubernetesObject>(
  api: ApiClient,
  path: string,
  follower: Follower<T>,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, T>();
  while (!signal.aborted) {
    try {
      const list = await api.get<{ items: T[]; metadata: { resourceVersion: string } }>(path);
      const now = new Set(list.items.map(keyOf));
      for (const [key, object] of known) if (!now.has(key)) gone(key, object);
      for (const object of list.items) changed(object);
      await watch(list.metadata.resourceVersion);
    } catch {
      // the server is restarting, or the watch was cut: start over
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }

  async function watch(resourceVersion: string): Promise<void> {
    const joint = path.includes('?') ? '&' : '?';
    const answer = await api.stream(`${path}${joint}watch=true&resourceVersion=${resourceVersion}`, signal);
    answer.setEncoding('utf8');
    let rest = '';
    for await (const piece of answer) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as { type: string; object: T };
        if (event.type === 'ERROR') return;
        if (event.type === 'DELETED') gone(keyOf(event.object), event.object);
        else if (event.type !== 'BOOKMARK') changed(event.object);
      }
    }
  }

  function changed(object: T): void {
    const key = keyOf(object);
    if (known.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    known.set(key, object);
    follower.onChange(object);
  }

  function gone(key: string, object: T): void {
    known.delete(key);
    follower.onGone?.(object);
  }
}

function keyOf(object: KubernetesObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace}/${object.metadata.name}`;
}
