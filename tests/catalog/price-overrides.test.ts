import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { withPriceOverrides } from '../../catalog/price-overrides';
import { fromRoot } from '../../core/project-root';
import { planRelease } from '../../planning/plan-release';
import { release } from '../planning/support';

const CATALOG = loadCatalog();
const TODAY = new Date('2026-11-23T12:00:00Z');

let folder: string;
beforeEach(() => {
  // Paths in a release are inside the repository.
  folder = mkdtempSync(join(fromRoot(), 'out-overrides-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function overridden(yaml: string, today = TODAY) {
  const file = join(folder, 'prices.yaml');
  writeFileSync(file, yaml);
  const changed = release({ budget: { priceOverrides: relative(fromRoot(), file) } });
  return { release: changed, catalog: () => withPriceOverrides(CATALOG, changed, today) };
}

const HEAD = 'apiVersion: onevision-kit/prices-v1\nsource: agreement EA-7\ndate: 2026-10-01\n';
const price = (catalog: typeof CATALOG, type: string) => catalog.instances.find((instance) => instance.type === type)?.price['us-east-1'];

describe('contract prices', () => {
  it('are what the plan counts with, and name the contract', () => {
    const { release: changed, catalog } = overridden(`${HEAD}prices:\n  - region: us-east-1\n    type: g6.xlarge\n    usdPerHour: 0.5\n`);
    const plan = planRelease(changed, catalog(), { file: 'release.yaml', today: TODAY });
    expect(plan.cost.usdPerHour.value).toBe(0.5);
    expect(plan.cost.usdPerHour.source).toMatch(/contract price; .*prices\.yaml: agreement EA-7 \(2026-10-01\)/);
    expect(plan.cost.usdPerHour.source).not.toContain('karpenter');
  });

  it('take a discount off the list price of a family, and leave the rest alone', () => {
    const catalog = overridden(`${HEAD}discounts:\n  - region: us-east-1\n    family: g6\n    percent: 10\n`).catalog();
    expect(price(catalog, 'g6.2xlarge')).toMatchObject({ usdPerHour: 0.9776 * 0.9, basis: 'derived' });
    expect(price(catalog, 'g5.xlarge')).toEqual(price(CATALOG, 'g5.xlarge'));
    expect(catalog.instances.find(({ type }) => type === 'g6.xlarge')?.price['us-west-2']?.usdPerHour).toBe(0.8048);
  });

  it('replace prices of services', () => {
    const { release: changed, catalog } = overridden(
      `${HEAD}services:\n  - region: us-east-1\n    key: eks-control-plane\n    usd: 0.05\n`,
    );
    const line = planRelease(changed, catalog(), { file: '', today: TODAY }).cost.lines.find(({ key }) => key === 'eks-control-plane');
    expect(line?.usdPerMonth.value).toBeCloseTo(36.5, 9);
    expect(line?.usdPerMonth.source).toContain('contract price');
  });

  it('give way to the list price after their last day, with a warning', () => {
    const yaml = `${HEAD}validUntil: 2026-11-22\nprices:\n  - region: us-east-1\n    type: g6.xlarge\n    usdPerHour: 0.5\n`;
    const ended = overridden(yaml);
    const plan = planRelease(ended.release, ended.catalog(), { file: '', today: TODAY });
    expect(plan.cost.usdPerHour.value).toBe(0.8048);
    expect(plan.problems.map(({ code }) => code)).toContain('W_CONTRACT_ENDED');
    const lastDay = overridden(yaml, new Date('2026-11-22T23:59:00Z'));
    expect(price(lastDay.catalog(), 'g6.xlarge')?.usdPerHour).toBe(0.5);
  });

  it('never make a price of one that nobody knows', () => {
    const catalog = overridden(`${HEAD}discounts:\n  - region: us-east-1\n    family: p5e\n    percent: 10\n`).catalog();
    expect(price(catalog, 'p5e.48xlarge')?.usdPerHour).toBeNull();
  });

  it.each([
    [
      'an unknown type',
      'prices:\n  - region: us-east-1\n    type: g6.xlrage\n    usdPerHour: 1\n',
      /:6:11: E_PRICE_OVERRIDES: .*"g6.xlrage".*g6.xlarge/,
    ],
    ['an unknown region', 'prices:\n  - region: us-est-1\n    type: g6.xlarge\n    usdPerHour: 1\n', /no region "us-est-1"/],
    ['an unknown service', 'services:\n  - region: us-east-1\n    key: nat\n    usd: 1\n', /no service price "nat"/],
    ['an unknown key', 'price:\n  - 1\n', /E_PRICE_OVERRIDES/],
    ['a price of 0', 'prices:\n  - region: us-east-1\n    type: g6.xlarge\n    usdPerHour: 0\n', /E_PRICE_OVERRIDES/],
    ['a discount of 100 %', 'discounts:\n  - region: us-east-1\n    family: g6\n    percent: 100\n', /E_PRICE_OVERRIDES/],
  ])('are refused with %s', (_what, body, message) => {
    expect(overridden(HEAD + body).catalog).toThrow(message);
  });

  it('must name a file that is there', () => {
    const changed = release({ budget: { priceOverrides: 'nowhere/prices.yaml' } });
    expect(() => withPriceOverrides(CATALOG, changed, TODAY)).toThrow(/E_FILE_MISSING/);
  });

  it('are none when the release names none', () => {
    expect(withPriceOverrides(CATALOG, release(), TODAY)).toBe(CATALOG);
  });
});
