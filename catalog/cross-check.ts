import { join } from 'node:path';
import type { Problem } from '../core/error';
import type { ValuePath } from '../core/yaml-document';
import { locateInCatalogFile } from './json-file';
import { ARTIFACT_KINDS, type Artifact, type ArtifactKind, type Catalog, type Engine, type InstanceType, type Model } from './schema';

/** A value with the file that it came from. */
export interface Sourced<T> {
  readonly file: string;
  readonly value: T;
}

interface Files {
  readonly models: readonly Sourced<Model>[];
  readonly engines: readonly Sourced<Engine>[];
  readonly folder: string;
}

type Report = (message: string, path?: ValuePath) => void;

/** What one file cannot know about another: ids that must be unique, names that must exist, numbers that must add up. */
export function crossCheck(catalog: Catalog, files: Files): Problem[] {
  const problems: Problem[] = [];
  const reportIn =
    (file: string): Report =>
    (message, path = []) => {
      problems.push({
        code: 'E_CATALOG_INVALID',
        message,
        location: locateInCatalogFile(file, path),
        next: 'mend the file, or take it from git again.',
      });
    };
  checkNames(files, reportIn);
  for (const { file, value } of files.models) checkModel(value, reportIn(file));
  for (const { file, value } of files.engines) {
    checkArtifacts(value.artifacts, reportIn(file));
    for (const [index, { id, kind }] of value.artifacts.entries())
      if (!ENGINE_KINDS.includes(kind))
        reportIn(file)(`"${id}" of an engine is of kind ${ENGINE_KINDS.join(' or ')}, not "${kind}".`, ['artifacts', index, 'kind']);
  }
  checkGpus(catalog, reportIn(join(files.folder, 'gpus.json')));
  checkInstances(catalog, reportIn(join(files.folder, 'instances.json')));
  checkServices(catalog, reportIn(join(files.folder, 'prices.json')));
  return problems;
}

function checkNames(files: Files, reportIn: (file: string) => Report): void {
  const seen = new Map<string, string>();
  const claim = (name: string, file: string, path: ValuePath): void => {
    const other = seen.get(name);
    if (other !== undefined) reportIn(file)(`the name "${name}" is also in ${other}.`, path);
    else seen.set(name, file);
  };
  for (const { file, value } of files.models) {
    claim(value.id, file, ['id']);
    for (const [index, alias] of value.aliases.entries()) claim(alias, file, ['aliases', index]);
  }
  for (const { file, value } of files.engines) claim(`engine ${value.name}`, file, ['name']);
}

function checkModel(model: Model, report: Report): void {
  const { language, vision, merger, total } = model.parameters;
  const sum = language + vision + merger;
  if (sum !== total) report(`parameters.total is ${total}, but language, vision and merger are ${sum}.`, ['parameters', 'total']);
  if ((model.vision === null) !== (model.kind === 'text')) report('"vision" must be null for a text model, and only for one.', ['vision']);
  if (model.text.effectiveContext > model.text.maxPositions) {
    report('text.effectiveContext is more than text.maxPositions.', ['text', 'effectiveContext']);
  }
  if (model.artifacts.filter((artifact) => artifact.kind === 'weights').length !== 1) {
    report('there must be exactly one artifact of kind "weights".', ['artifacts']);
  }
  checkArtifacts(model.artifacts, report);
}

/** The place is that in the model's own list; what a lineage brings in stands after it, so a place there is the list itself. */
function checkArtifacts(artifacts: readonly Artifact[], report: Report): void {
  const ids = new Set<string>();
  for (const [index, { id }] of artifacts.entries()) {
    if (ids.has(id)) report(`the artifact "${id}" is there twice.`, ['artifacts', index]);
    ids.add(id);
  }
  const wholeOf = new Map(artifacts.map(({ id, partOf }) => [id, partOf]));
  for (const [index, { id, kind, partOf }] of artifacts.entries()) {
    if (partOf !== undefined && !ids.has(partOf)) {
      report(`the artifact "${id}" is part of "${partOf}", which is not there.`, ['artifacts', index, 'partOf']);
    }
    if (isPartOfItself(id, wholeOf)) report(`the artifact "${id}" is part of itself.`, ['artifacts', index, 'partOf']);
    const kinds = kindsOf(id);
    if (!kinds.includes(kind))
      report(`"${id}" is no artifact of kind "${kind}", but of ${kinds.join(', ')}.`, ['artifacts', index, 'kind']);
  }
}

function isPartOfItself(id: string, wholeOf: ReadonlyMap<string, string | undefined>): boolean {
  const seen = new Set<string>();
  for (let at = wholeOf.get(id); at !== undefined && !seen.has(at); at = wholeOf.get(at)) {
    if (at === id) return true;
    seen.add(at);
  }
  return false;
}

/** What an engine brings runs in the image, whatever else it is. */
const ENGINE_KINDS: readonly ArtifactKind[] = ['engine-source', 'base-image'];

/** Kinds that a thing can be by its id: its kind gives it its role, and with it the list of licences that it is held to. */
const KINDS_OF: readonly (readonly [beginning: RegExp, kinds: readonly ArtifactKind[]])[] = [
  [/^hf:dataset\//, ['dataset', 'data-source']],
  [/^hf:model\/[^#]+$/, ['weights', 'base-model', 'vision-tower', 'tokenizer', 'remote-code']],
  [/^data:/, ['dataset', 'data-source']],
  [/^arxiv:/, ['paper']],
  [/^oci:/, ['base-image']],
];

function kindsOf(id: string): readonly ArtifactKind[] {
  return KINDS_OF.find(([beginning]) => beginning.test(id))?.[1] ?? ARTIFACT_KINDS;
}

function checkGpus(catalog: Catalog, report: Report): void {
  const keys = new Set<string>();
  for (const [index, { key }] of catalog.gpus.entries()) {
    if (keys.has(key)) report(`the GPU "${key}" is there twice.`, [index, 'key']);
    keys.add(key);
  }
}

function checkInstances(catalog: Catalog, report: Report): void {
  const gpus = new Set(catalog.gpus.map((gpu) => gpu.key));
  const types = new Set<string>();
  for (const [index, instance] of catalog.instances.entries()) {
    const wrong = (message: string, ...path: ValuePath): void => report(`${instance.type}: ${message}`, [index, ...path]);
    if (types.has(instance.type)) wrong('the type is there twice.', 'type');
    types.add(instance.type);
    if (instance.gpu !== null && !gpus.has(instance.gpu)) wrong(`the GPU "${instance.gpu}" is not in gpus.json.`, 'gpu');
    if ((instance.gpu === null) !== (instance.gpuCount === 0)) wrong('"gpu" and "gpuCount" contradict each other.', 'gpuCount');
    if (instance.fractionalGpu !== (instance.gpuCount > 0 && instance.gpuCount < 1)) {
      wrong('"fractionalGpu" and "gpuCount" contradict each other.', 'fractionalGpu');
    }
    checkPrices(instance, catalog.prices.regions, wrong);
  }
}

function checkPrices(instance: InstanceType, regions: readonly string[], wrong: (message: string, ...path: ValuePath) => void): void {
  for (const region of regions) {
    const price = instance.price[region];
    if (price === undefined) wrong(`no price entry for ${region}.`, 'price');
    else if ((price.usdPerHour === null) !== (price.basis === 'not-offered' || price.basis === 'unknown')) {
      wrong(`the price in ${region} must be null for "not-offered" and "unknown", and only for them.`, 'price', region);
    }
  }
  for (const region of Object.keys(instance.price)) {
    if (!regions.includes(region)) wrong(`the region "${region}" is not in prices.json.`, 'price', region);
  }
}

function checkServices(catalog: Catalog, report: Report): void {
  for (const [index, service] of catalog.prices.services.entries()) {
    for (const region of catalog.prices.regions) {
      if (service.usd[region] === undefined) report(`the service "${service.key}" has no price for ${region}.`, ['services', index, 'usd']);
    }
  }
}
