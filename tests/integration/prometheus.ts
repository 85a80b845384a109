import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { DebianProgram } from '../../runtime/engine/debian-program';
import { freePort } from './proxy-process';

export interface ScrapeTarget {
  /** host:port whose /metrics is scraped. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A real Prometheus that scrapes once a second. */
export interface Prometheus {
  /** Evaluates PromQL now. @throws Error with what Prometheus says about it */
  query(
    expression: string,
  ): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[]>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

export async function startPrometheus(program: DebianProgram, targets: readonly ScrapeTarget[]): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-prometheus-'));
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'test',
        // as the Prometheus operator does for kube-state-metrics: what the exporter says of a pod stays
        honor_labels: true,
        static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })),
      },
    ],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const args = [
    '--config.file',
    join(folder, 'prometheus.yml'),
    '--storage.tsdb.path',
    join(folder, 'data'),
    '--web.listen-address',
    `127.0.0.1:${port}`,
  ];
  const child: ChildProcess = spawn(program.commands.prometheus ?? 'prometheus', args, {
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (piece: Buffer) => {
    log = (log + piece.toString()).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const prometheus: Prometheus = {
    async query(expression) {
      const answer = (await (await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)).json()) as {
        readonly status: string;
        readonly error?: string;
        readonly data: { readonly result: Awaited<ReturnType<Prometheus['query']>> };
      };
      if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
      return answer.data.result;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  // the second scrape makes the first rate
  while (
    !(await prometheus.query('min(count_over_time(up[1m])) >= 3').then(
      (found) => found.length > 0,
      () => false,
    ))
  ) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await prometheus.stop();
      throw new Error(`Prometheus did not scrape: ${log}`);
    }
    await sleep(200);
  }
  return prometheus;
}

/** Serves a recorded scrape as an exporter does. */
export async function serveMetrics(text: string): Promise<{ address: string; close(): void }> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The selectors of an expression: names of series with their matchers. A name without braces counts as one as well. */
export function selectorsOf(expression: string): string[] {
  const text = expression.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => quoted.replaceAll(/[{}]/g, ''));
  const found = [...text.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*\{[^}]*\}/g)].map(([whole]) => whole);
  return [...new Set(found)];
}
