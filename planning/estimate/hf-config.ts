import { z } from 'zod';

const count = z.int().positive();
/** Text part of a `config.json` of the Hub; old ones leave out what follows from the rest. */
const textFields = {
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.optional(),
  head_dim: count.nullish(),
  intermediate_size: count,
  vocab_size: count,
  max_position_embeddings: count,
  tie_word_embeddings: z.boolean().optional(),
  attention_bias: z.boolean().optional(),
  num_experts: count.nullish(),
  num_local_experts: count.nullish(),
  num_experts_per_tok: count.nullish(),
  moe_intermediate_size: count.nullish(),
};
const textSchema = z.object(textFields);

const visionSchema = z.object({
  model_type: z.string().optional(),
  hidden_size: count,
  depth: count.optional(),
  num_hidden_layers: count.optional(),
  num_heads: count.optional(),
  num_attention_heads: count.optional(),
  intermediate_size: count,
  patch_size: count,
  image_size: count.optional(),
  spatial_merge_size: count.optional(),
  temporal_patch_size: count.optional(),
  num_position_embeddings: count.optional(),
  deepstack_visual_indexes: z.array(z.int()).optional(),
});

/** What the estimate reads of a `config.json`; everything else in it is ignored. Text fields stand at the top or in `text_config`. */
export const HfConfigSchema = z
  .object({
    architectures: z.array(z.string()).min(1),
    text_config: z.looseObject({}).optional(),
    vision_config: visionSchema.nullish(),
    spatial_merge_size: count.optional(),
    quantization_config: z.looseObject({ quant_method: z.string().optional(), bits: z.number().optional() }).nullish(),
    tie_word_embeddings: z.boolean().optional(),
  })
  .loose()
  .transform((config, context) => {
    const text = textSchema.safeParse({ ...config, ...config.text_config });
    if (!text.success) {
      for (const issue of text.error.issues) {
        context.addIssue({
          code: 'custom',
          message: issue.message,
          path: config.text_config ? ['text_config', ...issue.path] : issue.path,
        });
      }
      return z.NEVER;
    }
    return {
      architecture: config.architectures[0] as string,
      text: text.data,
      tied: config.tie_word_embeddings ?? text.data.tie_word_embeddings ?? false,
      vision: config.vision_config ?? null,
      spatialMergeSize: config.vision_config?.spatial_merge_size ?? config.spatial_merge_size,
      quantization: config.quantization_config ?? null,
    };
  });
export type HfConfig = z.infer<typeof HfConfigSchema>;
