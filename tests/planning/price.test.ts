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
      hoursPerMonth: 100,
      usdPerNodeHour: exactFigure(1, 'sourced', 's'),
    });
    expect(line.usdPerMonth).toMatchObject({ value: 300, low: 200, high: 400, basis: 'derived' });
  });

  it('is unknown as soon as one line is', () => {
    const line = nodeLine({ nodes: 1, nodesOnAverage: 1, nodesAtMost: 1, hoursPerMonth: 100, usdPerNodeHour: unknownFigure('never seen') });
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
