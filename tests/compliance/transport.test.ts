import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpRequest, Transport } from '../../compliance/transport/http';
import { TransportError } from '../../compliance/transport/http';
import { networkTransport } from '../../compliance/transport/network';
import { allowedAddresses, isPublicAddress, type NetworkRules, PUBLIC_RULES } from '../../compliance/transport/network-rules';
import { recording, replaying } from '../../compliance/transport/recording';
import { rateLimitMs, withRetries } from '../../compliance/transport/retry';
import { KitError } from '../../core/error';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-transport-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Only the server of this test may be asked: the product's rules are a value that tests replace, not a setting. */
const LOOPBACK: NetworkRules = {
  ...PUBLIC_RULES,
  protocols: ['http:'],
  hosts: ['127.0.0.1', 'inside.test'],
  ports: 'any',
  isAllowedAddress: (address) => address === '127.0.0.1',
  resolve: async () => ['10.0.0.5'],
  idleMs: 300,
  totalMs: 800,
};
const send = (request: Partial<HttpRequest> & { readonly url: string }, rules = LOOPBACK, signal = new AbortController().signal) =>
  networkTransport(signal, rules)({ method: 'GET', ...request });

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const failure = async (answer: Promise<unknown>): Promise<string> => {
  const error = await answer.catch((reason: unknown) => reason);
  return error instanceof TransportError ? error.failure : `no failure: ${String(error)}`;
};

describe('a server that misbehaves', () => {
  it.each<readonly [string, RequestListener, Partial<HttpRequest>, string]>([
    ['never answers', () => undefined, {}, 'timeout'],
    ['stops in the middle', (_, response) => void response.writeHead(200, { 'content-length': '100' }).write('half'), {}, 'timeout'],
    [
      'drips for ever',
      (_, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('.'), 50);
        response.on('close', () => clearInterval(drip));
      },
      {},
      'timeout',
    ],
    [
      'breaks off',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => request.socket.destroy());
      },
      {},
      'truncated',
    ],
    [
      'promises more than it sends',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('short');
        setTimeout(() => response.socket?.end(), 20);
      },
      {},
      'truncated',
    ],
    ['announces 10 GB', (_, response) => void response.writeHead(200, { 'content-length': '10737418240' }).flushHeaders(), {}, 'too-large'],
    [
      'sends more and more',
      (_, response) => {
        const chunk = Buffer.alloc(65_536);
        const more = () => {
          while (!response.destroyed && response.write(chunk));
          response.once('drain', more);
        };
        more();
      },
      { maxBytes: 1_000_000 },
      'too-large',
    ],
    ['closes the door', (request) => void request.socket.destroy(), {}, 'network'],
    [
      'redirects in a circle',
      (request, response) => void response.writeHead(302, { location: `${request.url}x` }).end(),
      {},
      'too-many-redirects',
    ],
    [
      'redirects to a private address',
      (_, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
      {},
      'refused',
    ],
    [
      'redirects to the metadata service',
      (_, response) => void response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
      {},
      'refused',
    ],
    [
      'redirects to a name that leads inside',
      (_, response) => void response.writeHead(302, { location: 'http://inside.test/' }).end(),
      {},
      'refused',
    ],
    ['redirects to a file', (_, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(), {}, 'refused'],
    ['redirects to no URL', (_, response) => void response.writeHead(302, { location: 'http://[' }).end(), {}, 'refused'],
  ])('and %s', async (_, handler, request, expected) => {
    const url = await serve(handler);
    expect(await failure(send({ url: `${url}/`, ...request }))).toBe(expected);
  });

  it('and would send 10 GB is left after the first byte of a probe', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10737418240' });
      response.write(Buffer.alloc(65_536));
    });
    const answer = await send({ url: `${url}/`, firstBytes: 1, headers: { range: 'bytes=0-0' } });
    expect([answer.status, answer.body.length]).toEqual([200, 1]);
  });

  it('is left at once on Ctrl-C', async () => {
    const url = await serve(() => undefined);
    const abort = new AbortController();
    const answer = send({ url: `${url}/` }, LOOPBACK, abort.signal);
    setTimeout(() => abort.abort(new Error('interrupted')), 30);
    await expect(answer).rejects.toThrow('interrupted');
  });
});

describe('redirects', () => {
  it('are recorded, and a token stays with its host', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('there');
    });
    const url = await serve((_, response) => void response.writeHead(307, { location: `${other}/new`, 'x-linked-etag': '"abc"' }).end());
    const answer = await send({ url: `${url}/old`, headers: { authorization: 'Bearer secret' } });
    expect(Buffer.from(answer.body).toString()).toBe('there');
    expect(answer.redirects).toMatchObject([{ url: `${url}/old`, status: 307, to: `${other}/new`, headers: { 'x-linked-etag': '"abc"' } }]);
    expect(seen).toEqual([undefined]);
  });
});

describe('the rules of the product', () => {
  const rules: NetworkRules = { ...PUBLIC_RULES, resolve: async () => ['140.82.112.5'] };

  it.each([
    'http://huggingface.co/',
    'https://huggingface.co.example.org/',
    'https://nothuggingface.co/',
    'https://huggingface.co:8443/',
    'https://user:secret@huggingface.co/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'https://localhost/',
    'file:///etc/passwd',
    'https://hf.co.evil.test/',
    'not a url',
  ])('refuse %s', async (url) => expect(await failure(allowedAddresses(url, rules))).toBe('refused'));

  it.each(['https://huggingface.co/api', 'https://cdn-lfs.hf.co/x', 'https://api.github.com/repos', 'https://HuggingFace.co/'])(
    'take %s',
    async (url) => expect(await allowedAddresses(url, rules)).toEqual(['140.82.112.5']),
  );

  it('refuse an allowed name as soon as one of its addresses is private', async () => {
    for (const address of [
      '10.1.2.3',
      '127.0.0.1',
      '169.254.169.254',
      '::1',
      'fd00::1',
      '::ffff:192.168.0.1',
      '64:ff9b::a00:1',
      '100.64.0.1',
      '0.0.0.0',
    ])
      expect(
        await failure(allowedAddresses('https://huggingface.co/', { ...rules, resolve: async () => ['140.82.112.5', address] })),
        address,
      ).toBe('refused');
  });

  it('know public addresses', () => {
    for (const address of ['8.8.8.8', '140.82.112.5', '2606:4700::1111', '2a00:1450:4001::8a'])
      expect(isPublicAddress(address), address).toBe(true);
    expect(isPublicAddress('no address')).toBe(false);
  });

  it('can be changed by no environment variable', () => {
    for (const file of readdirSync(join(__dirname, '../../compliance/transport')))
      expect(readFileSync(join(__dirname, '../../compliance/transport', file), 'utf8'), file).not.toContain('process.env');
  });
});

describe('retries', () => {
  const NOW = new Date('2026-11-23T12:00:00Z');
  const answer = (status: number, headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
    url: 'https://huggingface.co/',
    status,
    headers,
    body: new Uint8Array(),
    redirects: [],
  });
  const run = async (answers: readonly (HttpAnswer | TransportError)[]) => {
    const rest = [...answers];
    const waits: number[] = [];
    const transport: Transport = async () => {
      const next = rest.shift();
      if (next instanceof TransportError || next === undefined) throw next ?? new Error('asked too often');
      return next;
    };
    const retrying = withRetries(transport, { now: () => NOW, sleep: async (ms) => void waits.push(ms) });
    const result = await retrying({ method: 'GET', url: 'https://huggingface.co/' }).catch((error: unknown) => error);
    return { result, waits, left: rest.length };
  };
  const error = (kind: TransportError['failure']) => new TransportError(kind, 'https://huggingface.co/', kind);

  it('wait as long as a rate limit says, then go on', async () => {
    const { result, waits } = await run([answer(429, { ratelimit: '"api";r=0;t=12' }), answer(200)]);
    expect([result, waits]).toMatchObject([{ status: 200 }, [13_000]]);
  });

  it('grow, and end with the last answer', async () => {
    const { result, waits } = await run([answer(503), answer(502), error('timeout'), answer(500)]);
    expect([result, waits]).toMatchObject([{ status: 500 }, [1_000, 2_000, 4_000]]);
  });

  it('do not repeat what was refused, missing or denied', async () => {
    expect((await run([error('refused')])).result).toMatchObject({ failure: 'refused' });
    for (const status of [401, 403, 404]) expect((await run([answer(status)])).waits).toEqual([]);
  });

  it('give up at a limit that is hours away', async () => {
    const { result, waits } = await run([answer(429, { 'retry-after': '7200' })]);
    expect([result, waits]).toMatchObject([{ status: 429 }, []]);
  });

  it.each([
    [429, { 'retry-after': '5' }, 6_000],
    [429, { 'retry-after': 'Mon, 23 Nov 2026 12:00:10 GMT' }, 11_000],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795435230' }, 31_000],
    [403, {}, undefined],
    [200, { ratelimit: '"api";r=0;t=12' }, undefined],
  ] as const)('read %i %j as %s ms', (status, headers, ms) => expect(rateLimitMs(answer(status, headers), NOW)).toBe(ms));
});

describe('a recording', () => {
  it('replays what was recorded, without tokens and signatures, and nothing else', async () => {
    const folder = join(scratch, 'record');
    const url = await serve((request, response) => {
      if (request.url === '/token') response.end('{"token":"SECRET"}');
      else if (request.url === '/file') response.writeHead(302, { location: '/cdn?X-Amz-Signature=SECRET', 'set-cookie': 'SECRET' }).end();
      else response.end(Buffer.from([0xff, 0x00, 0x01]));
    });
    const live = recording(networkTransport(new AbortController().signal, LOOPBACK), folder);
    await live({ method: 'GET', url: `${url}/token`, secret: true });
    const bytes = await live({ method: 'GET', url: `${url}/file`, headers: { range: 'bytes=0-2' } });
    await failure(live({ method: 'GET', url: 'http://10.0.0.1/' }));
    for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file), 'utf8'), file).not.toContain('SECRET');
    const replay = replaying(folder);
    expect((await replay({ method: 'GET', url: `${url}/file`, headers: { range: 'bytes=0-2' } })).body).toEqual(bytes.body);
    expect(await failure(replay({ method: 'GET', url: `${url}/file` }))).toBe('not-recorded');
    expect(await failure(replay({ method: 'GET', url: 'http://10.0.0.1/' }))).toBe('refused');
  });

  it('that is none says which file is wrong', () => {
    const folder = mkdtempSync(join(scratch, 'bad-'));
    expect(() => replaying(folder)).toThrow(KitError);
    writeFileSync(join(folder, '0001.json'), '{"request":{}}');
    expect(() => replaying(folder)).toThrow(/0001\.json.*E_RECORDING_INVALID/);
  });
});
