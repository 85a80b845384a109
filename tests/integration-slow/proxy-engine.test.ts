import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findHelm, renderChart } from '../../charts/helm';
import { type Child, startChild } from '../../rehearsal/control-plane/child';
import { freePorts } from '../../rehearsal/control-plane/ports';
import { startPrometheus } from '../../rehearsal/metrics/prometheus';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { ensureLlamaServer, ensureSmolLm2Gguf } from '../../runtime/llama-server';
import { valuesOf } from '../charts/fixtures';
import { selectorsOf } from '../integration/metrics-exporter';
import { type ProxyProcess, sendRaw, startProxy, statuses } from '../integration/proxy-process';
import { notRun } from '../integration/requirements';

// biome-ignore lint/suspicious/noExplicitAny: rendered YAML, whose shape the test is about
type Loose = any;
const BUILD_TIMEOUT_MS = 3_600_000;
const KEY = 'a-key-of-the-puppet-show';
const MODEL = 'smollm2';
const POD = 'show-onevision-6d5f7c9b8-abcde';

describe('llama-server behind the proxy of the chart', async () => {
  const what = 'llama-server behind the proxy of the chart';
  const nginx = await findDebianProgram('nginx');
  if (!nginx.found) return notRun(what, nginx.why);
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-behind-proxy-'));
  let engine: Child;
  let proxy: ProxyProcess;
  let elsewhere: Server;
  const fetched: string[] = [];

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    const args = [
      '-m',
      await ensureSmolLm2Gguf(),
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--alias',
      MODEL,
      '-c',
      '512',
      '-np',
      '2',
      '-t',
      '2',
    ];
    // as the chart sets them
    const env = {
      ...process.env,
      LLAMA_ARG_ENDPOINT_METRICS: '1',
      LLAMA_ARG_NO_ENDPOINT_SLOTS: '1',
      LLAMA_ARG_NO_WEBUI: '1',
      LLAMA_ARG_OFFLINE: '1',
    };
    engine = startChild({
      name: 'llama-server',
      command: await ensureLlamaServer(),
      args,
      logFile: join(folder, 'engine.log'),
      cwd: folder,
      env,
    });
    const values = { ...valuesOf(2), proxy: { enabled: true, maxBodyMib: 1, headerSeconds: 2, bodySeconds: 2 } };
    proxy = await startProxy({ helm: await findHelm(), nginx, values, engine: `127.0.0.1:${port}`, key: KEY });
    await vi.waitFor(async () => expect((await fetch(`${proxy.opsUrl}/health`)).ok).toBe(true), { timeout: 60_000, interval: 100 });
    elsewhere = createServer((request, response) => {
      fetched.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await proxy?.stop();
    await engine?.kill();
    elsewhere?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (body: object, headers: Record<string, string> = { authorization: `Bearer ${KEY}` }) =>
    fetch(`${proxy.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: MODEL, temperature: 0, max_tokens: 6, ...body }),
    });
  const question = { messages: [{ role: 'user', content: 'What is the capital of France? Answer with one word.' }] };

  it('answers whole and in pieces, and lists its model', async () => {
    expect(await (await ask(question)).json()).toMatchObject({ choices: [{ message: { content: expect.stringMatching(/\S/) } }] });
    const streamed = await ask({ ...question, stream: true });
    expect(streamed.headers.get('content-type')).toContain('text/event-stream');
    const text = await streamed.text();
    expect(text.match(/^data: \{/gm)?.length).toBeGreaterThan(2);
    expect(text).toContain('data: [DONE]');
    const models = await fetch(`${proxy.url}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(await models.text()).toContain(`"${MODEL}"`);
  });

  it("answers nobody without the key, and shows none of the engine's other paths", async () => {
    expect((await ask(question, {})).status).toBe(401);
    for (const path of [
      '/slots',
      '/props',
      '/metrics',
      '/tokenize',
      '/completion',
      '/infill',
      '/lora-adapters',
      '/apply-template',
      '/models',
      '/',
    ]) {
      for (const method of ['GET', 'POST']) {
        const answer = await fetch(proxy.url + path, { method, headers: { authorization: `Bearer ${KEY}` } });
        expect([path, answer.status]).toEqual([path, 404]);
      }
    }
  });

  it('gives its own errors on, and lives on after hostile requests', async () => {
    expect((await ask({ messages: 'none' })).status).toBeGreaterThanOrEqual(400);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n`;
    const hostile = [
      `${head}Content-Length: 5\r\n\r\n{"x":`,
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /slots HTTP/1.1\r\n\r\n`,
      `${head}Content-Length: 9999999\r\n\r\n`,
      `${head}X: ${'a'.repeat(60_000)}\r\n\r\n`,
      `${head}Content-Type: application/json\r\nContent-Length: 300002\r\nConnection: close\r\n\r\n${'['.repeat(150_001)}${']'.repeat(150_001)}`,
      'GET /v1/models/../../slots HTTP/1.1\r\nHost: x\r\n\r\n',
      '\0'.repeat(10_000),
    ];
    for (const bytes of hostile) expect(statuses(await sendRaw(proxy.port, bytes, 6_000))[0] ?? 400).toBeGreaterThanOrEqual(400);
    expect((await ask(question)).status).toBe(200);
  });

  it('fetches nothing that a request names by address', async () => {
    const { port } = elsewhere.address() as AddressInfo;
    for (const url of [`http://127.0.0.1:${port}/picture.png`, 'file:///etc/passwd', `http://localhost:${port}/a`]) {
      const content = [
        { type: 'image_url', image_url: { url } },
        { type: 'text', text: 'What is it?' },
      ];
      const answer = await ask({ messages: [{ role: 'user', content }] });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).not.toContain('root:');
    }
    expect(fetched).toEqual([]);
  });

  const prometheusProgram = await findDebianProgram('prometheus');
  if (!prometheusProgram.found) return notRun(`${what}, scraped`, prometheusProgram.why);
  it('is scraped through the second port of the proxy: every series of alerts and dashboard is there', async () => {
    const monitoring = { podMonitor: { enabled: true }, rules: { enabled: true }, dashboard: { enabled: true } };
    const text = await renderChart(await findHelm(), {
      releaseName: 'show',
      namespace: 'stage',
      values: { ...valuesOf(2), monitoring },
      kubeVersion: '1.36',
    });
    const objects = parseAllDocuments(text).map((document) => document.toJS() as Loose);
    const rules = objects.find((object) => object?.kind === 'PrometheusRule').spec.groups[0].rules as { expr: string }[];
    const dashboard = objects.find((object) => object?.metadata.name.endsWith('-dashboard')).data['show-onevision.json'] as string;
    const panels = JSON.parse(dashboard).panels as { targets: { expr: string }[] }[];
    const expressions = [...rules, ...panels.flatMap(({ targets }) => targets)].map(({ expr }) => expr);
    const selectors = expressions.flatMap(selectorsOf).filter((one) => /^(llamacpp:|up)/.test(one));
    expect(selectors.length).toBeGreaterThan(5);
    const labels = { namespace: 'stage', pod: POD, container: 'proxy' };
    const prometheus = await startPrometheus(prometheusProgram, join(folder, 'prometheus'), [
      { job_name: 'show', static_configs: [{ targets: [proxy.opsUrl.replace('http://', '')], labels }] },
    ]);
    try {
      await vi.waitFor(async () => expect(await prometheus.query(`up{pod="${POD}"} == 1`)).toHaveLength(1), {
        timeout: 20_000,
        interval: 100,
      });
      for (const selector of new Set(selectors)) expect([selector, (await prometheus.query(selector)).length]).toEqual([selector, 1]);
    } finally {
      await prometheus.stop();
    }
  });
});
