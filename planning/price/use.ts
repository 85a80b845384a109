import { type Figure, mapFigure, unknownFigure, weakestBasis } from '../../core/figure';
import type { Release } from '../../release/schema';
import type { Performance, Plan } from '../plan';
import type { RequestShape } from '../request';
import { SECONDS_PER_HOUR } from '../units';
import { requestsPerMonth } from './unit-cost';

const IMAGES_PER_UNIT = 1000;
const TOKENS_PER_UNIT = 1e6;
/** Share of the bill that is idle at the reported threshold. */
const HALF = 0.5;

/** What the prices per unit of use depend on. */
export interface UseInput {
  readonly load: Release['load'];
  readonly request: RequestShape;
  readonly replicas: number;
  readonly usdPerHour: Figure;
  readonly usdPerMonth: Figure;
  readonly performance: Performance;
}

/**
 * Price per unit of nodes that are busy all the time, at their knee: dollars an hour over what they serve in it. The range is that of the
 * throughput, low price with high throughput. Only the nodes count; what stands around them does not grow with use.
 */
export function saturatedCost(input: UseInput): Plan['cost']['saturated'] {
  const { performance, replicas, request } = input;
  const images = scaled(performance.requestsPerSecondPerReplica, replicas * request.images);
  const tokens = scaled(performance.outputTokensPerSecondPerReplica, replicas);
  return {
    usdPerThousandImages:
      request.images === 0 ? unknownFigure('the load has no images') : perUnit(input.usdPerHour, images, IMAGES_PER_UNIT, 'images'),
    usdPerMillionOutputTokens: perUnit(input.usdPerHour, tokens, TOKENS_PER_UNIT, 'output tokens'),
  };
}

/**
 * Idle cost and break-even. The nodes could serve C requests in their hours; the average load uses R / C of them, the rest waits.
 * Against an external price e for 1,000 images the own month M is cheaper from M x 1,000 / (e x images) requests on.
 *
 * @param usdPerMonthNodes  the nodes' line of the month
 * @param external  US dollars that somebody else asks for 1,000 images
 */
export function idleCost(input: UseInput, usdPerMonthNodes: Figure, external: number | undefined): Plan['cost']['idle'] {
  const { load, replicas, performance, request } = input;
  const requests = requestsPerMonth(load);
  const capacity = scaled(performance.requestsPerSecondPerReplica, replicas * SECONDS_PER_HOUR * load.hoursPerMonth);
  const utilisation = mapFigure(
    capacity,
    (most) => Math.min(1, requests / most),
    `${Math.round(requests)} requests a month over what ${replicas} replica(s) serve at the knee; ${capacity.source}`,
    'decreasing',
  );
  return {
    utilisation,
    usdPerMonth: idlePart(usdPerMonthNodes, utilisation),
    halfIdleRequestsPerMonth: capacity.value === null ? null : capacity.value * HALF,
    breakEven: external === undefined || request.images === 0 ? null : breakEven(input, requests, capacity, external),
  };
}

function breakEven(
  { usdPerMonth, request }: UseInput,
  requests: number,
  capacity: Figure,
  external: number,
): NonNullable<Plan['cost']['idle']['breakEven']> {
  const from = mapFigure(
    usdPerMonth,
    (usd) => (usd * IMAGES_PER_UNIT) / (external * request.images),
    `the whole month / (${external} USD per 1,000 images x ${request.images} image(s) a request)`,
  );
  return {
    externalUsdPerThousandImages: external,
    requestsPerMonth: from,
    reachable: from.value === null || capacity.value === null ? null : from.value <= capacity.value,
    reached: from.value === null ? null : requests >= from.value,
  };
}

function idlePart(nodes: Figure, utilisation: Figure): Figure {
  if (nodes.value === null || utilisation.value === null) return unknownFigure(nodes.value === null ? nodes.source : utilisation.source);
  const month = nodes.value;
  return {
    value: month * (1 - utilisation.value),
    low: month * (1 - (utilisation.high ?? 1)),
    high: month * (1 - (utilisation.low ?? 0)),
    basis: weakestBasis('derived', nodes.basis, utilisation.basis),
    source: `nodes x (1 - utilisation); ${nodes.source}`,
  };
}

function scaled(figure: Figure, factor: number): Figure {
  return mapFigure(figure, (value) => value * factor, figure.source);
}

function perUnit(usdPerHour: Figure, perSecond: Figure, units: number, what: string): Figure {
  if (usdPerHour.value === null || perSecond.value === null)
    return unknownFigure(usdPerHour.value === null ? usdPerHour.source : perSecond.source);
  const price = usdPerHour.value;
  const cost = (usd: number, rate: number) => (usd / (rate * SECONDS_PER_HOUR)) * units;
  return {
    value: cost(price, perSecond.value),
    low: cost(price, perSecond.high as number),
    high: cost(price, perSecond.low as number),
    basis: weakestBasis('derived', usdPerHour.basis, perSecond.basis),
    source: `nodes of the peak, busy all the time, over their ${what}; ${perSecond.source}`,
  };
}
