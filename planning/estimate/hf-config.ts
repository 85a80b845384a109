import { z } from 'zod';

/** A dimension of a model. Beyond what any model has, a number is a mistake, and would become an absurd answer. */
const upTo = (most: number) => z.int().positive().max(most);
const count = upTo(1_000_000);
const MOST_TOKENS = 1_000_000_000;

/** Text part of a `config.json` of the Hub; old ones leave out what follows from the rest. */
const TextSchema = z.object({
  hidden_size: count,
  num_hidden_layers: upTo(10_000),
  num_attention_heads: count,
  num_key_value_heads: count.optional(),
  head_dim: count.nullish(),
  intermediate_size: count,
  vocab_size: upTo(100_000_000),
  max_position_embeddings: upTo(MOST_TOKENS),
  /** Read by scaledPositions; called rope_parameters since transformers 5. */
  rope_scaling: z.unknown().optional(),
  rope_parameters: z.unknown().optional(),
  tie_word_embeddings: z.boolean().nullish(),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  num_experts: count.nullish(),
  num_local_experts: count.nullish(),
  num_experts_per_tok: count.nullish(),
  moe_intermediate_size: count.nullish(),
  shared_expert_intermediate_size: z.int().nonnegative().nullish(),
  decoder_sparse_step: z.int().nullish(),
  mlp_only_layers: z.array(z.int()).nullish(),
});

const visionSchema = z.object({
  model_type: z.string().optional(),
  hidden_size: count,
  depth: count.nullish(),
  num_hidden_layers: count.nullish(),
  num_heads: count.nullish(),
  num_attention_heads: count.nullish(),
  intermediate_size: count,
  patch_size: count,
  image_size: count.nullish(),
  spatial_merge_size: count.nullish(),
  temporal_patch_size: count.nullish(),
  num_position_embeddings: count.nullish(),
  deepstack_visual_indexes: z.array(z.int()).nullish(),
});

/** How the weights are stored; what is read of it depends on the method. */
const quantizationSchema = z.looseObject({
  quant_method: z.string().optional(),
  bits: z.number().optional(),
  quant_algo: z.string().optional(),
  config_groups: z
    .record(
      z.string(),
      z.looseObject({ weights: z.looseObject({ num_bits: z.number().optional(), type: z.string().optional() }).nullish() }),
    )
    .optional(),
});
export type Quantization = z.infer<typeof quantizationSchema>;

/** The part of a `config.json` that says whether the rest of it can be read at all: other architectures have other keys. */
export const ArchitectureSchema = z.looseObject({ architectures: z.array(z.string()).min(1) });

/** What the estimate reads of a `config.json`; everything else in it is ignored. Text fields stand at the top or in `text_config`. A null of what may be left out is as if it were. */
export const HfConfigSchema = z
  .object({
    architectures: z.array(z.string()).min(1),
    text_config: z.looseObject({}).nullish(),
    vision_config: visionSchema.nullish(),
    spatial_merge_size: count.nullish(),
    quantization_config: quantizationSchema.nullish(),
    tie_word_embeddings: z.boolean().nullish(),
  })
  .loose()
  .transform((config, context) => {
    const below = config.text_config ? ['text_config'] : [];
    const given: Readonly<Record<string, unknown>> = { ...config, ...config.text_config };
    const text = parseText(given);
    if ('issues' in text) {
      for (const { path, message } of text.issues) {
        const input = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], given);
        context.issues.push({ code: 'custom', message, path: [...below, ...path], input, continue: true });
      }
      return z.NEVER;
    }
    return {
      architecture: config.architectures[0] as string,
      text,
      tied: config.tie_word_embeddings ?? text.tie_word_embeddings ?? false,
      vision: config.vision_config ?? null,
      spatialMergeSize: config.vision_config?.spatial_merge_size ?? config.spatial_merge_size,
      quantization: config.quantization_config ?? null,
    };
  });
export type HfConfig = z.infer<typeof HfConfigSchema>;

/** Scalings of the rotary positions that vLLM does not multiply: their max_position_embeddings is the longer context already. */
const ALREADY_LONG = new Set(['default', 'mrope', 'su', 'longrope', 'llama3']);

/**
 * The longest sequence, which is vLLM's default of --max-model-len and the length of its rotary table: of a scaled context
 * (yarn, linear, dynamic) the factor times as much. Source: vLLM config, _get_and_verify_max_len.
 */
export function scaledPositions({ max_position_embeddings: own, rope_scaling, rope_parameters }: HfConfig['text']): number {
  const found = RopeSchema.safeParse(rope_scaling ?? rope_parameters);
  if (!found.success) return own;
  const { rope_type: type = found.data.type ?? 'default', factor = 1, original_max_position_embeddings: original = own } = found.data;
  return ALREADY_LONG.has(type) ? own : Math.round((type === 'yarn' ? original : own) * factor);
}

const RopeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  factor: z.number().positive().max(1000).optional(),
  original_max_position_embeddings: upTo(MOST_TOKENS).optional(),
});

/** The dimensions of a language model, or what is wrong with them: each by itself, and heads that do not share the width. */
export function parseText(given: unknown): z.infer<typeof TextSchema> | { readonly issues: readonly TextIssue[] } {
  const parsed = TextSchema.safeParse(given);
  if (!parsed.success) return { issues: parsed.error.issues.map(({ path, message }) => ({ path, message: plain(message) })) };
  const { hidden_size: hidden, num_attention_heads: heads, num_key_value_heads: kvHeads = heads, head_dim: width } = parsed.data;
  const issues = [
    ...(width || hidden % heads === 0 ? [] : [{ path: ['num_attention_heads'], message: `a divisor of hidden_size, ${hidden}` }]),
    ...(kvHeads <= heads && heads % kvHeads === 0 ? [] : [{ path: ['num_key_value_heads'], message: `a divisor of the ${heads} heads` }]),
  ];
  return issues.length > 0 ? { issues } : parsed.data;
}

interface TextIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What zod wants, in our words: `Invalid input: expected number, received string` is "a number". */
function plain(message: string): string {
  const most = /^Too big: expected \w+ to be <=(\d+)/.exec(message)?.[1];
  if (most) return `a number of at most ${most}`;
  const type = /^Invalid input: expected (\w+)/.exec(message)?.[1];
  return type ? `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}` : 'a whole number of at least 1';
}
