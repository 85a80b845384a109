import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KitError } from '../../core/error';
import { writeFileAtomically } from '../../core/text-file';
import { findRegion } from '../find';
import { loadCatalog, readCatalog } from '../load';
import { instancesText, pricesText } from './catalog-text';
import { download, forget } from './download';
import { badPriceList, type PriceList } from './listed';
import { type Merged, mergePrices, type Provenance } from './merge';
import { readOfferCsv } from './offer-csv';
import { readOfferJson } from './offer-json';
import { readOfferProducts } from './offer-products';

export interface RefreshOptions {
  /** https address or file of an offer file of the AWS Price List, JSON or CSV; or the products of a region as the Price List API gives them. */
  readonly from: string | ((region: string) => AsyncIterable<string>);
  /** Folder of the catalogue. */
  readonly folder: string;
  /** Regions to take; those of the catalogue that the list has when none is named. */
  readonly region?: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly fetch: typeof globalThis.fetch;
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

export interface Refreshed extends Merged {
  readonly list: Pick<PriceList, 'publicationDate' | 'version'>;
  readonly provenance: Provenance;
  readonly regions: readonly string[];
  readonly written: readonly string[];
}

/** Bytes read at once; more does not make it faster. */
const CHUNK_BYTES = 2 ** 20;

/**
 * Takes the prices of an AWS price list into the snapshot of the catalogue: all of it or nothing.
 * @throws KitError E_PRICE_LIST, E_PRICE_DOWNLOAD, E_FILE_MISSING, E_REGION_UNKNOWN, E_OUT_UNWRITABLE; the catalogue is then as it was
 */
export async function refreshPrices(options: RefreshOptions): Promise<Refreshed> {
  const catalog = loadCatalog(options.folder);
  const wanted = options.region === undefined ? catalog.prices.regions : [findRegion(catalog, options.region)];
  const { list, provenance, fetched } =
    typeof options.from === 'string' ? await fromOffer(options.from, wanted, options) : await fromApi(options.from, wanted);
  const regions = wanted.filter((region) => list.instances.has(region));
  if (regions.length === 0)
    throw badPriceList(`it has no on-demand Linux price in ${wanted.join(', ')}.`, 'name another file, or another --region.');
  const merged = mergePrices(catalog, list, { regions, provenance, force: options.force });
  options.signal.throwIfAborted();
  const written = options.dryRun ? [] : write(options.folder, merged);
  if (fetched && !options.dryRun) forget(fetched);
  return { ...merged, list: { publicationDate: list.publicationDate, version: list.version }, provenance, regions, written };
}

interface Source {
  readonly list: PriceList;
  readonly provenance: Provenance;
  /** What was downloaded and may be forgotten once it is taken in. */
  readonly fetched?: Parameters<typeof forget>[0];
}

async function fromOffer(from: string, wanted: readonly string[], options: RefreshOptions): Promise<Source> {
  const remote = /^https?:\/\//.test(from);
  const fetched = remote ? await download(from, { folder: options.cacheFolder, fetch: options.fetch, signal: options.signal }) : undefined;
  const { list, sha256, bytes } = await readList(fetched?.file ?? from, new Set(wanted), options.signal);
  return { list, provenance: { from: nameOf(from, remote), sha256, etag: fetched?.etag ?? null, bytes }, fetched };
}

async function fromApi(products: (region: string) => AsyncIterable<string>, wanted: readonly string[]): Promise<Source> {
  async function* all(): AsyncGenerator<string> {
    for (const region of wanted) yield* products(region);
  }
  const { list, sha256, bytes } = await readOfferProducts(all(), new Set(wanted));
  return { list, provenance: { from: 'AWS Price List API, GetProducts', sha256, etag: null, bytes } };
}

async function readList(file: string, regions: ReadonlySet<string>, signal: AbortSignal) {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES, signal })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  }
  checkFile(file);
  const list = firstByte(file) === '{' ? await readOfferJson(chunks(), regions) : await readOfferCsv(chunks(), regions);
  return { list, sha256: hash.digest('hex'), bytes };
}

function checkFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  throw new KitError({
    code: found ? 'E_FILE_UNREADABLE' : 'E_FILE_MISSING',
    message: found ? 'the price list is no file.' : 'the price list does not exist.',
    location: { file },
    next: 'name a downloaded offer file, or its https address.',
  });
}

function firstByte(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(64);
    return head
      .toString('utf8', 0, readSync(handle, head, 0, head.length, 0))
      .trimStart()
      .charAt(0);
  } finally {
    closeSync(handle);
  }
}

/** Both files, or neither: the second one failing puts the first one back. What was written is loaded and checked once more. */
function write(folder: string, merged: Merged): readonly string[] {
  const files = [
    { file: join(folder, 'instances.json'), text: instancesText(merged.instances) },
    { file: join(folder, 'prices.json'), text: pricesText(merged.prices) },
  ].map((entry) => ({ ...entry, before: readFileSync(entry.file) }));
  try {
    for (const { file, text } of files) writeFileAtomically(file, text);
    readCatalog(folder);
  } catch (error) {
    for (const { file, before } of files) writeFileAtomically(file, before);
    throw error;
  }
  return files.map(({ file }) => file);
}

function nameOf(from: string, remote: boolean): string {
  if (!remote) return basename(from);
  const { origin, pathname } = new URL(from);
  return `${origin}${pathname}`;
}
