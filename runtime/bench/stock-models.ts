import { z } from 'zod';
import { readCatalogFile } from '../../catalog/json-file';
import type { Model } from '../../catalog/schema';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';

/** Architectures whose random weights runtimes/bench can write, with their parameters as public listings have them. */
const WRITABLE = ['Qwen2_5_VLForConditionalGeneration', 'Qwen3VLForConditionalGeneration'] as const;

const ReferencesSchema = z.array(
  z.looseObject({ id: z.string(), aliases: z.array(z.string()).default([]), config: z.record(z.string(), z.unknown()).optional() }),
);
const StockConfigSchema = z.looseObject({
  architectures: z.tuple([z.enum(WRITABLE)]),
  hidden_size: z.int(),
  vision_config: z.looseObject({ patch_size: z.int(), spatial_merge_size: z.int() }),
});

/** A stock model that vLLM serves as it is: its id and its config.json. */
export interface StockModel {
  readonly id: string;
  readonly config: z.infer<typeof StockConfigSchema>;
}

/**
 * Stock models by id or alias, from catalog/reference/models.json.
 * @throws KitError E_BENCH for a name that is not there or whose tensors the bench cannot write
 */
export function findStockModels(names: readonly string[]): readonly StockModel[] {
  const known = readCatalogFile(fromRoot('catalog/reference/models.json'), ReferencesSchema).flatMap(({ id, aliases, config }) => {
    const parsed = StockConfigSchema.safeParse(config);
    return parsed.success ? [{ id, aliases, config: parsed.data }] : [];
  });
  return names.map((name) => {
    const found = known.find(({ id, aliases }) => id === name || aliases.includes(name));
    if (found) return { id: found.id, config: found.config };
    throw new KitError({
      code: 'E_BENCH',
      message: `--beside names "${name}".`,
      allowed: `${known.map(({ id }) => id).join(', ')}.`,
      next: 'see `npx ovkit bench --help`.',
    });
  });
}

/** Dimensions of a stock model for the bench, with the pixel limits of the release's model, so that both see the same pictures. */
export function stockDimensions({ config }: StockModel, { vision }: Model): unknown {
  return { ...config, limits: { minPixels: vision?.minPixels, maxPixels: vision?.maxPixels } };
}

/** The same architecture in tiny dimensions, with the vocabulary of the tiny tokenizer. */
export function tinyStock(
  { config }: StockModel,
  { minPixels, maxPixels }: { readonly minPixels: number; readonly maxPixels: number },
): unknown {
  const tower = config.vision_config;
  return {
    ...config,
    ...{ hidden_size: 128, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, head_dim: 32 },
    ...{ vocab_size: 512, max_position_embeddings: 4096 },
    vision_config: {
      ...tower,
      ...{ hidden_size: 32, intermediate_size: 64, depth: 2, num_heads: 2, out_hidden_size: 128 },
      ...('deepstack_visual_indexes' in tower ? { deepstack_visual_indexes: [0, 1] } : {}),
    },
    limits: { minPixels, maxPixels },
  };
}
