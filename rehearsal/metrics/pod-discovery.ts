import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiClient } from '../control-plane/api-client';
import type { Pod } from '../nodes/pod-types';

/** Finds the pods of a namespace for Prometheus, and is the way to them. */
export interface PodDiscovery {
  /** What Prometheus asks (`http_sd_configs`), and the proxy through which it scrapes (`proxy_url`). */
  readonly url: string;
  /** Lets no scrape through while cut, as a NetworkPolicy that forgets Prometheus: the series end with the next scrape, although Prometheus answers. */
  cut(off: boolean): void;
  stop(): void;
}

/**
 * Stands in for Prometheus' own discovery of pods, which Debian's build leaves out: one target per container port, with the labels that
 * `kubernetes_sd_configs` with role pod gives, as far as a PodMonitor uses them. The same server is the network between Prometheus and the pods.
 * Source: prometheus/prometheus, discovery/kubernetes/pod.go.
 */
export async function startPodDiscovery(api: ApiClient, namespace: string): Promise<PodDiscovery> {
  let off = false;
  const server = createServer((request, response) => {
    // a proxy is asked for whole addresses
    if (request.url?.startsWith('http://')) {
      if (off) request.socket.destroy();
      else forward(request, response);
      return;
    }
    api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`).then(
      ({ items }) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(items.flatMap(targetsOf))),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut(wanted) {
      off = wanted;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function forward(request: IncomingMessage, response: ServerResponse): void {
  const call = get(request.url ?? '', { agent: false, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  call.once('error', (error) => response.writeHead(502).end(error.message));
  response.once('close', () => call.destroy());
}

interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

function targetsOf({ metadata, spec, status }: Pod): TargetGroup[] {
  const address = status?.podIP;
  if (!address) return [];
  const name = (text: string) => text.replace(/\W/g, '_');
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => [`${META}label_${name(key)}`, value]);
  const annotations = Object.keys(metadata.annotations ?? {}).map((key) => [`${META}annotationpresent_${name(key)}`, 'true']);
  return spec.containers.flatMap(({ name: container, ports = [] }) =>
    ports.map((port) => ({
      targets: [`${address}:${port.containerPort}`],
      labels: {
        ...Object.fromEntries([...labels, ...annotations]),
        [`${META}name`]: metadata.name,
        [`${META}phase`]: status?.phase ?? '',
        [`${META}container_name`]: container,
        [`${META}container_port_name`]: port.name ?? '',
        __meta_kubernetes_namespace: metadata.namespace ?? '',
      },
    })),
  );
}

const META = '__meta_kubernetes_pod_';
