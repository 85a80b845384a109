import { KitError } from '../core/error';
import { didYouMean } from '../core/nearest';
import type { Catalog, Engine, Gpu, InstanceType, Model, ServicePrice } from './schema';

export interface FoundModel {
  readonly model: Model;
  /** The name that was asked for, when it is a former id or a short name of the model. */
  readonly renamedFrom?: string;
}

/**
 * A model by its id, by a former id or by a short name.
 * @throws KitError E_MODEL_UNKNOWN with the nearest spelling and the list
 */
export function findModel(catalog: Catalog, idOrAlias: string): FoundModel {
  const model = catalog.models.find((candidate) => candidate.id === idOrAlias);
  if (model) return { model };
  const renamed = catalog.models.find((candidate) => candidate.aliases.includes(idOrAlias));
  if (renamed) return { model: renamed, renamedFrom: idOrAlias };
  const ids = catalog.models.map((candidate) => candidate.id);
  throw unknownName('E_MODEL_UNKNOWN', 'model', idOrAlias, ids, 'models', [
    ...ids,
    ...catalog.models.flatMap((candidate) => candidate.aliases),
  ]);
}

/** An engine by its name. @throws KitError E_ENGINE_UNKNOWN */
export function findEngine(catalog: Catalog, name: string): Engine {
  const found = catalog.engines.find((engine) => engine.name === name);
  if (found) return found;
  throw unknownName(
    'E_ENGINE_UNKNOWN',
    'engine',
    name,
    catalog.engines.map((engine) => engine.name),
    'engines',
  );
}

/** A GPU by its key, e.g. l40s. @throws KitError E_GPU_UNKNOWN */
export function findGpu(catalog: Catalog, key: string): Gpu {
  const found = catalog.gpus.find((gpu) => gpu.key === key);
  if (found) return found;
  throw unknownName(
    'E_GPU_UNKNOWN',
    'GPU',
    key,
    catalog.gpus.map((gpu) => gpu.key),
    'gpus',
  );
}

/** The region itself, once it is sure that the catalogue has prices for it. @throws KitError E_REGION_UNKNOWN */
export function findRegion(catalog: Catalog, region: string): string {
  if (catalog.prices.regions.includes(region)) return region;
  throw unknownName('E_REGION_UNKNOWN', 'region', region, catalog.prices.regions, 'prices');
}

/** Day of the on-demand prices of a region: of its last refresh, else of the snapshot. */
export function priceDate({ prices }: Pick<Catalog, 'prices'>, region: string): string {
  return prices.refreshed?.[region]?.publicationDate.slice(0, 10) ?? prices.date;
}

/** A price of what stands around the nodes, by its key. @throws KitError E_SERVICE_UNKNOWN */
export function findService(catalog: Catalog, key: string): ServicePrice {
  const found = catalog.prices.services.find((service) => service.key === key);
  if (found) return found;
  throw unknownName(
    'E_SERVICE_UNKNOWN',
    'service price',
    key,
    catalog.prices.services.map((service) => service.key),
    'prices',
  );
}

/**
 * Instance types of families (g6) and exact types (g6.xlarge), each once, in the order of the catalogue.
 * @throws KitError E_FAMILY_UNKNOWN with one problem per unknown name
 */
export function instancesOf(catalog: Catalog, familiesOrTypes: readonly string[]): readonly InstanceType[] {
  const wanted = new Set(familiesOrTypes);
  const families = [...new Set(catalog.instances.map((instance) => instance.family))];
  const types = catalog.instances.map((instance) => instance.type);
  const problems = [...wanted]
    .filter((name) => !families.includes(name) && !types.includes(name))
    .flatMap((name) => {
      const [what, near] = name.includes('.') ? ['instance type', types] : ['instance family', families];
      return unknownName('E_FAMILY_UNKNOWN', what as string, name, families, 'instances', near as string[]).problems;
    });
  if (problems.length > 0) throw new KitError(problems);
  return catalog.instances.filter((instance) => wanted.has(instance.family) || wanted.has(instance.type));
}

function unknownName(code: string, what: string, name: string, allowed: readonly string[], kind: string, near = allowed): KitError {
  return new KitError({
    code,
    message: `the catalogue has no ${what} "${name}".${didYouMean(name, near)}`,
    allowed: `${allowed.join(', ')}.`,
    next: `see \`npx ovkit catalog list ${kind}\`.`,
  });
}
