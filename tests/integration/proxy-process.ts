import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { type HelmTool, renderChart } from '../../charts/helm';
import type { DebianProgram } from '../../runtime/engine/debian-program';

/** The chart's proxy as a process of this machine, with the files that Helm renders. */
export interface ProxyProcess {
  readonly url: string;
  readonly port: number;
  readonly opsUrl: string;
  readonly folder: string;
  /** What it printed so far. */
  log(): string;
  errors(): string;
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  readonly helm: HelmTool;
  readonly nginx: DebianProgram;
  /** Values of the chart; ports are chosen here. */
  readonly values: Readonly<Record<string, unknown>> & { readonly proxy?: object };
  /** host:port of the engine. */
  readonly engine: string;
  /** Content of the Secret; undefined: none is mounted. */
  readonly key?: string;
  /** false: it is not waited for. */
  readonly wait?: boolean;
  /** An image that holds none: nginx of this machine is out of sight. */
  readonly withoutNginx?: boolean;
}

const START_TIMEOUT_MS = 20_000;

export async function startProxy({
  helm,
  nginx,
  values,
  engine,
  key,
  wait = true,
  withoutNginx = false,
}: ProxyOptions): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-proxy-'));
  const [port, opsPort] = [await freePort(), await freePort()];
  const given = {
    ...values,
    proxy: { ...values.proxy, port, opsPort },
    ...(key === undefined ? {} : { apiKey: { existingSecret: 'key' } }),
  };
  const text = await renderChart(helm, { releaseName: 'show', namespace: 'inference', values: given, kubeVersion: '1.35.0' });
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  const files = objects.find((object) => object?.kind === 'ConfigMap' && object.metadata.name.endsWith('-proxy')).data;
  for (const [name, content] of Object.entries<string>(files)) {
    writeFileSync(join(folder, name), withoutNginx ? content.replace(':/usr/sbin:/sbin', '') : content);
  }
  if (key !== undefined) writeFileSync(join(folder, 'api-key'), key);
  mkdirSync(join(folder, 'run'));
  const child: ChildProcess = spawn('/bin/sh', [join(folder, 'proxy.sh')], {
    env: {
      PATH: withoutNginx ? '/usr/bin:/bin' : [dirname(nginx.commands.nginx ?? ''), process.env.PATH].join(delimiter),
      ...nginx.env,
      PROXY_LISTEN: '127.0.0.1',
      PROXY_ENGINE: engine,
      PROXY_TEMPLATE: join(folder, 'nginx.conf'),
      PROXY_FOLDER: join(folder, 'run'),
      TERMINATION_MESSAGE_FILE: join(folder, 'message'),
      ...(key === undefined ? {} : { PROXY_KEY_FILE: join(folder, 'api-key') }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let log = '';
  let errors = '';
  child.stdout?.on('data', (piece: Buffer) => {
    log += piece.toString('utf8');
  });
  child.stderr?.on('data', (piece: Buffer) => {
    errors += piece.toString('utf8');
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const kill = (name: NodeJS.Signals, group: boolean): void => {
    try {
      process.kill(group ? -(child.pid ?? 0) : (child.pid ?? 0), name);
    } catch {
      // gone already
    }
  };
  const proxy: ProxyProcess = {
    url: `http://127.0.0.1:${port}`,
    port,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    folder,
    log: () => log,
    errors: () => errors,
    ended,
    signal: (name) => kill(name, false),
    async stop() {
      kill('SIGKILL', true);
      await ended;
      kill('SIGKILL', true);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (
    wait &&
    !(await fetch(`${proxy.opsUrl}/alive`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await proxy.stop();
      throw new Error(`the proxy did not start: ${errors}`);
    }
    await sleep(50);
  }
  return proxy;
}

/** What a request looked like when it reached the engine. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An engine that answers everything, and remembers what reached it. */
export async function recordingEngine(answer: RequestListener): Promise<{ address: string; seen: Seen[]; close(): void }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1');
    request.on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Sends bytes as they are and reads until the other side closes or the time is up. */
export function sendRaw(port: number, bytes: string | readonly string[], timeoutMs = 5_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      text += piece;
    });
    socket.on('error', end);
    socket.on('close', () => {
      clearTimeout(timer);
      end();
    });
    for (const piece of typeof bytes === 'string' ? [bytes] : bytes) socket.write(piece, 'latin1');
  });
}

/** Status codes of all answers in a text. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
}

export async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function messageOf({ folder }: ProxyProcess): string {
  return readFileSync(join(folder, 'message'), 'utf8');
}
