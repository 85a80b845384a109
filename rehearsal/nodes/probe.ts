import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, Handler, Probe } from './pod-types';

const SECOND = 1000;

/** What a probe needs of its container. */
export interface ProbeTarget {
  readonly container: Container;
  /** Address on which the process listens. */
  readonly address: string;
}

/** Where a handler knocks: a number, or the name of a port of the container. */
export function portOf(container: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

/** Asks once, as the kubelet does: HTTP 200 to 399 and an accepted connection are healthy. @returns null, or what is wrong */
export async function probeOnce(probe: Handler, { container, address }: ProbeTarget, timeoutMs: number): Promise<string | null> {
  if (probe.httpGet) return askHttp(address, portOf(container, probe.httpGet.port), probe.httpGet.path ?? '/', timeoutMs);
  if (probe.tcpSocket) return askTcp(address, portOf(container, probe.tcpSocket.port), timeoutMs);
  return 'the stand-in runs no exec or gRPC probes';
}

function askHttp(host: string, port: number, path: string, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const call = get(
      { host, port, path, agent: false, headers: { 'user-agent': 'kube-probe/1.36', host: `${host}:${port}` } },
      (answer) => {
        answer.resume();
        const status = answer.statusCode ?? 0;
        answer.once('close', () => resolve(status >= 200 && status < 400 ? null : `HTTP probe failed with statuscode: ${status}`));
      },
    );
    call.setTimeout(timeoutMs, () => call.destroy(new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')));
    call.once('error', (error) => resolve(`Get "http://${host}:${port}${path}": ${error.message}`));
  });
}

function askTcp(host: string, port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(timeoutMs, () => end('i/o timeout'));
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(error.message));
  });
}

export interface ProbeEvents {
  /** The threshold was reached, in one direction or the other; called once per change. */
  readonly onResult: (healthy: boolean, message: string) => void;
  readonly onFailure: (message: string) => void;
}

/** Runs a probe in its period until the signal aborts. Starts as not healthy. */
export async function runProbe(probe: Probe, target: ProbeTarget, events: ProbeEvents, signal: AbortSignal): Promise<void> {
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1, failureThreshold = 3, successThreshold = 1 } = probe;
  let healthy: boolean | undefined;
  let inARow = 0;
  let last: boolean | undefined;
  try {
    await sleep(initialDelaySeconds * SECOND, undefined, { signal });
    for (;;) {
      const problem = await probeOnce(probe, target, timeoutSeconds * SECOND);
      if (signal.aborted) return;
      const good = problem === null;
      inARow = good === last ? inARow + 1 : 1;
      last = good;
      if (!good) events.onFailure(problem);
      if (healthy !== good && inARow >= (good ? successThreshold : failureThreshold)) {
        healthy = good;
        events.onResult(good, problem ?? '');
      }
      await sleep(periodSeconds * SECOND, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
