import type { Catalog, InstanceType, RegionPrice } from '../schema';
import { badPriceList, type PriceList } from './listed';

/** Where a price list came from. */
export interface Provenance {
  /** URL without user and query, or the name of the file. */
  readonly from: string;
  readonly sha256: string;
  readonly etag: string | null;
  readonly bytes: number;
}

/** One price that is not what it was. */
export interface PriceChange {
  readonly what: string;
  readonly region: string;
  readonly kind: 'changed' | 'new' | 'gone' | 'confirmed';
  readonly from: number | null;
  readonly to: number | null;
  /** Percent of the former price; null where there is none. */
  readonly percent: number | null;
}

export interface MergeOptions {
  readonly regions: readonly string[];
  readonly provenance: Provenance;
  /** Take a list that is older than the snapshot, or that misses many types. */
  readonly force: boolean;
}

export interface Merged {
  readonly instances: readonly InstanceType[];
  readonly prices: Catalog['prices'];
  readonly changes: readonly PriceChange[];
  /** Types and services compared. */
  readonly compared: number;
}

/** A list that misses more of the offered types than this is more likely cut off than AWS's decision. */
const MOST_GONE_SHARE = 0.1;

/**
 * The catalogue with the prices of a list. A type that the list does not have is not offered in the region;
 * one that it has without an on-demand price is "unknown"; spot ranges and other regions stay as they are.
 *
 * @throws KitError E_PRICE_LIST when the list has none of a region, is older than the snapshot, or misses many types
 */
export function mergePrices(catalog: Pick<Catalog, 'instances' | 'prices'>, list: PriceList, options: MergeOptions): Merged {
  const changes: PriceChange[] = [];
  for (const region of options.regions) guard(catalog, list, region, options.force);
  const detail = `AWS Price List of ${day(list)}`;
  const instances = catalog.instances.map((instance) => ({
    ...instance,
    price: {
      ...instance.price,
      ...Object.fromEntries(options.regions.map((region) => [region, priceIn(instance, region)])),
    },
  }));
  const services = catalog.prices.services.map((service) => {
    const found = options.regions.flatMap((region) => {
      const usd = list.services.get(region)?.get(service.key)?.usd;
      if (usd === undefined || usd === null) return [];
      note(service.key, region, service.usd[region] ?? null, usd, service.sources?.[region] !== undefined);
      return [[region, usd] as const];
    });
    if (found.length === 0) return service;
    return {
      ...service,
      usd: { ...service.usd, ...Object.fromEntries(found) },
      sources: { ...service.sources, ...Object.fromEntries(found.map(([region]) => [region, detail])) },
    };
  });
  return { instances, prices: { ...withProvenance(catalog.prices, list, options), services }, changes, compared: compared() };

  function priceIn(instance: InstanceType, region: string): RegionPrice {
    const listed = list.instances.get(region)?.get(instance.type);
    const before = instance.price[region];
    const usd = listed?.usd ?? null;
    note(instance.type, region, before?.usdPerHour ?? null, usd, before?.basis === 'sourced');
    if (!listed) return { usdPerHour: null, basis: 'not-offered', detail: `not in the ${detail}` };
    if (usd === null) return { usdPerHour: null, basis: 'unknown', detail: `in the ${detail} without an on-demand price` };
    return { usdPerHour: usd, basis: 'sourced', detail };
  }

  function note(what: string, region: string, from: number | null, to: number | null, wasSourced: boolean): void {
    if (from === to && (wasSourced || to === null)) return;
    const kind = from === to ? 'confirmed' : from === null ? 'new' : to === null ? 'gone' : 'changed';
    changes.push({ what, region, kind, from, to, percent: from !== null && to !== null ? (to / from - 1) * 100 : null });
  }

  function compared(): number {
    return options.regions.reduce((sum, region) => sum + catalog.instances.length + (list.services.get(region)?.size ?? 0), 0);
  }
}

function guard({ instances, prices }: Pick<Catalog, 'instances' | 'prices'>, list: PriceList, region: string, force: boolean): void {
  const listed = list.instances.get(region);
  if (!listed || listed.size === 0) {
    throw badPriceList(`it has no on-demand Linux price in ${region}.`, 'take the price list of that region, or of all regions.');
  }
  if (force) return;
  const before = prices.refreshed?.[region]?.publicationDate.slice(0, 10) ?? prices.date;
  if (day(list) < before) {
    throw badPriceList(
      `it was published on ${day(list)}, and the prices of ${region} are of ${before}.`,
      'take a newer one, or add --force.',
    );
  }
  const offered = instances.filter((instance) => instance.price[region]?.usdPerHour != null);
  const gone = offered.filter((instance) => !listed.has(instance.type));
  if (gone.length > offered.length * MOST_GONE_SHARE) {
    const names = gone.slice(0, 5).map((instance) => instance.type);
    throw badPriceList(
      `it lacks ${gone.length} of ${offered.length} types that are offered in ${region} (${names.join(', ')}${gone.length > names.length ? ', …' : ''}); it may be cut off.`,
      'download it again, or add --force if AWS really withdrew them.',
    );
  }
}

function withProvenance(prices: Catalog['prices'], list: PriceList, { regions, provenance }: MergeOptions): Catalog['prices'] {
  const refreshed = { publicationDate: list.publicationDate, version: list.version, ...provenance };
  const source = `AWS Price List, AmazonEC2, published ${list.publicationDate}, version ${list.version} (sha256 ${provenance.sha256.slice(0, 16)}…)`;
  return {
    ...prices,
    sources: { ...prices.sources, ...Object.fromEntries(regions.map((region) => [region, source])) },
    refreshed: { ...prices.refreshed, ...Object.fromEntries(regions.map((region) => [region, refreshed])) },
  };
}

function day(list: PriceList): string {
  return list.publicationDate.slice(0, 10);
}
