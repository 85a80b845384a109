import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CostActualInput, costActual } from '../../aws/cost-actual';
import type { BilledDay } from '../../aws/cost-explorer';
import { costActualText } from '../../reports/cost-actual-text';
import { FOCUS_COLUMNS } from '../../reports/focus';
import { focusActualCsv } from '../../reports/focus-actual';

const line = (key: string, value: number | null) => ({ key, usdPerMonth: { value, low: value, high: value } });
const EC2 = 'Amazon Elastic Compute Cloud - Compute';
const day = (nth: number, usd: number, key = EC2): BilledDay => ({
  day: `2026-11-${String(nth).padStart(2, '0')}`,
  key,
  usd,
  estimated: true,
});
const input = (change: Partial<CostActualInput> = {}): CostActualInput => ({
  release: { name: 'puppet-show', environment: 'production' },
  month: '2026-11',
  now: new Date('2026-11-11T06:00:00Z'),
  forecast: [line('nodes', 240), line('system-node-hour', 60), line('kms-key', 3)],
  budgetUsd: 500,
  days: Array.from({ length: 10 }, (_, index) => day(index + 1, 10)),
  tagStates: { Project: true },
  byTag: null,
  ...change,
});

describe('the bill beside the forecast', () => {
  it('compares by service, for the part of the month that is billed', () => {
    const { rows, total } = costActual(input());
    const [ec2, kms] = rows;
    expect(ec2).toMatchObject({
      service: EC2,
      forecastUsd: { value: 300 },
      forecastToDateUsd: 100,
      actualUsd: 100,
      driftUsd: 0,
      driftPercent: 0,
    });
    expect(kms).toMatchObject({ service: 'AWS Key Management Service', actualUsd: 0, driftUsd: -1 });
    expect(total).toMatchObject({ forecastToDateUsd: 101, actualUsd: 100 });
  });

  it('shows what nobody planned, and never calls an unknown price 0', () => {
    const found = costActual(input({ days: [day(1, 5, 'Tax')], forecast: [line('nodes', null)] }));
    expect(found.rows.find(({ service }) => service === 'Tax')).toMatchObject({ forecastUsd: null, driftUsd: null, actualUsd: 5 });
    expect(found.rows[0]).toMatchObject({ forecastUsd: { value: null }, driftUsd: null });
    expect(costActualText(found, { colours: false })).toContain('unknown');
  });

  it('loses and invents no cent, whatever the days and services are', () => {
    const days = fc.array(
      fc.record({
        nth: fc.integer({ min: 1, max: 30 }),
        usd: fc.integer({ min: 0, max: 10_000 }),
        key: fc.constantFrom(EC2, 'Tax', 'AmazonCloudWatch', 'EC2 - Other'),
      }),
    );
    fc.assert(
      fc.property(days, (list) => {
        const found = costActual(input({ days: list.map(({ nth, usd, key }) => day(nth, usd, key)) }));
        const sum = list.reduce((all, { usd }) => all + usd, 0);
        expect(found.total.actualUsd).toBe(sum);
        expect(found.rows.reduce((all, { actualUsd }) => all + actualUsd, 0)).toBe(sum);
        const { value, low, high } = found.projectionUsd;
        if (sum === 0) expect(value).toBeNull();
        else {
          expect(value).toBeGreaterThanOrEqual(sum);
          expect(low).toBeLessThanOrEqual((value ?? 0) + 1e-6);
          expect(high).toBeGreaterThanOrEqual((value ?? 0) - 1e-6);
        }
      }),
    );
  });

  it('projects the month from the billed days, and holds it against the budget', () => {
    expect(costActual(input())).toMatchObject({ state: 'within', projectionUsd: { value: 300, low: 300, high: 300 } });
    expect(costActual(input({ budgetUsd: 299 })).state).toBe('over');
    expect(costActual(input({ days: [day(1, 10), day(2, 20)] })).projectionUsd).toEqual({
      value: 30 + 15 * 28,
      low: 30 + 10 * 28,
      high: 30 + 20 * 28,
    });
  });

  it('counts a leap February', () => {
    const days = [{ day: '2028-02-01', key: EC2, usd: 1, estimated: false }];
    expect(costActual(input({ month: '2028-02', now: new Date('2028-03-05T00:00:00Z'), days })).projectionUsd.value).toBe(29);
  });
});

describe('what it says of its own numbers', () => {
  const notes = (change: Partial<CostActualInput>) => costActual(input(change)).notes.join('\n');

  it.each([
    [
      'tags that are not active, with the command',
      { tagStates: { Project: true, Model: false } },
      /not activated: Model.*TagKey=Model,Status=Active/s,
    ],
    ['tags that it may not ask about', { tagStates: null }, /only the payer account may/],
    ['no data at all', { days: [] }, /no cost with the tags of puppet-show/],
    ['data of less than a day', {}, /less than 24 hours ago/],
    ['a release that went off', { now: new Date('2026-11-20T00:00:00Z') }, /the last cost is of 2026-11-10/],
    ['a release that began later', { days: [day(7, 3)] }, /the first cost is of 2026-11-07/],
  ])('%s', (_, change, words) => expect(notes(change)).toMatch(words));

  it('is unknown without data', () =>
    expect(costActual(input({ days: [] }))).toMatchObject({ state: 'unknown', projectionUsd: { value: null } }));

  it('does not speak of freshness for a month that is over', () =>
    expect(notes({ now: new Date('2026-12-20T00:00:00Z') })).not.toMatch(/hours ago|last cost/));
});

it('the cost file has the columns of FOCUS and one row for each day and service', () => {
  const csv = focusActualCsv(costActual(input()), { account: '123456789012', region: 'us-east-1', tags: { Release: 'x' } });
  const [head, first, ...rest] = csv.trimEnd().split('\r\n');
  expect(head?.split(',')).toEqual([...FOCUS_COLUMNS]);
  expect(rest).toHaveLength(9);
  expect(first).toContain('2026-11-01T00:00:00Z');
  expect(first).toContain('123456789012');
});
