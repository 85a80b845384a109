import { findService } from '../../catalog/find';
import type { Catalog } from '../../catalog/schema';
import { type Figure, sumFigures, unknownFigure } from '../../core/figure';
import type { Plan } from '../plan';
import { SURROUNDINGS, type Usage } from './surroundings';

type CostLine = Plan['cost']['lines'][number];

/** What a month of nodes depends on. */
export interface NodeMonth {
  /** Nodes that the peak needs; all of them for all hours is the value. */
  readonly nodes: number;
  /** Nodes that the average load needs: the low end, with autoscaling. */
  readonly nodesOnAverage: number;
  readonly hoursPerMonth: number;
  readonly usdPerNodeHour: Figure;
}

/** Monthly line of the nodes, in US dollars. */
export function nodeLine(month: NodeMonth): CostLine {
  const { nodes, nodesOnAverage, hoursPerMonth, usdPerNodeHour: price } = month;
  const key = 'nodes';
  const title = 'Nodes for the model';
  const formula = `${nodes} node(s) x ${hoursPerMonth} h`;
  if (price.value === null || price.low === null || price.high === null) {
    return { key, title, usdPerMonth: unknownFigure(price.source), formula };
  }
  return {
    key,
    title,
    formula,
    usdPerMonth: {
      value: nodes * hoursPerMonth * price.value,
      low: Math.min(nodes, nodesOnAverage) * hoursPerMonth * price.low,
      high: nodes * hoursPerMonth * price.high,
      basis: price.basis === 'sourced' ? 'derived' : price.basis,
      source: price.source,
    },
  };
}

/** Monthly lines of what stands around the nodes on AWS; prices that the catalogue has not checked say so in their source. */
export function surroundingLines(catalog: Catalog, region: string, usage: Usage): readonly CostLine[] {
  return SURROUNDINGS.map(({ service: key, title, units, formula }): CostLine => {
    const service = findService(catalog, key);
    const usd = service.usd[region];
    const source = `${service.title}: ${usd ?? 'no'} USD per ${service.unit} in ${region} (${service.basis}). ${service.source}`;
    if (usd === undefined) return { key, title, formula, usdPerMonth: unknownFigure(source) };
    const amount = units(usage);
    const figure: Figure = { value: amount.value * usd, low: amount.low * usd, high: amount.high * usd, basis: 'derived', source };
    return { key, title, formula, usdPerMonth: figure };
  });
}

/** Sum of the lines; unknown as soon as one of them is. */
export function monthOf(lines: readonly CostLine[]): Figure {
  return sumFigures(
    lines.map((line) => line.usdPerMonth),
    'sum of the monthly lines; the high end runs all replicas of the peak all hours',
  );
}
