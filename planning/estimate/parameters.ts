import type { Family } from './families';
import type { HfConfig } from './hf-config';

/** Parameters of a model by part, as `parameters` of the catalogue. */
export interface Parameters {
  readonly language: number;
  readonly vision: number;
  readonly merger: number;
  readonly total: number;
}

/** Parameters counted from the dimensions of a `config.json`; exact for the families of FAMILIES. */
export function countParameters(config: HfConfig, family: Family): Parameters {
  const language = languageParameters(config, family);
  const [vision, merger] = visionParameters(config, family);
  return { language, vision, merger, total: language + vision + merger };
}

/** Width of one attention head. */
export function headDim({ text }: HfConfig): number {
  return text.head_dim ?? text.hidden_size / text.num_attention_heads;
}

/** Experts of a mixture; undefined for a dense model. */
export function expertsOf({ text }: HfConfig): { readonly count: number; readonly perToken: number } | undefined {
  const count = text.num_experts ?? text.num_local_experts;
  return count && text.num_experts_per_tok ? { count, perToken: text.num_experts_per_tok } : undefined;
}

/** Width of the MLP, or of one expert. */
export function mlpWidth({ text }: HfConfig): number {
  return text.moe_intermediate_size ?? text.intermediate_size;
}

function languageParameters(config: HfConfig, family: Family): number {
  const { hidden_size: hidden, num_hidden_layers: layers, vocab_size: vocab } = config.text;
  const heads = config.text.num_attention_heads * headDim(config);
  const keysAndValues = 2 * (config.text.num_key_value_heads ?? config.text.num_attention_heads) * headDim(config);
  const attention = hidden * (2 * heads + keysAndValues);
  const ownBias = config.text.attention_bias === true && !family.qkvBias;
  const biases =
    (family.qkvBias ? heads + keysAndValues : 0) +
    (ownBias ? heads + keysAndValues + hidden : 0) +
    (family.allBiases ? hidden + config.text.num_attention_heads : 0);
  const norms = 2 * hidden + (family.qkNorm ? 2 * headDim(config) : 0);
  const layer = attention + biases + mlpParameters(config, family) + norms;
  return vocab * hidden * (config.tied ? 1 : 2) + layers * layer + hidden;
}

/** Gate, up and down of one layer; with experts all of them, and their router. */
function mlpParameters(config: HfConfig, family: Family): number {
  const { hidden_size: hidden } = config.text;
  const width = mlpWidth(config);
  const experts = expertsOf(config);
  const biased = family.allBiases || config.text.mlp_bias === true;
  const one = 3 * hidden * width + (biased ? 2 * width + hidden : 0);
  return experts ? experts.count * (one + hidden + (family.allBiases ? 1 : 0)) : one;
}

/** Tower and merger (for Qwen3-VL with its deepstack mergers). */
function visionParameters({ vision, text, spatialMergeSize }: HfConfig, { tower }: Family): readonly [number, number] {
  if (!vision || tower === null) return [0, 0];
  const { hidden_size: width, intermediate_size: mlp, patch_size: patch } = vision;
  const depth = vision.depth ?? vision.num_hidden_layers ?? 0;
  const merged = width * (spatialMergeSize ?? 2) ** 2;
  const out = text.hidden_size;
  const pixels = 3 * (vision.temporal_patch_size ?? 1) * patch ** 2;
  switch (tower) {
    case 'qwen2.5-vl': {
      const block = 2 * width + (3 * width * width + 3 * width) + (width * width + width) + (3 * width * mlp + 2 * mlp + width);
      return [pixels * width + depth * block, width + merged * merged + merged + merged * out + out];
    }
    case 'qwen3-vl': {
      const block = 4 * width + (3 * width * width + 3 * width) + (width * width + width) + (2 * width * mlp + mlp + width);
      const positions = (vision.num_position_embeddings ?? 0) * width;
      const linears = merged * merged + merged + merged * out + out;
      const deepstack = (vision.deepstack_visual_indexes?.length ?? 0) * (2 * merged + linears);
      return [pixels * width + width + positions + depth * block, 2 * width + linears + deepstack];
    }
    case 'rice': {
      const block = 4 * width + (3 * width * width + 3 * width) + (width * width + width) + (2 * width * mlp + mlp + width);
      // The class token has a rotary position of its own, half a head wide.
      const classToken = width + width / (vision.num_heads ?? vision.num_attention_heads ?? 1) / 2;
      return [pixels * width + classToken + 2 * width + depth * block, 2 * width + merged * merged + merged + merged * out + out];
    }
    case 'pixtral': {
      const block = 4 * width * width + 3 * width * mlp + 2 * width;
      return [pixels * width + width + depth * block, width + merged * width + width * out + out * out];
    }
  }
}
