import { existsSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findHelm, type HelmTool } from '../../charts/helm';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { valuesOf } from '../charts/fixtures';
import { messageOf, type ProxyProcess, recordingEngine, type Seen, sendRaw, startProxy, statuses } from './proxy-process';
import { notRun } from './requirements';

const KEY = 'sk-Test.Key_0123456789~a+b/c==';
const BEARER = { authorization: `Bearer ${KEY}` };
const SHUTDOWN = { preStopSleepSeconds: 0, graceSeconds: 20 };
const SMALL = { maxBodyMib: 1, headerSeconds: 1, bodySeconds: 1, answerSeconds: 3, maxConcurrentRequests: 2 };

interface Problem {
  readonly error: { readonly message: string; readonly type: string; readonly code: string; readonly param: null };
}

describe('the proxy in front of the engine, by the real nginx', async () => {
  const what = 'the proxy in front of the engine';
  const nginx = await findDebianProgram('nginx');
  if (!nginx.found) return notRun(what, nginx.why);
  let helm: HelmTool;
  try {
    helm = await findHelm();
  } catch (error) {
    return notRun(what, String(error));
  }
  let engine: { address: string; seen: Seen[]; close(): void };
  let proxy: ProxyProcess;
  let release: () => void = () => undefined;
  const values = { ...valuesOf(0), shutdown: SHUTDOWN, proxy: { enabled: true, ...SMALL } };

  beforeAll(async () => {
    engine = await recordingEngine((request, response) => {
      const path = request.url ?? '';
      if (request.headers.accept === 'text/event-stream') return void stream(response);
      if (request.headers.accept === 'application/slow') {
        release = () => response.end('{"slow":true}');
        return;
      }
      if (request.headers.accept === 'application/never') return;
      if (request.headers.accept === 'application/loading')
        return void response.writeHead(503).end('{"error":{"message":"Loading model"}}');
      response.setHeader('access-control-allow-origin', '*');
      response.end(JSON.stringify({ path, metrics: path === '/metrics' ? 'yes' : undefined }));
    });
    proxy = await startProxy({ helm, nginx, values, engine: engine.address, key: `${KEY}\nanother-key-for-rotation\n` });
  });
  afterAll(async () => {
    await proxy?.stop();
    engine?.close();
  });
  beforeEach(() => {
    engine.seen.length = 0;
  });

  const get = (path: string, headers: Record<string, string> = BEARER, method = 'GET') => fetch(proxy.url + path, { headers, method });
  const post = (body: string | ReadableStream, headers: Record<string, string> = {}, path = '/v1/chat/completions') =>
    fetch(proxy.url + path, {
      method: 'POST',
      headers: { ...BEARER, 'content-type': 'application/json', ...headers },
      body,
      duplex: 'half',
    } as RequestInit);
  const raw = (head: string, more = '', timeoutMs?: number) =>
    sendRaw(proxy.port, `${head}\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n${more}\r\n`, timeoutMs);
  const problem = async (answer: Response): Promise<Problem['error']> => {
    expect(answer.headers.get('content-type')).toContain('application/json');
    const { error } = (await answer.json()) as Problem;
    expect(error.message).not.toBe('');
    expect(error.param).toBeNull();
    return error;
  };

  it('lets the listed methods and paths through, as they are listed, and nothing of the client but its body', async () => {
    expect((await post('{"a":1}', { 'x-evil': '1', cookie: 'a=b', 'x-request-id': 'mine' })).status).toBe(200);
    expect((await post('{}', {}, '/v1/completions')).status).toBe(200);
    expect((await get('/v1/models?key=x&debug=1')).status).toBe(200);
    expect(engine.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v1/chat/completions',
      'POST /v1/completions',
      'GET /v1/models',
    ]);
    expect(Object.keys(engine.seen[0]?.headers ?? {}).sort()).toEqual(['accept', 'content-length', 'content-type', 'host', 'x-request-id']);
    expect(engine.seen[0]).toMatchObject({ body: '{"a":1}', headers: { host: 'engine' } });
    expect(engine.seen[0]?.headers['x-request-id']).not.toBe('mine');
  });

  it('tells nothing about the engine, and opens nothing to pages of other sites', async () => {
    const answer = await get('/v1/models');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('server')).toBe('nginx');
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer sk-Test.Key_0123456789~a+b/cxx' }],
    ['the key in other case', { authorization: `Bearer ${KEY.toLowerCase()}` }],
    ['a longer one', { authorization: `Bearer ${KEY}x` }],
    ['a shorter one', { authorization: `Bearer ${KEY.slice(0, -1)}` }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['the pattern of the key', { authorization: 'Bearer sk-Test.Key_0123456789~aab/c==' }],
    ['another scheme', { authorization: `Basic ${KEY}` }],
    ['without a scheme', { authorization: KEY }],
    ['in another header', { 'api-key': KEY }],
    ['a wrong one as X-Api-Key', { 'x-api-key': `${KEY}x` }],
    ['an empty X-Api-Key', { 'x-api-key': '' }],
    ['with its scheme as X-Api-Key', { 'x-api-key': `Bearer ${KEY}` }],
    ['a wrong one beside the right X-Api-Key', { authorization: 'Bearer wrong-wrong-wrong', 'x-api-key': KEY }],
    ['in a cookie', { cookie: `authorization=Bearer ${KEY}` }],
  ])('answers 401 on every path to a key that is not one: %s', async (_title, headers) => {
    for (const [method, path] of [
      ['GET', '/v1/models'],
      ['POST', '/v1/chat/completions'],
      ['GET', '/metrics'],
      ['GET', '/nowhere'],
      ['OPTIONS', '/v1/models'],
      ['GET', `/v1/models?api_key=${KEY}`],
    ] as const) {
      const answer = await get(path, headers as unknown as Record<string, string>, method);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(await problem(answer)).toMatchObject({ type: 'authentication_error', code: 'invalid_api_key' });
    }
    expect(engine.seen).toEqual([]);
  });

  it('takes each key of the Secret, and the scheme in any case', async () => {
    expect((await get('/v1/models', { authorization: 'Bearer another-key-for-rotation' })).status).toBe(200);
    expect((await get('/v1/models', { authorization: `bearer ${KEY}` })).status).toBe(200);
  });

  it('takes a key as X-Api-Key, for what comes through the API server, and does not pass it on', async () => {
    expect((await get('/v1/models', { authorization: '', 'x-api-key': KEY })).status).toBe(200);
    expect(Object.keys(engine.seen[0]?.headers ?? {})).not.toContain('x-api-key');
  });

  it('refuses two keys at once', async () => {
    const answer = await raw('GET /v1/models HTTP/1.1', 'Authorization: Bearer x\r\nConnection: close\r\n');
    expect(statuses(answer)[0]).toBeGreaterThanOrEqual(400);
    expect(engine.seen).toEqual([]);
  });

  it('answers health without a key, and 404 to every other path of the engines', async () => {
    expect((await get('/health', {})).status).toBe(200);
    expect((await get('/health', {}, 'HEAD')).status).toBe(200);
    engine.seen.length = 0;
    const paths = [
      '/',
      '/metrics',
      '/tokenize',
      '/detokenize',
      '/invocations',
      '/pause',
      '/resume',
      '/update_weights',
      '/load',
      '/version',
      '/ping',
      '/v1/load_lora_adapter',
      '/v1/unload_lora_adapter',
      '/v1/embeddings',
      '/v1/models/x',
      '/v1',
      '/v1/',
      '/slots',
      '/props',
      '/completion',
      '/infill',
      '/docs',
      '/openapi.json',
      '/server_info',
      '/reset_prefix_cache',
      '/sleep',
      '/wake_up',
      '/collective_rpc',
      '/alive',
      '/apply-template',
      '/lora-adapters',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST']) {
        const answer = await get(path, BEARER, method);
        expect([path, answer.status]).toEqual([path, 404]);
        expect((await problem(answer)).code).toBe('unknown_path');
      }
    }
    expect(engine.seen).toEqual([]);
  });

  it('answers 405 with the method that is allowed', async () => {
    for (const [method, path, allow] of [
      ['GET', '/v1/chat/completions', 'POST'],
      ['POST', '/v1/models', 'GET'],
      ['DELETE', '/v1/models', 'GET'],
      ['OPTIONS', '/v1/models', 'GET'],
      ['PATCH', '/v1/completions', 'POST'],
      ['PUT', '/health', 'GET, HEAD'],
    ] as const) {
      const answer = await get(path, BEARER, method);
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe(allow);
      expect((await problem(answer)).code).toBe('method_not_allowed');
    }
    for (const method of ['TRACE', 'CONNECT', 'HEAD', 'get', 'PROPFIND', 'PURGE']) {
      expect(statuses(await raw(`${method} /v1/models HTTP/1.1`, 'Connection: close\r\n'))[0]).toBeGreaterThanOrEqual(400);
    }
    expect(engine.seen).toEqual([]);
  });

  it.each([
    '//v1/models',
    '/v1//models',
    '/v1/models/',
    '/v1/models.',
    '/v1/models%20',
    '/v1/models;x=1',
    '/V1/models',
    '/v1/MODELS',
    '/v1/models%00',
    '/v1/models%2f',
    '/v1%2fmodels',
    '/v1/./models/x',
    '/v1/models/../../metrics',
    '/v1/models/%2e%2e/%2e%2e/metrics',
    '/v1/models/..%2f..%2fmetrics',
    '/v1/models\\..\\metrics',
    '/v1/chat/completions/../../../tokenize',
    '/%2e/metrics',
    '/metrics%23',
    '/health/../metrics',
    '/health%2f..%2fmetrics',
    '/v1/models%0d%0aX:1',
    '/v1/models?x#/../metrics/../../metrics/.',
    '/..',
    '/%c0%ae%c0%ae/metrics',
    'metrics',
    '*',
    '/health;/../metrics',
  ])('never sends anything but the listed paths to the engine: %s', async (path) => {
    const status = statuses(await raw(`GET ${path} HTTP/1.1`, 'Connection: close\r\n'))[0] ?? 0;
    const reached = engine.seen.map(({ url }) => url);
    // a spelling of a listed path may be answered; what the engine sees is the listed one
    if (status === 200) expect(['/v1/models', '/health']).toContain(reached[0]);
    else expect([status >= 400 && status < 500, reached]).toEqual([true, []]);
  });

  it('takes no other place for the path: an absolute address, rewriting headers', async () => {
    for (const head of ['GET http://other/metrics HTTP/1.1', 'GET http://engine/metrics HTTP/1.1']) {
      expect(statuses(await raw(head, 'Connection: close\r\n'))).toEqual([404]);
    }
    const rewriting =
      'X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\nX-Accel-Redirect: /metrics\r\nX-HTTP-Method-Override: POST\r\nConnection: close\r\n';
    expect(statuses(await raw('GET /v1/models HTTP/1.1', rewriting))).toEqual([200]);
    expect(engine.seen.map(({ method, url }) => [method, url])).toEqual([['GET', '/v1/models']]);
  });

  it.each([
    ['length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcdGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['chunks in disguise', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['chunks twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\nContent-Length: 4\r\n\r\nabcdGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a folded header', 'Content-Length: 4\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\nabcdGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a negative length', 'Content-Length: -1\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a length with a sign', 'Content-Length: +4\r\n\r\nabcdGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a chunk size that overflows', 'Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nabc\r\n0\r\n\r\n'],
    ['bare line feeds', 'Content-Length: 4\n\nabcdGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a pipelined request', 'Content-Length: 2\r\n\r\n{}GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('is not made to smuggle a second request: %s', async (_title, rest) => {
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n`;
    await sendRaw(proxy.port, head + rest, 2_500);
    expect(engine.seen.every(({ url }) => url === '/v1/chat/completions')).toBe(true);
    expect(engine.seen.length).toBeLessThanOrEqual(1);
    expect(engine.seen.every(({ body }) => !body.includes('metrics') || body.length === 40)).toBe(true);
    expect((await get('/v1/models')).status).toBe(200);
  });

  it('does not switch to another protocol', async () => {
    for (const upgrade of ['websocket', 'h2c']) {
      const answer = await raw(
        'GET /v1/models HTTP/1.1',
        `Upgrade: ${upgrade}\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n`,
      );
      expect(statuses(answer)).toEqual([200]);
    }
    expect(engine.seen.every(({ headers }) => headers.upgrade === undefined)).toBe(true);
    expect(await sendRaw(proxy.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 2_000)).not.toContain('200');
  });

  it('answers huge headers and addresses with an error of its own', async () => {
    const huge = await raw('GET /v1/models HTTP/1.1', `X: ${'a'.repeat(40_000)}\r\nConnection: close\r\n`);
    expect(statuses(huge)).toEqual([400]);
    expect(huge).toContain('"code":"bad_request"');
    const many = await raw(
      'GET /v1/models HTTP/1.1',
      `${'X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(2_000)}Connection: close\r\n`,
    );
    expect(statuses(many)).toEqual([400]);
    const long = await raw(`GET /v1/models?${'a'.repeat(40_000)} HTTP/1.1`, 'Connection: close\r\n');
    expect(statuses(long)).toEqual([414]);
    expect(long).toContain('"code":"uri_too_long"');
    for (const garbage of ['\x16\x03\x01\x02\x00\x01\x00', 'GET\r\n\r\n', '\0\0\0\0\r\n\r\n', 'GET /v1/models HTTP/9.9\r\n\r\n']) {
      expect(statuses(await sendRaw(proxy.port, garbage, 2_500))[0] ?? 400).toBeGreaterThanOrEqual(400);
    }
    expect(engine.seen).toEqual([]);
  });

  it('answers 413 to a body that is too large, by its length and by its bytes, and lets one through that just fits', async () => {
    const large = await post('x'.repeat(2 ** 20 + 1));
    expect(large.status).toBe(413);
    expect(await problem(large)).toMatchObject({ code: 'request_too_large', message: expect.stringContaining('1 MiB') });
    const chunks = `${'4000'}\r\n${'x'.repeat(0x4000)}\r\n`.repeat(80);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(statuses(await sendRaw(proxy.port, `${head}${chunks}0\r\n\r\n`))).toEqual([413]);
    expect(engine.seen).toEqual([]);
    expect((await post('x'.repeat(2 ** 20))).status).toBe(200);
    expect(engine.seen[0]?.body.length).toBe(2 ** 20);
  });

  it('holds slow clients back: the engine sees a request when it is whole, or never', async () => {
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 100\r\n\r\n`;
    const started = Date.now();
    const answers = await Promise.all([sendRaw(proxy.port, `${head}half`, 8_000), sendRaw(proxy.port, 'GET /v1/models HT', 8_000)]);
    expect(Date.now() - started).toBeLessThan(7_500);
    for (const answer of answers) expect(statuses(answer)[0] ?? 408).toBe(408);
    expect(engine.seen).toEqual([]);
  });

  it('passes the pieces of a streamed answer on as they come', async () => {
    const answer = await post('{"stream":true}', { accept: 'text/event-stream' });
    const times: number[] = [];
    let text = '';
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      times.push(performance.now());
      text += Buffer.from(piece).toString();
    }
    expect(text).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n');
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(400);
  });

  it('answers 429 with Retry-After when too many ask at once', async () => {
    const slow = [1, 2].map(() => post('{}', { accept: 'application/never' }));
    await expect.poll(() => engine.seen.length).toBe(2);
    const third = await post('{}');
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await problem(third)).toMatchObject({ type: 'rate_limit_error' });
    expect((await get('/health', {})).status).toBe(200);
    // the engine says nothing for longer than it may
    const late = await Promise.all(slow);
    expect(late.map(({ status }) => status)).toEqual([504, 504]);
    expect(await problem(late[0] as Response)).toMatchObject({ code: 'engine_timeout' });
  });

  it('ends a request at the engine when the client goes', async () => {
    let gone = false;
    const watching = await recordingEngine((_request, response) => {
      response.once('close', () => {
        gone = true;
      });
    });
    const second = await startProxy({ helm, nginx, values, engine: watching.address });
    try {
      const call = httpRequest(`${second.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-length': '2' } });
      call.on('error', () => undefined);
      call.end('{}');
      await expect.poll(() => watching.seen.length, { timeout: 5_000 }).toBe(1);
      call.destroy();
      await expect.poll(() => gone, { timeout: 5_000 }).toBe(true);
    } finally {
      await second.stop();
      watching.close();
    }
  });

  it('answers 503 with Retry-After while the engine loads, and while nobody listens', async () => {
    const loading = await post('{}', { accept: 'application/loading' });
    expect([loading.status, loading.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await loading.text()).toContain('Loading model');
    const second = await startProxy({ helm, nginx, values, engine: '127.0.0.1:9' });
    try {
      const away = await fetch(`${second.url}/v1/models`);
      expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await problem(away)).toMatchObject({ code: 'engine_unavailable' });
      expect((await fetch(`${second.opsUrl}/health`)).status).toBe(503);
      expect((await fetch(`${second.opsUrl}/alive`)).status).toBe(200);
    } finally {
      await second.stop();
    }
  });

  it('has nothing but health and metrics on its second port', async () => {
    const ask = async (path: string, method = 'GET') => (await fetch(proxy.opsUrl + path, { method })).status;
    expect([await ask('/metrics'), await ask('/health'), await ask('/alive')]).toEqual([200, 200, 200]);
    expect([await ask('/v1/models'), await ask('/v1/chat/completions', 'POST'), await ask('/metrics', 'POST')]).toEqual([404, 404, 405]);
    expect(engine.seen.map(({ url }) => url)).toEqual(['/metrics', '/health']);
  });

  it('writes one line of JSON for each request, and no key, query or body', async () => {
    await post('{"secret":"of the show"}');
    await get(`/v1/models?api_key=${KEY}`, {});
    await sleep(200);
    const lines = proxy
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path: string; status: number });
    expect(lines).toContainEqual(expect.objectContaining({ path: '/v1/chat/completions', status: 200, engine: '200' }));
    expect(lines).toContainEqual(expect.objectContaining({ path: '/v1/models', status: 401 }));
    expect(proxy.log() + proxy.errors()).not.toContain(KEY);
    expect(proxy.log()).not.toContain('of the show');
  });

  it('finishes the answer under way when it is told to stop, takes no new request, and says when it is done', async () => {
    const slowValues = { ...values, proxy: { ...values.proxy, answerSeconds: 20 } };
    const second = await startProxy({ helm, nginx, values: slowValues, engine: engine.address });
    try {
      const answer = fetch(`${second.url}/v1/chat/completions`, { method: 'POST', headers: { accept: 'application/slow' }, body: '{}' });
      await expect.poll(() => engine.seen.length, { timeout: 5_000 }).toBe(1);
      second.signal('SIGTERM');
      await sleep(500);
      expect(existsSync(join(second.folder, 'run', 'drained'))).toBe(false);
      await expect(fetch(`${second.url}/v1/models`)).rejects.toThrow();
      release();
      expect(await (await answer).text()).toBe('{"slow":true}');
      expect(await second.ended).toBe(0);
      expect(existsSync(join(second.folder, 'run', 'drained'))).toBe(true);
    } finally {
      await second.stop();
    }
  });

  it.each([
    ['an empty Secret', ''],
    ['a Secret of blank lines', '\n\n'],
    ['a key that is too short', 'short'],
    ['a key with what no token may hold', 'a-key-with-"quotes"-and-$dollars'],
    ['a key that breaks out of the configuration', 'aaaaaaaaaaaaaaaa" 1; } server { listen 1; }'],
    ['a key that is too long', 'a'.repeat(513)],
  ])('does not start with %s, and says so without saying the key', async (_title, key) => {
    const second = await startProxy({ helm, nginx, values, engine: engine.address, key, wait: false });
    try {
      expect(await second.ended).toBe(1);
      expect(messageOf(second)).toMatch(/^OVK-PRX: .*(API key|Secret)/);
      if (key.trim() !== '') expect(second.log() + second.errors()).not.toContain(key);
    } finally {
      await second.stop();
    }
  });

  it('says what to do in an image without nginx', async () => {
    const second = await startProxy({ helm, nginx, values, engine: engine.address, wait: false, withoutNginx: true });
    expect(await second.ended).toBe(1);
    expect(messageOf(second)).toContain('there is no nginx in this image');
    await second.stop();
  });
});

async function stream(response: import('node:http').ServerResponse): Promise<void> {
  response.setHeader('content-type', 'text/event-stream');
  for (let piece = 0; piece < 4; piece++) {
    response.write(`data: ${piece}\n\n`);
    await sleep(200);
  }
  response.end();
}
