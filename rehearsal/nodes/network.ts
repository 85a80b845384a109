import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';

/**
 * The addresses of a rehearsal. A pod has an address in 10.A.B.0/24, which the API accepts and nothing routes; its process listens on the
 * same address with 127 in front, which every Linux machine can bind without rights. A and B are chosen at random, so that two rehearsals on
 * one machine do not meet. What a container would open on the loopback address of its pod lies at 127.(A-120).B.C.
 */
export interface PodNetwork {
  /** The next free address, as the API shows it. */
  allocate(): string;
  release(address: string): void;
}

/** First part of the addresses that the API shows, and of those behind them. */
const SHOWN = '10.';
const REAL = '127.';
/** Away from the addresses of Services (10.96.0.0/16), and room below for the loopback addresses of the pods. */
const FIRST_A = 128;
const A_COUNT = 120;
const LAST_HOST = 250;

export function podNetwork(random: () => number = Math.random): PodNetwork {
  const prefix = `${SHOWN}${FIRST_A + Math.floor(random() * A_COUNT)}.${Math.floor(random() * 256)}.`;
  const taken = new Set<number>();
  let last = 0;
  return {
    allocate() {
      for (let tries = 0; tries < LAST_HOST; tries++) {
        last = (last % LAST_HOST) + 1;
        if (taken.has(last)) continue;
        taken.add(last);
        return `${prefix}${last}`;
      }
      throw new Error('no address is left for another pod');
    },
    release(address) {
      taken.delete(Number(address.slice(prefix.length)));
    },
  };
}

/** The address on which the process behind a pod's address really listens. */
export function realAddress(address: string): string {
  return address.startsWith(SHOWN) ? REAL + address.slice(SHOWN.length) : address;
}

/** The loopback address of a pod: containers of one pod share it, and no other pod may meet it, so each pod has one of its own. */
export function loopbackAddress(address: string): string {
  return realAddress(address).replace(/^127\.(\d+)\./, (_whole, a: string) => `${REAL}${Number(a) - A_COUNT}.`);
}

/**
 * Answers the API server's HTTP CONNECT on a Unix socket: it reaches pods (`services/proxy`, admission webhooks, aggregated APIs) and the
 * kubelet's stand-in (`kubectl logs`) through it, as it would through Konnectivity on a managed cluster.
 */
export async function startEgress(socketFile: string): Promise<Server> {
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Socket, head: Buffer) => {
    const colon = (request.url ?? '').lastIndexOf(':');
    const host = realAddress((request.url ?? '').slice(0, colon).replace(/^\[|\]$/g, ''));
    const upstream = connect(Number(request.url?.slice(colon + 1)), host);
    let open = false;
    upstream.once('connect', () => {
      open = true;
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', (error) => {
      if (!open) client.end(`HTTP/1.1 502 ${(error as NodeJS.ErrnoException).code ?? 'unreachable'}\r\n\r\n`);
      else client.destroy();
    });
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketFile, resolve);
  });
  return server;
}
