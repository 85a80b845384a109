import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { KitError } from '../core/error';
import { fromRoot, projectRoot } from '../core/project-root';
import { crossCheck, type Sourced } from './cross-check';
import { locateInCatalogFile, readCatalogFile } from './json-file';
import {
  type Artifact,
  type Catalog,
  EngineSchema,
  GpuSchema,
  InstanceTypeSchema,
  type Lineage,
  LineageSchema,
  type Model,
  ModelFileSchema,
  PriceSnapshotSchema,
  WEIGHTS_OF_THE_MODEL,
} from './schema';

const cache = new Map<string, Catalog>();

/**
 * All facts of the kit, validated: every file against its schema, and the files against each other. Read once per process and folder.
 *
 * @param folder  folder of the catalogue; the kit's own by default
 * @throws KitError E_CATALOG_INVALID with file, line, column and every reason
 */
export function loadCatalog(folder: string = fromRoot('catalog')): Catalog {
  const known = cache.get(folder);
  if (known) return known;
  const catalog = readCatalog(folder);
  cache.set(folder, catalog);
  return catalog;
}

/** The same, read anew: for those who have just written the files. */
export function readCatalog(folder: string): Catalog {
  const lineages = readFolder(folder, 'lineages', LineageSchema);
  const models = readFolder(folder, 'models', ModelFileSchema)
    .map((entry) => ({ file: entry.file, value: withLineages(entry, lineages) }))
    .sort((a, b) => byRole(a.value, b.value));
  const engines = readFolder(folder, 'engines', EngineSchema);
  const catalog: Catalog = {
    models: models.map((entry) => entry.value),
    engines: engines.map((entry) => entry.value),
    gpus: readCatalogFile(named(folder, 'gpus.json'), z.array(GpuSchema).min(1)),
    instances: readCatalogFile(named(folder, 'instances.json'), z.array(InstanceTypeSchema).min(1)),
    prices: readCatalogFile(named(folder, 'prices.json'), PriceSnapshotSchema),
  };
  const problems = crossCheck(catalog, { models, engines, folder: named(folder, '.') });
  if (problems.length > 0) throw new KitError(problems);
  return catalog;
}

function readFolder<T extends z.ZodType>(folder: string, name: string, schema: T): Sourced<z.output<T>>[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, name)).filter((file) => file.endsWith('.json'));
  } catch (cause) {
    const file = named(folder, name);
    throw new KitError(
      { code: 'E_CATALOG_INVALID', message: 'the folder is missing.', location: { file }, next: 'take it from git again.' },
      { cause },
    );
  }
  return names.sort().map((file) => {
    const path = named(folder, join(name, file));
    return { file: path, value: readCatalogFile(path, schema) };
  });
}

function withLineages(entry: Sourced<z.output<typeof ModelFileSchema>>, lineages: readonly Sourced<Lineage>[]): Model {
  const { lineages: keys, ...model } = entry.value;
  const weights = model.artifacts.find((artifact) => artifact.kind === 'weights')?.id;
  const shared = keys.flatMap((key, index) => {
    const lineage = lineages.find((candidate) => candidate.value.key === key);
    if (!lineage) {
      throw new KitError({
        code: 'E_CATALOG_INVALID',
        message: `unknown lineage "${key}".`,
        location: locateInCatalogFile(entry.file, ['lineages', index]),
        allowed: `${lineages.map((candidate) => candidate.value.key).join(', ')}.`,
      });
    }
    return lineage.value.artifacts.map(
      (artifact): Artifact => (artifact.partOf === WEIGHTS_OF_THE_MODEL ? { ...artifact, partOf: weights } : artifact),
    );
  });
  return { ...model, artifacts: [...model.artifacts, ...shared] };
}

const ROLE_ORDER: readonly Model['role'][] = ['primary', 'variant', 'base', 'predecessor', 'successor', 'different-model', 'test-model'];

function byRole(a: Model, b: Model): number {
  return ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role) || (a.id < b.id ? -1 : 1);
}

/** Files of the kit are named as the user sees them, from the root of the repository. */
function named(folder: string, file: string): string {
  const path = join(folder, file);
  const fromHere = relative(projectRoot(), path);
  return fromHere.startsWith('..') || process.cwd() !== projectRoot() ? path : fromHere;
}
