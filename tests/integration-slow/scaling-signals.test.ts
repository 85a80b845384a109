import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadCatalog } from '../../catalog/load';
import { findHelm, renderChart } from '../../charts/helm';
import { chartValues } from '../../charts/values';
import { fromRoot } from '../../core/project-root';
import { planRelease } from '../../planning/plan-release';
import { type Child, startChild } from '../../rehearsal/control-plane/child';
import { freePorts } from '../../rehearsal/control-plane/ports';
import { type Prometheus, startPrometheus } from '../../rehearsal/metrics/prometheus';
import { loadRelease } from '../../release/load';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { ensureLlamaServer, ensureSmolLm2Gguf } from '../../runtime/llama-server';
import { makeVerdict } from '../charts/fixtures';
import { notRun } from '../integration/requirements';

const POD = 'show-onevision-6d5f7c9b8-abcde';
const BUILD_TIMEOUT_MS = 3_600_000;

/** The queries that the chart gives to KEDA for a release, by the name of the signal. */
async function renderedQueries(file: string): Promise<ReadonlyMap<string, string>> {
  const { release } = loadRelease(fromRoot(file));
  const plan = planRelease({ ...release, placement: { ...release.placement, autoscaling: 'keda' } }, loadCatalog(), {
    file,
    today: new Date('2026-11-23T00:00:00Z'),
  });
  const values = { ...chartValues(release, plan, makeVerdict()), rehearsal: true };
  const text = await renderChart(await findHelm(), { releaseName: 'show', namespace: 'stage', values, kubeVersion: '1.36' });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: string; spec: { triggers: Trigger[] } } | null);
  const scaled = objects.find((object) => object?.kind === 'ScaledObject');
  return new Map(scaled?.spec.triggers.map(({ name, metadata }) => [name, metadata.query]));
}
interface Trigger {
  readonly name: string;
  readonly metadata: { readonly query: string };
}

/** Every series that a query names, with its braces, to be asked alone: `or` must not hide one that does not exist. */
function seriesOf(query: string): readonly string[] {
  return query.match(/[a-z_]+:[a-z_]+\{[^}]*\}/g) ?? [];
}

describe('every scaling query, asked of a real Prometheus that scraped a real engine', async () => {
  const what = 'scaling queries through a real Prometheus';
  const program = await findDebianProgram('prometheus');
  if (!program.found) return notRun(what, program.why);
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-signals-'));
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus(program, folder);
  });
  afterAll(() => prometheus.stop());

  /** Scrapes one address as the pod of a release. */
  const scrape = (address: string) =>
    prometheus.scrape([
      { job_name: 'show', static_configs: [{ targets: [address], labels: { namespace: 'stage', pod: POD, container: 'engine' } }] },
    ]);
  const value = async (query: string) => {
    const samples = await prometheus.query(query);
    return samples.length === 1 ? samples[0]?.value : samples.length === 0 ? 'no series' : 'several series';
  };
  // By address: the target before it is still "up" to Prometheus for a moment.
  const isScraped = (address: string) =>
    vi.waitFor(async () => expect(await value(`up{instance="${address}"}`)).toBe(1), { timeout: 20_000, interval: 100 });

  describe('vLLM 0.32.0, as recorded (tests/fixtures/metrics)', () => {
    let text = '';
    let address = '';
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text);
    });
    const recorded = (state: string) => readFileSync(fromRoot('tests', 'fixtures', 'metrics', `vllm-0.32.0-${state}.txt`), 'utf8');
    beforeAll(async () => {
      text = recorded('idle');
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      await scrape(address);
      await isScraped(address);
    });
    afterAll(() => void server.close());

    it('knows every series and label, before anything was asked of the engine', async () => {
      const queries = await renderedQueries('release.yaml');
      expect([...queries.keys()]).toEqual(['waiting', 'in-flight', 'kv-cache']);
      for (const query of queries.values()) {
        expect(seriesOf(query).length).toBeGreaterThan(0);
        for (const series of seriesOf(query)) expect([series, await prometheus.query(series)]).toEqual([series, [expect.anything()]]);
        expect([query, await value(query)]).toEqual([query, 0]);
      }
    });

    it('counts what waits and what runs', async () => {
      text = recorded('waiting');
      const queries = await renderedQueries('release.yaml');
      await expect.poll(() => value(queries.get('waiting') ?? ''), { timeout: 10_000 }).toBe(4);
      expect(await value(queries.get('in-flight') ?? '')).toBe(6);
      expect(await value(queries.get('kv-cache') ?? '')).toBeGreaterThan(0);
    });

    it('falls back to the plain gauge for an engine that gives no reasons', async () => {
      text = recorded('waiting').replaceAll(/^.*num_requests_waiting_by_reason.*\n/gm, '');
      const queries = await renderedQueries('release.yaml');
      await expect.poll(() => prometheus.query('vllm:num_requests_waiting_by_reason'), { timeout: 10_000 }).toEqual([]);
      expect(await value(queries.get('waiting') ?? '')).toBe(4);
    });

    it('notices a label that does not exist, which a published default filters by', async () => {
      text = recorded('waiting');
      await expect.poll(() => value('vllm:num_requests_waiting'), { timeout: 10_000 }).toBe(4);
      // production-stack's default asks for model="…"; vLLM writes model_name
      expect(await value('sum(vllm:num_requests_waiting{model="llava-onevision-1.5"})')).toBe('no series');
      expect(await value('sum(vllm:gpu_cache_usage_perc)')).toBe('no series');
    });

    it('gives nothing, and not 0, for the pods of another release', async () => {
      for (const query of (await renderedQueries('release.yaml')).values()) {
        expect(await value(query.replaceAll('show-onevision', 'other-onevision'))).toBe('no series');
      }
    });
  });

  describe('llama-server, running here', () => {
    let engine: Child;
    let url = '';
    beforeAll(async () => {
      const [port = 0] = await freePorts(1);
      url = `http://127.0.0.1:${port}`;
      const args = ['-m', await ensureSmolLm2Gguf(), '--host', '127.0.0.1', '--port', String(port), '--metrics', '-c', '1024', '-np', '1'];
      const logFile = join(folder, 'llama-server.log');
      engine = startChild({ name: 'llama-server', command: await ensureLlamaServer(), args, logFile, cwd: folder });
      await vi.waitFor(async () => expect((await fetch(`${url}/health`)).ok).toBe(true), { timeout: 60_000, interval: 100 });
      await scrape(`127.0.0.1:${port}`);
      await isScraped(`127.0.0.1:${port}`);
    }, BUILD_TIMEOUT_MS);
    afterAll(() => engine.kill());

    it('knows every series and label, and counts what waits and what runs', async () => {
      const queries = await renderedQueries('examples/smollm2-cpu.yaml');
      expect([...queries.keys()]).toEqual(['waiting', 'in-flight']);
      for (const query of queries.values()) {
        for (const series of seriesOf(query)) expect([series, await prometheus.query(series)]).toEqual([series, [expect.anything()]]);
        expect([query, await value(query)]).toEqual([query, 0]);
      }
      const abort = new AbortController();
      const body = JSON.stringify({ messages: [{ role: 'user', content: 'Count to a thousand.' }], max_tokens: 900, ignore_eos: true });
      const headers = { 'content-type': 'application/json' };
      const asking = Array.from({ length: 4 }, () =>
        fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body, signal: abort.signal }).catch(() => undefined),
      );
      await expect.poll(() => value(queries.get('waiting') ?? ''), { timeout: 30_000 }).toBe(3);
      expect(await value(queries.get('in-flight') ?? '')).toBe(4);
      abort.abort();
      await Promise.all(asking);
    });
  });
});
