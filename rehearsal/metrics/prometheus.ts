import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DebianProgram } from '../../runtime/engine/debian-program';
import { lastLines, startChild } from '../control-plane/child';
import { freePorts } from '../control-plane/ports';

/** A real Prometheus on the loopback address. */
export interface Prometheus {
  readonly url: string;
  /** What PromQL gives now. @throws Error with Prometheus' words for a query that it refuses */
  query(promql: string): Promise<readonly Sample[]>;
  /** Sets what is scraped from now on. */
  scrape(jobs: readonly ScrapeJob[]): Promise<void>;
  stop(): Promise<void>;
}

/** One series of an instant vector. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A `scrape_config` of Prometheus. */
export type ScrapeJob = Readonly<Record<string, unknown>> & { readonly job_name: string };

const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/**
 * Starts Prometheus on a free port, scraping every two seconds (a busy engine answers between two tokens), with its data in a folder of the caller.
 * @throws Error with its last words when it does not become ready; the signal's reason on abort
 */
export async function startPrometheus(
  program: DebianProgram,
  folder: string,
  jobs: readonly ScrapeJob[] = [],
  signal?: AbortSignal,
): Promise<Prometheus> {
  mkdirSync(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(folder, 'prometheus.yml');
  const configure = (wanted: readonly ScrapeJob[]): void => {
    // JSON is YAML
    writeFileSync(configFile, JSON.stringify({ global: { scrape_interval: '2s', scrape_timeout: '2s' }, scrape_configs: wanted }));
  };
  configure(jobs);
  const child = startChild({
    name: 'prometheus',
    command: program.commands.prometheus as string,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
      '--log.level=warn',
    ],
    logFile: join(folder, 'prometheus.log'),
    cwd: folder,
    env: { ...process.env, ...program.env },
  });
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (await answers(`${url}/-/ready`)) break;
    if (!child.running) throw new Error(`Prometheus ended: ${lastLines(child)}`);
    if (signal?.aborted || performance.now() > deadline) {
      await child.kill();
      signal?.throwIfAborted();
      throw new Error(`Prometheus was not ready within ${READY_TIMEOUT_MS / 1000} s`);
    }
    await sleep(POLL_MS);
  }
  return {
    url,
    query: (promql) => ask(url, promql),
    async scrape(wanted) {
      configure(wanted);
      const answer = await fetch(`${url}/-/reload`, { method: 'POST' });
      if (!answer.ok) throw new Error(`Prometheus refuses its configuration: ${await answer.text()}`);
    },
    stop: () => child.kill(),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

interface QueryAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[];
  };
}

async function ask(url: string, promql: string): Promise<readonly Sample[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const answer = (await response.json()) as QueryAnswer;
  if (answer.status !== 'success' || answer.data?.resultType !== 'vector') {
    throw new Error(`Prometheus refuses ${promql}: ${answer.error ?? `it gives a ${answer.data?.resultType}`}`);
  }
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
