import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiClient } from '../control-plane/api-client';
import type { Pod } from '../nodes/pod-types';

/** Finds the pods of a namespace for Prometheus. */
export interface PodDiscovery {
  /** What Prometheus asks (`http_sd_configs`). */
  readonly url: string;
  /** Finds none while hidden, as after a change of labels: their series end, although Prometheus answers. */
  hide(hidden: boolean): void;
  stop(): void;
}

/**
 * Stands in for Prometheus' own discovery of pods, which Debian's build leaves out: one target per container port, with the labels that
 * `kubernetes_sd_configs` with role pod gives, as far as a PodMonitor uses them.
 * Source: prometheus/prometheus, discovery/kubernetes/pod.go.
 */
export async function startPodDiscovery(api: ApiClient, namespace: string): Promise<PodDiscovery> {
  let hidden = false;
  const server = createServer((_request, response) => {
    api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`).then(
      ({ items }) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(hidden ? [] : items.flatMap(targetsOf))),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hide(wanted) {
      hidden = wanted;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

function targetsOf({ metadata, spec, status }: Pod): TargetGroup[] {
  const address = status?.podIP;
  if (!address) return [];
  const labels = Object.entries(metadata.labels ?? {}).map(([name, value]) => [`${META}label_${name.replace(/\W/g, '_')}`, value]);
  return spec.containers.flatMap(({ name, ports = [] }) =>
    ports.map((port) => ({
      targets: [`${address}:${port.containerPort}`],
      labels: {
        ...Object.fromEntries(labels),
        [`${META}name`]: metadata.name,
        [`${META}phase`]: status?.phase ?? '',
        [`${META}container_name`]: name,
        [`${META}container_port_name`]: port.name ?? '',
        __meta_kubernetes_namespace: metadata.namespace ?? '',
      },
    })),
  );
}

const META = '__meta_kubernetes_pod_';
