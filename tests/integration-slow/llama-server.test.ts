import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { sha256OfFile } from '../../runtime/engine/cached-artifact';
import { ensureLlamaServer, ensureSmolLm2Gguf } from '../../runtime/llama-server';
import { notRun } from '../integration/requirements';
import { progressLines } from '../progress-lines';

/** Minutes: the first run builds llama-server from source; later ones find it in the cache. */
const BUILD_TIMEOUT_MS = 3_600_000;
const START_TIMEOUT_MS = 60_000;

const missing = ['npm', 'git', 'tar', 'cmake', 'c++', 'python3'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);

/** A real llama-server with the real small GGUF, started with the arguments of the plan as they are. */
describe('llama-server with the plan of examples/smollm2-cpu.yaml', () => {
  if (missing.length > 0) return notRun('a real llama-server', `${missing.join(', ')} not on PATH`);
  let server: ChildProcess | undefined;
  let log = '';
  let url = '';
  let gguf = '';
  const loaded = loadRelease(fromRoot('examples/smollm2-cpu.yaml'));
  const plan = planRelease(loaded.release, loadCatalog(), { file: loaded.file, today: new Date() });

  beforeAll(async () => {
    const onProgress = progressLines();
    gguf = await ensureSmolLm2Gguf({ onProgress });
    const binary = await ensureLlamaServer({ onProgress });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const args = ['-m', gguf, '--host', '127.0.0.1', '--port', String(port), '--metrics', ...plan.engine.args];
    server = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk: Buffer) => {
      log += chunk.toString('utf8');
    };
    server.stdout?.on('data', collect);
    server.stderr?.on('data', collect);
    await untilHealthy();
  }, BUILD_TIMEOUT_MS);
  afterAll(() => void server?.kill());

  async function untilHealthy(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (server?.exitCode !== null) break;
      const healthy = await fetch(`${url}/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (healthy) return;
      await sleep(100);
    }
    throw new Error(`llama-server did not become healthy:\n${log.slice(-2000)}`);
  }

  const post = (path: string, body: unknown) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  it('is the model of the catalogue, by its hash', async () => {
    expect(await sha256OfFile(gguf)).toBe(loaded.release.model.revision.replace('sha256:', ''));
  });

  it('is healthy, and has the context and the slots of the plan', async () => {
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok' });
    const props = (await (await fetch(`${url}/props`)).json()) as { total_slots: number; default_generation_settings: { n_ctx: number } };
    expect(props.total_slots).toBe(plan.engine.settings.np);
    expect(props.default_generation_settings.n_ctx).toBe(Number(plan.engine.settings.c) / Number(plan.engine.settings.np));
  });

  it('answers a question rightly', async () => {
    const response = await post('/v1/chat/completions', {
      messages: [{ role: 'user', content: 'What is the capital of France? Answer with one word.' }],
      temperature: 0,
      max_tokens: 16,
    });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { choices: { message: { content: string } }[]; usage: { completion_tokens: number } };
    expect(answer.choices[0]?.message.content).toMatch(/Paris/);
    expect(answer.usage.completion_tokens).toBeGreaterThan(0);
  });

  it('counts tokens in /metrics', async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const predicted = Number(/^llamacpp:tokens_predicted_total (\d+)/m.exec(metrics)?.[1]);
    expect(predicted).toBeGreaterThan(0);
    expect(metrics).toMatch(/^llamacpp:requests_processing /m);
  });

  it('refuses an image, since there is no projector, and stays alive', async () => {
    const png = readFileSync(fromRoot('runtimes/golden-images/red-dragon.png')).toString('base64');
    const response = await post('/v1/chat/completions', {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          ],
        },
      ],
      max_tokens: 8,
    });
    // llama.cpp v0.5.0 answers 500 for what is the request's fault
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(await response.json())).toMatch(/image input is not supported/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('refuses a request longer than a slot, and stays alive', async () => {
    const response = await post('/completion', { prompt: 'puppet '.repeat(2000), n_predict: 1 });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toMatch(/exceed_context_size/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('takes every flag of the plan: none is unknown or ignored', () => {
    expect(log).not.toMatch(/error: invalid argument|unknown argument/i);
    expect(server?.exitCode).toBeNull();
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
