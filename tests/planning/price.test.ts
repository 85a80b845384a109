import { describe, expect, it } from 'vitest';
import { exactFigure, unknownFigure } from '../../core/figure';
import { checkBudget } from '../../planning/price/budget';
import { monthOf, nodeLine, surroundingLines } from '../../planning/price/month';
import { nodePrice } from '../../planning/price/node-price';
import { quotaFor } from '../../planning/price/quota';
import { CATALOG, node, plan } from './support';

const instance = (type: string) => node(type).instance as NonNullable<ReturnType<typeof node>['instance']>;

describe('price of a node', () => {
  it('is exactly that of the snapshot, with its date', () => {
    const price = nodePrice(instance('g6e.xlarge'), 'us-east-1', 'on-demand', CATALOG);
    expect(price).toMatchObject({ kind: 'price', usdPerHour: { value: 1.861, low: 1.861, high: 1.861, basis: 'sourced' } });
    expect(price.kind === 'price' && price.usdPerHour.source).toContain('2026-07-20');
  });

  it('tells apart a type that is not offered and a price that nobody knows', () => {
    expect(nodePrice(instance('g6.xlarge'), 'eu-west-1', 'on-demand', CATALOG).kind).toBe('not-offered');
    expect(nodePrice(instance('c7g.xlarge'), 'eu-west-1', 'on-demand', CATALOG)).toMatchObject({
      kind: 'unknown',
      usdPerHour: { value: null },
    });
    expect(nodePrice(instance('g6.2xlarge'), 'us-east-1', 'spot', CATALOG).kind).toBe('unknown');
  });

  it('is the on-demand rate for a reservation', () => {
    expect(nodePrice(instance('g6.xlarge'), 'us-east-1', 'reserved', CATALOG)).toMatchObject({
      kind: 'price',
      usdPerHour: { value: 0.8048 },
    });
  });
});

describe('a month', () => {
  const usage = { nodes: 1, volumeGib: 60, hoursPerMonth: 200, requestsPerMonth: 144_000, weightsGb: 9.5, imageGb: 22 };

  it('has the control plane, NAT, system nodes, storage, logs and keys, all of the 730 hours', () => {
    const lines = surroundingLines(CATALOG, 'us-east-1', usage);
    const usd = (key: string) => lines.find((line) => line.key === key)?.usdPerMonth.value;
    expect(usd('eks-control-plane')).toBeCloseTo(73, 6);
    expect(usd('nat-gateway-hour')).toBeCloseTo(32.85, 6);
    expect(usd('system-node-hour')).toBeCloseTo(2 * 730 * 0.0336, 6);
    expect(usd('kms-key')).toBe(1);
    expect(usd('ebs-gp3')).toBeCloseTo(((60 * 200) / 730 + 40) * 0.08, 6);
    for (const line of lines) expect(line.usdPerMonth.source).toContain('unverified');
  });

  it('bills nodes for the hours of use, and for fewer of them at the low end', () => {
    const line = nodeLine({
      nodes: 3,
      nodesOnAverage: 2,
      nodesAtMost: 4,
      basis: 'extrapolated',
      hoursPerMonth: 100,
      usdPerNodeHour: exactFigure(1, 'sourced', 's'),
    });
    expect(line.usdPerMonth).toMatchObject({ value: 300, low: 200, high: 400, basis: 'extrapolated' });
  });

  it('is unknown as soon as one line is', () => {
    const line = nodeLine({
      nodes: 1,
      nodesOnAverage: 1,
      nodesAtMost: 1,
      basis: 'extrapolated',
      hoursPerMonth: 100,
      usdPerNodeHour: unknownFigure('never seen'),
    });
    expect(monthOf([line, ...surroundingLines(CATALOG, 'us-east-1', usage)])).toMatchObject({ value: null, basis: 'unknown' });
  });
});

describe('unit price', () => {
  it('is the whole month over the images and tokens of the average load', () => {
    const { cost, request } = plan();
    const requests = 0.2 * 3600 * 200;
    const month = cost.usdPerMonth.value ?? Number.NaN;
    expect(cost.usdPerThousandImages.value).toBeCloseTo((month / requests) * 1000, 9);
    expect(cost.usdPerMillionTokens.value).toBeCloseTo((month / (requests * request.totalTokens)) * 1e6, 9);
  });

  it('takes half of the peak when the release names no average', () => {
    expect(plan({ load: { averageRequestsPerSecond: undefined } }).cost.usdPerThousandImages.value).toBeCloseTo(
      ((plan({ load: { averageRequestsPerSecond: 0.25 } }).cost.usdPerThousandImages.value ?? 0) * 1) as number,
      9,
    );
  });
});

describe('budget', () => {
  it('neither keeps nor breaks a limit when the price is not known', () => {
    const { budget, problems } = checkBudget({ monthlyUsd: 1, usdPerThousandImages: 1 }, unknownFigure('x'), unknownFigure('x'));
    expect(budget).toMatchObject({ withinMonthly: null, withinThousandImages: null });
    expect(problems).toEqual([]);
  });

  it('is kept at the limit itself', () => {
    expect(checkBudget({ monthlyUsd: 5 }, exactFigure(5, 'derived', 'x'), unknownFigure('x')).budget.withinMonthly).toBe(true);
  });
});

it('quotas go by family and capacity, in vCPU', () => {
  expect(quotaFor(instance('p5.4xlarge'), 'on-demand', 1)).toMatchObject({ code: 'L-417A185B', vcpuNeeded: 32 });
  expect(quotaFor(instance('gr6.4xlarge'), 'on-demand', 1)?.code).toBe('L-DB2E81BA');
  expect(quotaFor(instance('c8i.4xlarge'), 'spot', 1)?.code).toBe('L-34B43A08');
});

describe('the range of the price', () => {
  it('runs from the nodes of the fast end to those of the slow end of the speed', () => {
    const { placement, cost } = plan({
      load: { peakRequestsPerSecond: 5 },
      placement: { maxReplicas: 40, instanceFamilies: ['g6.xlarge'] },
    });
    const { low, high } = placement.replicasRange;
    expect(low).toBeLessThan(placement.replicas);
    expect(high).toBeGreaterThan(placement.replicas);
    expect(cost.usdPerHour.low).toBeCloseTo(low * 0.8048, 9);
    expect(cost.usdPerHour.high).toBeCloseTo(high * 0.8048, 9);
    expect(cost.usdPerMonth.high).toBeGreaterThanOrEqual(high * 0.8048 * 200);
    expect(cost.usdPerHour.basis).toBe('extrapolated');
  });

  it('is that of the throughput for a busy node, low price with high throughput', () => {
    const { cost, performance, request, placement } = plan();
    const rate = performance.requestsPerSecondPerReplica;
    const usd = (perSecond: number | null) => ((0.8048 * placement.replicas) / ((perSecond as number) * placement.replicas * 3600)) * 1000;
    expect(cost.saturated.usdPerThousandImages.value).toBeCloseTo(usd(rate.value), 9);
    expect(cost.saturated.usdPerThousandImages.low).toBeLessThan(cost.saturated.usdPerThousandImages.value as number);
    expect(cost.saturated.usdPerThousandImages.high).toBeGreaterThan(cost.saturated.usdPerThousandImages.value as number);
    const perImage = (cost.saturated.usdPerThousandImages.value as number) / 1000;
    expect(cost.saturated.usdPerMillionOutputTokens.value).toBeCloseTo((perImage / request.outputTokens) * 1e6, 6);
  });
});

describe('idle cost', () => {
  it('is the part of the nodes that no request uses', () => {
    const { cost } = plan();
    const nodes = cost.lines[0]?.usdPerMonth.value as number;
    const used = cost.idle.utilisation.value as number;
    expect(cost.idle.usdPerMonth.value).toBeCloseTo(nodes * (1 - used), 6);
    const requests = 0.2 * 3600 * 200;
    expect(requests / used / 2).toBeCloseTo(cost.idle.halfIdleRequestsPerMonth as number, 3);
  });

  it('breaks even where the whole month costs as much as the external price', () => {
    const { cost } = plan({ budget: { externalUsdPerThousandImages: 2 } });
    const from = cost.idle.breakEven?.requestsPerMonth.value as number;
    expect((from * 2) / 1000).toBeCloseTo(cost.usdPerMonth.value as number, 6);
    expect(cost.idle.breakEven).toMatchObject({ reachable: true, reached: 0.2 * 3600 * 200 >= from });
  });

  it('says that a price is out of reach when the nodes cannot serve as many', () => {
    expect(plan({ budget: { externalUsdPerThousandImages: 0.01 } }).cost.idle.breakEven).toMatchObject({
      reachable: false,
      reached: false,
    });
  });

  it('is unknown without a placement, never 0', () => {
    const { cost } = plan({ placement: { instanceFamilies: ['g4dn'] } });
    expect(cost.idle).toMatchObject({ usdPerMonth: { value: null }, halfIdleRequestsPerMonth: null, breakEven: null });
    expect(cost.saturated.usdPerMillionOutputTokens.value).toBeNull();
  });
});
