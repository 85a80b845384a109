import type { Catalog, InstanceType } from '../../catalog/schema';
import { exactFigure, type Figure, unknownFigure } from '../../core/figure';
import type { Capacity } from '../../release/schema';

/** Price of one node per hour, or why there is none. */
export type NodePrice =
  | { readonly kind: 'price'; readonly usdPerHour: Figure }
  | { readonly kind: 'not-offered'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly usdPerHour: Figure; readonly reason: string };

/**
 * US dollars per hour of one node. "Not offered here" and "price not known" are different answers, and neither is 0.
 * Reserved capacity (On-Demand Capacity Reservations) is billed at the on-demand rate. Spot is the range of the snapshot; its middle is the value.
 */
export function nodePrice(instance: InstanceType, region: string, capacity: Capacity, catalog: Catalog): NodePrice {
  const entry = instance.price[region];
  if (entry?.basis === 'not-offered')
    return { kind: 'not-offered', reason: `${instance.type} is not offered in ${region} (${entry.detail}).` };
  if (capacity === 'spot') return spotPrice(instance, region, catalog);
  if (!entry || entry.usdPerHour === null || entry.basis === 'unknown') {
    return unknownPrice(`the price of ${instance.type} in ${region} is not known (${entry?.detail ?? 'no row in the snapshot'})`);
  }
  const source = entry.contract && !entry.contract.ended ? entry.contract.source : (catalog.prices.sources[region] ?? 'price snapshot');
  const basis = entry.basis === 'sourced' ? 'sourced' : 'derived';
  const billed = capacity === 'reserved' ? '; a capacity reservation is billed at this rate, used or not' : '';
  return { kind: 'price', usdPerHour: exactFigure(entry.usdPerHour, basis, `${entry.detail}; ${source}${billed}`) };
}

function spotPrice(instance: InstanceType, region: string, catalog: Catalog): NodePrice {
  const range = instance.spotUsdPerHourRange[region];
  if (!range) return unknownPrice(`no spot price of ${instance.type} in ${region} was seen`);
  const [low, high] = range;
  return {
    kind: 'price',
    usdPerHour: {
      value: (low + high) / 2,
      low,
      high,
      basis: 'derived',
      source: `middle of the zones seen; spot moves all the time and can be taken away at two minutes' notice; ${catalog.prices.sources.spot ?? ''}`,
    },
  };
}

function unknownPrice(reason: string): NodePrice {
  return { kind: 'unknown', usdPerHour: unknownFigure(reason), reason: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.` };
}
