import { instancesOf } from '../../catalog/find';
import type { Catalog, InstanceType } from '../../catalog/schema';
import { unknownFigure } from '../../core/figure';
import { nodePrice } from '../price/node-price';
import type { HourlyPrice } from './types';

/**
 * On-demand price of the cheapest machine with enough of a card, or of the machine that was named.
 * A card that no instance type has, or a price nobody knows, is unknown, never 0.
 */
export function hourlyPrice(
  catalog: Catalog,
  gpu: string | null,
  cards: number,
  region: string,
  instanceType: string | undefined,
): HourlyPrice {
  const candidates = instanceType === undefined ? withCard(catalog, gpu, cards) : instancesOf(catalog, [instanceType]);
  const priced = candidates
    .map((instance) => ({ instance, price: nodePrice(instance, region, 'on-demand', catalog) }))
    .flatMap(({ instance, price }) => (price.kind === 'price' ? [{ instance, figure: price.usdPerHour }] : []))
    .sort((a, b) => (a.figure.value ?? 0) / replicasOf(a.instance, cards) - (b.figure.value ?? 0) / replicasOf(b.instance, cards));
  const cheapest = priced[0];
  if (cheapest) {
    const { instance, figure } = cheapest;
    return { figure, instanceType: instance.type, region, replicas: replicasOf(instance, cards) };
  }
  return { figure: unknownFigure(whyUnknown(candidates, gpu, cards, region)), instanceType: null, region, replicas: 1 };
}

function withCard(catalog: Catalog, gpu: string | null, cards: number): readonly InstanceType[] {
  if (gpu === null) return [];
  return catalog.instances.filter((instance) => instance.gpu === gpu && !instance.fractionalGpu && instance.gpuCount >= cards);
}

function replicasOf(instance: InstanceType, cards: number): number {
  return instance.gpu === null ? 1 : Math.max(1, Math.floor(instance.gpuCount / cards));
}

function whyUnknown(candidates: readonly InstanceType[], gpu: string | null, cards: number, region: string): string {
  if (gpu === null && candidates.length === 0) return 'no instance type was named';
  if (candidates.length === 0) return `no instance type of the catalogue has ${cards > 1 ? `${cards} x ` : ''}${gpu}`;
  const offered = candidates.filter((instance) => instance.price[region]?.basis !== 'not-offered');
  const names = candidates.map((instance) => instance.type).join(', ');
  return offered.length === 0
    ? `${names}: not offered in ${region}`
    : `the price of ${offered.map((instance) => instance.type).join(', ')} in ${region} is not known`;
}
