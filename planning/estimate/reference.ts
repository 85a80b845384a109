import { join } from 'node:path';
import { z } from 'zod';
import { readCatalogFile } from '../../catalog/json-file';
import type { Model } from '../../catalog/schema';
import type { Precision } from '../../release/schema';
import type { WeightType } from '../fit/weights';
import { HfConfigSchema } from './hf-config';
import { modelOfConfig } from './model-of-config';

const ReferenceModelSchema = z.strictObject({
  id: z.string().min(1),
  aliases: z.array(z.string()),
  config: HfConfigSchema,
  source: z.string().min(1),
});

/** Cards that AWS does not offer, and figures of cards that the catalogue leaves open because nobody checked them; for estimates only. */
const ReferenceGpuSchema = z.strictObject({
  key: z.string(),
  name: z.string(),
  arch: z.string(),
  computeCapability: z.string(),
  cudaVisibleGib: z.number().positive().nullable(),
  memoryBandwidthGbPerSecond: z.number().positive(),
  memoryClass: z.enum(['gddr', 'hbm']),
  bf16Tflops: z.number().positive().nullable(),
  fp16Tflops: z.number().positive(),
  fp8Tflops: z.number().positive().nullable(),
  source: z.string(),
});
export type ReferenceGpu = z.infer<typeof ReferenceGpuSchema>;

/** Known names whose architecture the formulas do not describe; the length of a file still tells how fast it is read. */
const UnmodelledSchema = z.strictObject({
  id: z.string(),
  aliases: z.array(z.string()),
  reason: z.string(),
  files: z.record(z.string(), z.int().positive()),
});
export type Unmodelled = z.infer<typeof UnmodelledSchema>;

/** Models and cards that serve estimates only; they never become part of a release. */
export interface References {
  readonly models: readonly Model[];
  readonly gpus: readonly ReferenceGpu[];
  readonly unmodelled: readonly Unmodelled[];
}

/** Reads `catalog/reference/`. @throws KitError E_CATALOG_INVALID */
export function loadReferences(folder: string): References {
  const models = readCatalogFile(join(folder, 'models.json'), z.array(ReferenceModelSchema)).flatMap(
    ({ config, ...origin }) => modelOfConfig(config, origin) ?? [],
  );
  return {
    models,
    gpus: readCatalogFile(join(folder, 'gpus.json'), z.array(ReferenceGpuSchema)),
    unmodelled: readCatalogFile(join(folder, 'unmodelled.json'), z.array(UnmodelledSchema)),
  };
}

/** Endings of Hub names that say how the weights are stored. */
const PRECISION_ENDINGS: readonly (readonly [RegExp, Precision])[] = [
  [/-awq(-int4)?$/, 'awq-int4'],
  [/-gptq-int8$/, 'int8'],
  [/-gptq(-int4)?$/, 'gptq-int4'],
  [/[.-](quantized\.)?w4a16$/, 'gptq-int4'],
  [/[.-](quantized\.)?w8a8$/, 'int8'],
  [/-fp8(-dynamic)?$/, 'fp8'],
];

export interface NamedModel {
  readonly model: Model;
  /** Precision that the name itself says, e.g. of `Qwen3-8B-AWQ`. */
  readonly precision: WeightType | undefined;
}

/** A reference model by its Hub name, with or without organisation, in any case, with or without the ending of its precision. */
export function findReference({ models }: References, name: string): NamedModel | undefined {
  const wanted = plain(name);
  const exact = models.find((model) => names(model).includes(wanted));
  const ending = PRECISION_ENDINGS.find(([pattern]) => pattern.test(wanted));
  if (exact) return { model: exact, precision: ending?.[1] };
  const stem = wanted.replace(ending?.[0] ?? /-gguf$/, '');
  const model = models.find((candidate) => names(candidate).includes(stem));
  return model && { model, precision: ending?.[1] };
}

/** A name that is known not to be modelled. */
export function findUnmodelled({ unmodelled }: References, name: string): Unmodelled | undefined {
  const stem = PRECISION_ENDINGS.reduce((rest, [pattern]) => rest.replace(pattern, ''), plain(name)).replace(/-gguf$/, '');
  return unmodelled.find((candidate) => names(candidate).includes(stem));
}

/** Last part of a Hub name in lower case, under which models are found. */
export function names(model: Pick<Model, 'id' | 'aliases'>): readonly string[] {
  return [model.id, ...model.aliases].map(plain);
}

/** `Qwen/Qwen3-8B` and `qwen3-8b` are the same name; `meta-llama/Meta-Llama-3.1-8B` loses its first word, too. */
function plain(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase();
}
