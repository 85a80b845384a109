import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { priceDate } from '../../catalog/find';
import { loadCatalog, readCatalog } from '../../catalog/load';
import { instancesText, pricesText } from '../../catalog/price-import/catalog-text';
import { JsonScanner } from '../../catalog/price-import/json-scanner';
import { type RefreshOptions, refreshPrices } from '../../catalog/price-import/refresh';
import { fromRoot } from '../../core/project-root';
import { type OfferOptions, offerCsv, offerJson } from './price-list-file';

const CATALOG = loadCatalog();
const REGION = 'us-east-1';

let folder: string;
let catalogFolder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovkit-prices-'));
  catalogFolder = join(folder, 'catalog');
  cpSync(fromRoot('catalog'), catalogFolder, { recursive: true, filter: (source) => !source.endsWith('.ts') });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const snapshotPrice = (type: string) =>
  CATALOG.instances.find((instance) => instance.type === type)?.price[REGION]?.usdPerHour ?? undefined;
const offer = (change: Partial<OfferOptions> = {}): OfferOptions => ({ region: REGION, price: snapshotPrice, ...change });
const json = (change: Partial<OfferOptions> = {}) => [...offerJson(CATALOG, offer(change))].join('');

function refresh(from: string, change: Partial<RefreshOptions> = {}) {
  return refreshPrices({
    from,
    folder: catalogFolder,
    dryRun: false,
    force: false,
    fetch: globalThis.fetch,
    cacheFolder: join(folder, 'cache'),
    signal: new AbortController().signal,
    ...change,
  });
}

function file(content: string, name = 'index.json'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const bytes = () => ['instances.json', 'prices.json'].map((name) => readFileSync(join(catalogFolder, name), 'utf8'));

describe('a price list in JSON', () => {
  it('brings exactly its on-demand Linux prices on shared hardware, with where they come from', async () => {
    const result = await refresh(file(json({ price: (type) => (type === 'g6.xlarge' ? 0.7123 : snapshotPrice(type)) })));
    const after = readCatalog(catalogFolder);
    const price = (type: string) => after.instances.find((instance) => instance.type === type)?.price;
    expect(price('g6.xlarge')?.[REGION]).toEqual({ usdPerHour: 0.7123, basis: 'sourced', detail: 'AWS Price List of 2026-11-20' });
    expect(price('g5.xlarge')?.[REGION]?.usdPerHour).toBe(1.006);
    expect(price('g6.xlarge')?.['us-west-2']).toEqual(CATALOG.instances.find((i) => i.type === 'g6.xlarge')?.price['us-west-2']);
    expect(after.prices.refreshed?.[REGION]).toMatchObject({
      from: 'index.json',
      version: '20261120101112',
      publicationDate: '2026-11-20T10:11:12Z',
    });
    expect(priceDate(after, REGION)).toBe('2026-11-20');
    expect(priceDate(after, 'eu-west-1')).toBe('2026-07-20');
    expect(result.changes).toContainEqual(expect.objectContaining({ what: 'g6.xlarge', kind: 'changed', from: 0.8048, to: 0.7123 }));
    expect(result.changes.find((change) => change.what === 'g6.xlarge')?.percent).toBeCloseTo(-11.49, 1);
    expect(result.changes.filter((change) => change.kind === 'changed').map((change) => change.what)).toEqual([
      'g6.xlarge',
      'system-node-hour',
      'nat-gateway-hour',
      'nat-gateway-gb',
      'ebs-gp3',
    ]);
  });

  it('tells a type that is not offered from one without an on-demand price', async () => {
    await refresh(file(json({ price: (type) => (type === 'g6.xlarge' ? undefined : type === 'g6.2xlarge' ? null : snapshotPrice(type)) })));
    const price = (type: string) => readCatalog(catalogFolder).instances.find((instance) => instance.type === type)?.price[REGION];
    expect(price('g6.xlarge')).toMatchObject({ usdPerHour: null, basis: 'not-offered' });
    expect(price('g6.2xlarge')).toMatchObject({ usdPerHour: null, basis: 'unknown' });
  });

  it('changes only the lines of prices that changed', async () => {
    const before = bytes()[0]?.split('\n') ?? [];
    await refresh(file(json({ price: (type) => (type === 'g6.xlarge' ? 0.7 : snapshotPrice(type)) })));
    const after = bytes()[0]?.split('\n') ?? [];
    expect(after).toHaveLength(before.length);
    expect(after.every((line, index) => line === before[index] || line.includes('"us-east-1"'))).toBe(true);
  });

  it('writes nothing on a dry run', async () => {
    const before = bytes();
    const result = await refresh(file(json({ price: () => 1 })), { dryRun: true });
    expect(result.changes.length).toBeGreaterThan(100);
    expect(bytes()).toEqual(before);
  });
});

describe('a price list in CSV', () => {
  it('brings the same prices as the one in JSON', async () => {
    const price = (type: string) => (snapshotPrice(type) === undefined ? undefined : 2 + type.length / 7);
    await refresh(file(json({ price })), { region: REGION });
    const fromJson = readCatalog(catalogFolder);
    await refresh(file(offerCsv(CATALOG, offer({ price })), 'index.csv'), { region: REGION });
    const fromCsv = readCatalog(catalogFolder);
    expect(fromCsv.instances).toEqual(fromJson.instances);
    expect(fromCsv.prices.services).toEqual(fromJson.prices.services);
  });
});

describe('a list that cannot be used', () => {
  const cases: readonly [title: string, content: () => string, message: RegExp][] = [
    ['cut off in the middle', () => json().slice(0, -2000), /ends in the middle/],
    ['cut off by one byte', () => json().slice(0, -1), /ends in the middle/],
    ['of another offer', () => json({ offerCode: 'AmazonRDS' }), /is the offer "AmazonRDS"/],
    ['in another currency', () => json({ currency: 'CNY' }), /is in CNY, not in USD/],
    ['of another region', () => json({ region: 'ap-south-1' }), /no on-demand Linux price in us-east-1/],
    ['older than the snapshot', () => json({ publicationDate: '2026-07-19T00:00:00Z' }), /published on 2026-07-19.*2026-07-20/],
    ['without a date', () => json({ publicationDate: 'soon' }), /publication date is "soon"/],
    [
      'that lacks many types',
      () => json({ price: (type) => (type.startsWith('g6') ? snapshotPrice(type) : undefined) }),
      /lacks \d+ of \d+ types/,
    ],
    ['that is an error page', () => '<html>Access Denied</html>', /.+/],
    ['that is empty', () => '', /.+/],
    ['with a bracket too many', () => `${json()}}`, /unexpected "}"/],
    ['with another shape', () => json().replaceAll('"pricePerUnit"', '"pricePerUnits"'), /another shape/],
    ['in CSV, cut off in a row', () => offerCsv(CATALOG, offer()).slice(0, -20), /middle of a row/],
    ['in CSV, of another offer', () => offerCsv(CATALOG, offer({ offerCode: 'AmazonS3' })), /is the offer "AmazonS3"/],
    ['in CSV, in another currency', () => offerCsv(CATALOG, offer({ currency: 'CNY' })), /is in CNY/],
  ];
  it.each(cases)('%s leaves the catalogue as it was', async (_title, content, message) => {
    const before = bytes();
    const refusal = refresh(file(content()), { region: REGION });
    await expect(refusal).rejects.toMatchObject({ code: 'E_PRICE_LIST', message: expect.stringMatching(message) });
    expect(bytes()).toEqual(before);
  });

  it('puts both files back when what was written does not load', async () => {
    const before = bytes();
    const list = file(json({ price: () => 1 }));
    // The catalogue is read once more after writing; by then another of its files is broken.
    loadCatalog(catalogFolder);
    writeFileSync(join(catalogFolder, 'gpus.json'), '[]');
    await expect(refresh(list)).rejects.toMatchObject({ code: 'E_CATALOG_INVALID' });
    expect(bytes()).toEqual(before);
  });

  it('is taken with --force only where it is old or short', async () => {
    await refresh(file(json({ publicationDate: '2026-07-19T00:00:00Z' })), { force: true });
    expect(priceDate(readCatalog(catalogFolder), REGION)).toBe('2026-07-19');
    await expect(refresh(file(json({ currency: 'CNY' })), { force: true })).rejects.toThrow(/CNY/);
  });
});

describe('a download', () => {
  /** What came down is kept once it is on disk; a connection that breaks earlier leaves nothing to go on from. */
  function whenSomethingCame(then: () => void): void {
    const cache = join(folder, 'cache');
    const there = existsSync(cache) && readdirSync(cache).some((name) => name.endsWith('.part') && statSync(join(cache, name)).size > 1000);
    if (there) then();
    else setTimeout(() => whenSomethingCame(then), 10);
  }

  /** A server that breaks the connection after so many bytes, and answers range requests. */
  async function serve(
    content: string,
    breakAfter: number,
    work: (url: string, requests: (string | undefined)[]) => Promise<void>,
    etag = () => '"v1"',
  ) {
    const requests: (string | undefined)[] = [];
    const body = Buffer.from(content);
    const server = createServer((request, response) => {
      requests.push(request.headers.range);
      const from = request.headers['if-range'] === etag() ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
      const part = body.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, {
        etag: etag(),
        'content-length': part.length,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
      });
      if (requests.length === 1 && part.length > breakAfter) {
        response.write(part.subarray(0, breakAfter), () => whenSomethingCame(() => response.destroy()));
      } else response.end(part);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/offers/index.json?token=secret`, requests);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('goes on where the connection broke, and names address and ETag but no query', async () => {
    await serve(json(), 100_000, async (url, requests) => {
      const result = await refresh(url);
      expect(requests).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d{3,}-$/)]);
      expect(result.provenance).toMatchObject({ etag: '"v1"' });
      expect(JSON.stringify(result.provenance)).not.toContain('secret');
    });
  });

  it('starts anew when the file on the server is another one', async () => {
    let asked = 0;
    await serve(
      json(),
      100_000,
      async (url) => {
        const result = await refresh(url);
        expect(result.regions).toEqual([REGION]);
      },
      () => (asked++ < 2 ? '"v1"' : '"v2"'),
    );
  });

  it('refuses plain http and says so', async () => {
    await expect(refresh('http://example.com/index.json')).rejects.toThrow(/https only/);
  });

  it('says what the server answered', async () => {
    const fetch = async () => new Response('no', { status: 403 });
    await expect(refresh('https://example.com/index.json', { fetch })).rejects.toThrow(/E_PRICE_DOWNLOAD.*403/);
  });
});

describe('the files of the catalogue', () => {
  it('are written as they are shipped', () => {
    expect(instancesText(CATALOG.instances)).toBe(readFileSync(fromRoot('catalog/instances.json'), 'utf8'));
    expect(pricesText(CATALOG.prices)).toBe(readFileSync(fromRoot('catalog/prices.json'), 'utf8'));
  });
});

describe('the scanner', () => {
  it('takes the same values as JSON.parse, however the text is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (value, size, pretty) => {
          const text = Buffer.from(JSON.stringify(value, null, pretty ? 2 : 0));
          const taken: Record<string, unknown> = Object.create(null);
          const scanner = new JsonScanner({
            interest: (path) => (path.length === 0 ? 'enter' : 'take'),
            take: ([key], part) => {
              taken[key as string] = JSON.parse(part);
            },
          });
          for (let at = 0; at < text.length; at += size) scanner.feed(text.subarray(at, at + size));
          scanner.end();
          expect({ ...taken }).toEqual(JSON.parse(text.toString()));
        },
      ),
    );
  });
});
