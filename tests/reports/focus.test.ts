import { describe, expect, it } from 'vitest';
import { FOCUS_COLUMNS, focusCsv, monthAfter } from '../../reports/focus';
import { samplePlan } from './sample';

/** Fields of one record; none of the sample holds a line feed. */
function fields(line: string): string[] {
  return [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

function rows(plan = samplePlan()) {
  const [head = '', ...lines] = focusCsv(plan, { month: '2026-12', tags: { Release: 'puppet-show', Owner: 'a "b", c' } })
    .trimEnd()
    .split('\r\n');
  const names = fields(head);
  return lines.map((line) => Object.fromEntries(fields(line).map((value, index) => [names[index], value])));
}

describe('the FOCUS file', () => {
  it('has the 57 columns of version 1.2, and its own ones with x_', () => {
    const own = FOCUS_COLUMNS.filter((column) => column.startsWith('x_'));
    expect(FOCUS_COLUMNS.length - own.length).toBe(57);
    expect(new Set(FOCUS_COLUMNS).size).toBe(FOCUS_COLUMNS.length);
    expect(rows().every((row) => Object.keys(row).length === FOCUS_COLUMNS.length)).toBe(true);
  });

  it('has one row per part of the month, whose costs are the plan', () => {
    const plan = samplePlan();
    const known = rows().filter((row) => row.BilledCost !== '');
    expect(known.map((row) => Number(row.BilledCost))).toEqual(plan.cost.lines.flatMap((line) => line.usdPerMonth.value ?? []));
    expect(known[0]).toMatchObject({
      PricingQuantity: '200',
      PricingUnit: 'Hours',
      ListUnitPrice: '0.8048',
      RegionId: 'us-east-1',
      ResourceType: 'g6.xlarge',
    });
    expect(Number(known[0]?.PricingQuantity) * Number(known[0]?.ListUnitPrice)).toBeCloseTo(Number(known[0]?.ListCost), 6);
  });

  it('leaves an unknown price empty, never 0', () => {
    expect(rows()[2]).toMatchObject({ BilledCost: '', EffectiveCost: '', ListUnitPrice: '', x_Basis: 'unknown' });
  });

  it('carries the tags of the release and the whole month', () => {
    expect(JSON.parse(rows()[0]?.Tags ?? '')).toEqual({ Release: 'puppet-show', Owner: 'a "b", c' });
    expect(rows()[0]).toMatchObject({
      BillingPeriodStart: '2026-12-01T00:00:00Z',
      BillingPeriodEnd: '2027-01-01T00:00:00Z',
      ChargeCategory: 'Usage',
    });
  });

  it('gives a spreadsheet no formula', () => {
    const plan = samplePlan();
    const [line] = plan.cost.lines;
    if (line) (plan.cost.lines as unknown[])[0] = { ...line, title: '=HYPERLINK("http://x")', formula: '+1' };
    expect(rows(plan)[0]).toMatchObject({ ResourceName: '\'=HYPERLINK("http://x")', x_Formula: "'+1" });
  });

  it('is of the month after', () => {
    expect(monthAfter(new Date('2026-12-31T23:00:00Z'))).toBe('2027-01');
  });
});
