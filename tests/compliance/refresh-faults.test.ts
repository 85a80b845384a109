import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readHub } from '../../compliance/refresh/hub';
import type { Transport } from '../../compliance/transport/http';
import { networkTransport } from '../../compliance/transport/network';
import { type NetworkRules, PUBLIC_RULES } from '../../compliance/transport/network-rules';
import { type Exchange, hubExchanges } from './recordings';

/*
 * The readers against a server on the loopback that plays the Hub and misbehaves at one request: whatever it does, and wherever, nothing that was
 * not read whole becomes evidence, and nothing is called gated that only refuses.
 */
const SHA = 'a'.repeat(40);
const HUB = 'https://huggingface.co';
const EXCHANGES = hubExchanges({
  name: 'org/model',
  sha: SHA,
  pinned: true,
  license: 'apache-2.0',
  texts: { 'README.md': '---\nlicense: apache-2.0\n---\n' },
  lfs: { 'model.safetensors': [9, '1'.repeat(64)] },
});
const RULES: NetworkRules = {
  ...PUBLIC_RULES,
  protocols: ['http:'],
  hosts: ['127.0.0.1', 'inside.test'],
  ports: 'any',
  isAllowedAddress: (address) => address === '127.0.0.1',
  resolve: async () => ['10.0.0.5'],
  idleMs: 250,
  totalMs: 600,
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Fault = (response: ServerResponse, answer: NonNullable<Exchange['answer']>, body: string) => unknown;

function send(response: ServerResponse, answer: NonNullable<Exchange['answer']>, body: string): void {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** The reader's view of a Hub that has the fault at every request of one kind. */
async function read(place: RegExp, ranged: boolean, fault: Fault) {
  const handler: RequestListener = (request, response) => {
    const range = request.headers.range;
    const exchange = EXCHANGES.find(({ request: known }) => known.url === `${HUB}${request.url}` && known.range === range);
    if (!exchange?.answer) return void response.writeHead(404).end();
    const body = exchange.answer.text ?? JSON.stringify(exchange.answer.json);
    const hit = place.test(request.url ?? '') && ranged === (range !== undefined);
    return void (hit ? fault(response, exchange.answer, body) : send(response, exchange.answer, body));
  };
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const network = networkTransport(new AbortController().signal, RULES);
  const transport: Transport = (request) => network({ ...request, url: request.url.replace(HUB, base) });
  return readHub(['hf:model/org/model'], SHA, { transport, now: '2026-11-26T00:00:00Z' });
}

const PLACES: readonly (readonly [string, RegExp, boolean])[] = [
  ['the description of the repository', /\/api\/models\/org\/model\/revision/, false],
  ['the list of files', /\/tree\//, false],
  ['the card', /README\.md/, false],
  ['the first byte of a shard', /model\.safetensors/, true],
];

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['never comes', () => undefined],
  ['stops before its first byte', (response, { status }) => response.writeHead(status, { 'content-length': 1000 }).flushHeaders()],
  ['breaks off before its first byte', (response) => response.socket?.destroy()],
  [
    'announces more than it sends',
    (response, { status }) => {
      response.writeHead(status, { 'content-length': 100_000 }).flushHeaders();
      setTimeout(() => response.socket?.end(), 20);
    },
  ],
  ['is a page of HTML', (response) => response.writeHead(503).end('<html>upstream error</html>')],
  ['leads into the network of the machine', (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end()],
  ['leads to a name that is inside', (response) => response.writeHead(307, { location: 'http://inside.test/' }).end()],
  ['leads in a circle', (response) => response.writeHead(302, { location: '?again' }).end()],
  ['is refused without a token', (response) => response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end()],
  ['is missing', (response) => response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end()],
  ['is one too many', (response) => response.writeHead(429, { ratelimit: '"api";r=0;t=100' }).end()],
];

describe.each(PLACES)('when %s', (_, place, ranged) => {
  it.each(FAULTS)('%s, it is no evidence', async (_fault, fault) => {
    const { subjects } = await read(place, ranged, fault);
    const [subject] = subjects;
    expect(subject?.gated).not.toBe(true);
    expect([subject?.retrieval.status, subject?.presence.present]).not.toEqual(['retrieved', true]);
    if (subject?.retrieval.status === 'unavailable') expect([subject.claims, subject.files]).toEqual([[], []]);
  });
});

describe('a Hub that changes its mind', () => {
  it.each<readonly [string, RegExp, Fault]>([
    ['another card than the list says', /README\.md/, (response, answer, body) => send(response, answer, `${body}more`)],
    [
      'another commit than was asked for',
      /\/revision\//,
      (response, answer, body) => send(response, answer, body.replaceAll(SHA, 'b'.repeat(40))),
    ],
    [
      'a card of the same length with another licence',
      /README\.md/,
      (response, answer, body) => send(response, answer, body.replace('apache', 'cc-by-')),
    ],
    ['a list that is none', /\/tree\//, (response, answer) => send(response, answer, '{"error":"none"}')],
  ])('with %s is not believed', async (_, place, fault) => {
    const { subjects } = await read(place, false, fault);
    expect(subjects[0]?.retrieval.status).toBe('unavailable');
  });

  it('and without a fault is read', async () => {
    const { subjects } = await read(/nothing/, false, () => undefined);
    expect(subjects[0]).toMatchObject({ retrieval: { status: 'retrieved' }, presence: { present: true }, gated: false });
  });
});
