import { z } from 'zod';
import { KitError, type Problem } from '../core/error';
import { didYouMean } from '../core/nearest';
import { fromRoot } from '../core/project-root';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument, type ValuePath, type YamlDocument } from '../core/yaml-document';
import type { Release } from '../release/schema';
import type { Catalog, InstanceType, RegionPrice } from './schema';

/** Version of the file of contract prices. */
const API_VERSION = 'onevision-kit/prices-v1';
const PERCENT = 100;

const usd = z.number().positive();
const OverridesSchema = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  source: z.string().min(1).describe('Contract, offer or decision that the prices come from.'),
  date: z.iso.date().describe('Day of that.'),
  validUntil: z.iso.date().optional().describe('Last day; afterwards the list price counts again, and the plan says so.'),
  prices: z
    .array(z.strictObject({ region: z.string(), type: z.string(), usdPerHour: usd }))
    .default([])
    .describe('On-demand price of a type.'),
  discounts: z
    .array(z.strictObject({ region: z.string(), family: z.string(), percent: z.number().gt(0).lt(PERCENT) }))
    .default([])
    .describe('Percent off the list price of a family.'),
  services: z
    .array(z.strictObject({ region: z.string(), key: z.string(), usd: z.number().nonnegative() }))
    .default([])
    .describe('Price of what stands around the nodes, per unit of the catalogue.'),
});
type Overrides = z.output<typeof OverridesSchema>;

/**
 * The catalogue with the contract prices that a release names under budget.priceOverrides; the same catalogue when it names none.
 *
 * @param today  contract prices count up to the last day of the contract
 * @throws KitError E_FILE_MISSING, E_YAML_SYNTAX, E_PRICE_OVERRIDES with every unknown name
 */
export function withPriceOverrides(catalog: Catalog, release: Pick<Release, 'budget'>, today: Date): Catalog {
  const file = release.budget.priceOverrides;
  if (file === undefined) return catalog;
  const text = readTextFile(fromRoot(file), 'the file of contract prices', 'correct budget.priceOverrides, or remove it.');
  const document = parseYamlDocument(text, file);
  const overrides = validateDocument(document, OverridesSchema, 'E_PRICE_OVERRIDES', 'see docs/prices.md for an example.');
  checkNames(catalog, overrides, document);
  return apply(catalog, overrides, file, today);
}

function apply(catalog: Catalog, overrides: Overrides, file: string, today: Date): Catalog {
  const ended = overrides.validUntil !== undefined && overrides.validUntil < today.toISOString().slice(0, 10);
  const source = `${file}: ${overrides.source} (${overrides.date})`;
  const contract = { source, ...(overrides.validUntil ? { validUntil: overrides.validUntil } : {}), ended };
  const entryOf = (instance: InstanceType, region: string, entry: RegionPrice): RegionPrice => {
    const exact = overrides.prices.find((price) => price.region === region && price.type === instance.type);
    const discount = overrides.discounts.find((item) => item.region === region && item.family === instance.family);
    if (!exact && !(discount && entry.usdPerHour !== null)) return entry;
    if (ended) return { ...entry, contract };
    if (exact) return { usdPerHour: exact.usdPerHour, basis: 'sourced', detail: 'contract price', contract };
    const percent = discount?.percent ?? 0;
    return {
      usdPerHour: (entry.usdPerHour as number) * (1 - percent / PERCENT),
      basis: 'derived',
      detail: `list price of ${entry.usdPerHour} USD less ${percent} %`,
      contract,
    };
  };
  return {
    ...catalog,
    instances: catalog.instances.map((instance) => ({
      ...instance,
      price: Object.fromEntries(Object.entries(instance.price).map(([region, entry]) => [region, entryOf(instance, region, entry)])),
    })),
    prices: ended
      ? catalog.prices
      : {
          ...catalog.prices,
          services: catalog.prices.services.map((service) => {
            const own = overrides.services.filter((item) => item.key === service.key);
            if (own.length === 0) return service;
            return {
              ...service,
              usd: { ...service.usd, ...Object.fromEntries(own.map((item) => [item.region, item.usd])) },
              sources: { ...service.sources, ...Object.fromEntries(own.map((item) => [item.region, `contract price, ${source}`])) },
            };
          }),
        },
  };
}

/** An unknown name would be a price that counts for nothing, in silence. */
function checkNames(catalog: Catalog, overrides: Overrides, document: YamlDocument): void {
  const problems: Problem[] = [];
  const check = (what: string, name: string, known: readonly string[], at: ValuePath): void => {
    if (known.includes(name)) return;
    problems.push({
      code: 'E_PRICE_OVERRIDES',
      message: `the catalogue has no ${what} "${name}".${didYouMean(name, known)}`,
      location: document.locate(at),
      next: 'correct the name.',
    });
  };
  const types = catalog.instances.map((instance) => instance.type);
  const families = [...new Set(catalog.instances.map((instance) => instance.family))];
  const keys = catalog.prices.services.map((service) => service.key);
  for (const list of ['prices', 'discounts', 'services'] as const) {
    for (const [index, { region }] of overrides[list].entries()) check('region', region, catalog.prices.regions, [list, index, 'region']);
  }
  for (const [index, { type }] of overrides.prices.entries()) check('instance type', type, types, ['prices', index, 'type']);
  for (const [index, { family }] of overrides.discounts.entries())
    check('instance family', family, families, ['discounts', index, 'family']);
  for (const [index, { key }] of overrides.services.entries()) check('service price', key, keys, ['services', index, 'key']);
  if (problems.length > 0) throw new KitError(problems);
}
