import { findService } from '../../catalog/find';
import type { Catalog, ServicePrice } from '../../catalog/schema';
import { type Figure, sumFigures, unknownFigure, weakestBasis } from '../../core/figure';
import type { Plan } from '../plan';
import { SURROUNDINGS, type Usage } from './surroundings';

type CostLine = Plan['cost']['lines'][number];

/** What a month of nodes depends on. */
export interface NodeMonth {
  /** Nodes that the peak needs; all of them for all hours is the value. */
  readonly nodes: number;
  /** Nodes that the average load needs: the low end, with autoscaling. */
  readonly nodesOnAverage: number;
  /** Nodes that the peak needs at the slow end of the speed constants: the high end. */
  readonly nodesAtMost: number;
  /** How far nodesAtMost can be trusted. */
  readonly basis: 'calibrated' | 'extrapolated';
  readonly hoursPerMonth: number;
  readonly usdPerNodeHour: Figure;
}

/** Monthly line of the nodes, in US dollars. */
export function nodeLine(month: NodeMonth): CostLine {
  const { nodes, nodesOnAverage, nodesAtMost, hoursPerMonth, usdPerNodeHour: price } = month;
  const key = 'nodes';
  const title = 'Nodes for the model';
  const formula = `${nodes} node(s) x ${hoursPerMonth} h`;
  const bought = { quantity: nodes * hoursPerMonth, unit: 'hour', usdPerUnit: price.value };
  if (price.value === null || price.low === null || price.high === null) {
    return { key, title, usdPerMonth: unknownFigure(price.source), formula, ...bought };
  }
  return {
    key,
    title,
    formula,
    ...bought,
    usdPerMonth: {
      value: nodes * hoursPerMonth * price.value,
      low: Math.min(nodes, nodesOnAverage) * hoursPerMonth * price.low,
      high: Math.max(nodes, nodesAtMost) * hoursPerMonth * price.high,
      basis: nodesAtMost > nodes ? weakestBasis(month.basis, price.basis) : price.basis === 'sourced' ? 'derived' : price.basis,
      source: price.source,
    },
  };
}

/** Monthly lines of what stands around the nodes on AWS; prices that the catalogue has not checked say so in their source. */
export function surroundingLines(catalog: Catalog, region: string, usage: Usage): readonly CostLine[] {
  return SURROUNDINGS.map(({ service: key, title, units, formula }): CostLine => {
    const service = findService(catalog, key);
    const usd = service.usd[region];
    const source = `${service.title}: ${usd ?? 'no'} USD per ${service.unit} in ${region} ${provenance(service, region)}`;
    const amount = units(usage);
    const bought = { quantity: amount.value, unit: service.unit, usdPerUnit: usd ?? null };
    if (usd === undefined) return { key, title, formula, usdPerMonth: unknownFigure(source), ...bought };
    const figure: Figure = { value: amount.value * usd, low: amount.low * usd, high: amount.high * usd, basis: 'derived', source };
    return { key, title, formula, usdPerMonth: figure, ...bought };
  });
}

/** A price list or a contract that came later says more than the source of the whole row. */
function provenance(service: ServicePrice, region: string): string {
  const own = service.sources?.[region];
  return own === undefined ? `(${service.basis}). ${service.source}` : `(sourced). ${own}`;
}

/** Sum of the lines; unknown as soon as one of them is. */
export function monthOf(lines: readonly CostLine[]): Figure {
  return sumFigures(
    lines.map((line) => line.usdPerMonth),
    'sum of the monthly lines; the high end runs all replicas of the peak all hours',
  );
}
