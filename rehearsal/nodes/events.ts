import type { ApiClient, KubernetesObject } from '../control-plane/api-client';

/** Writes events about pods, as the kubelet does: the same words again only raise the count. */
export interface EventRecorder {
  record(pod: KubernetesObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export function eventRecorder(api: ApiClient, node: string): EventRecorder {
  const counts = new Map<string, { readonly name: string; count: number; readonly first: string }>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    record(pod, type, reason, message) {
      const { name, namespace = 'default', uid } = pod.metadata;
      const key = [uid, reason, message].join('\n');
      const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const known = counts.get(key);
      const path = `/api/v1/namespaces/${namespace}/events`;
      if (known) {
        known.count += 1;
        const { count } = known;
        last = last.then(() => api.patch(`${path}/${known.name}`, { count, lastTimestamp: now })).catch(() => undefined);
        return;
      }
      const eventName = `${name}.${Date.now().toString(16)}${counts.size.toString(16)}`;
      counts.set(key, { name: eventName, count: 1, first: now });
      const event = {
        metadata: { name: eventName, namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
        type,
        reason,
        message,
        count: 1,
        firstTimestamp: now,
        lastTimestamp: now,
        source: { component: 'kubelet', host: node },
        reportingComponent: 'kubelet',
        reportingInstance: node,
      };
      last = last.then(() => api.create(path, event)).catch(() => undefined);
    },
  };
}
