import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ApiClient, KubernetesObject } from '../control-plane/api-client';
import { follow } from '../control-plane/follow';
import { realAddress } from './network';

interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

/** A Service on a port of this machine. */
export interface ServiceProxy {
  readonly url: string;
  /** Addresses that get new connections now. */
  endpoints(): readonly string[];
  close(): void;
}

/**
 * Stands in for kube-proxy: forwards each new connection to the next ready endpoint of the Service, as the EndpointSlices of the real
 * controllers say; when none is ready, to one that is going but still serves.
 */
export async function serviceProxy(api: ApiClient, namespace: string, service: string, portName = 'http'): Promise<ServiceProxy> {
  const slices = new Map<string, EndpointSlice>();
  const stopping = new AbortController();
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
  void follow<EndpointSlice>(
    api,
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`,
    {
      onChange: (slice) => slices.set(slice.metadata.name, slice),
      onGone: (slice) => slices.delete(slice.metadata.name),
    },
    stopping.signal,
  );
  let turn = 0;
  const endpoints = (): string[] => {
    const all = [...slices.values()].flatMap(({ endpoints: list = [], ports = [] }) =>
      list.map(({ addresses, conditions }) => ({
        to: `${realAddress(addresses[0] ?? '')}:${(ports.find(({ name }) => name === portName) ?? ports[0])?.port}`,
        conditions,
      })),
    );
    const ready = all.filter(({ conditions }) => conditions?.ready);
    return (ready.length > 0 ? ready : all.filter(({ conditions }) => conditions?.serving)).map(({ to }) => to);
  };
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('error', () => undefined);
    const targets = endpoints();
    const target = targets[turn++ % Math.max(1, targets.length)];
    if (target === undefined) return client.resetAndDestroy();
    const [host = '', port = '0'] = target.split(':');
    const upstream = connect(Number(port), host);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.end());
    client.on('close', () => upstream.destroy());
    upstream.pipe(client);
    client.pipe(upstream);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    endpoints,
    close() {
      stopping.abort();
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
