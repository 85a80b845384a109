/** What the formulas must know of an architecture beyond its dimensions. */
export interface Family {
  readonly name: string;
  /** Biases on query, key and value (Qwen2). */
  readonly qkvBias: boolean;
  /** Norms on query and key (Qwen3). */
  readonly qkNorm: boolean;
  readonly tower: 'qwen2.5-vl' | 'qwen3-vl' | 'pixtral' | 'rice' | null;
  /** Pixel limits of the published preprocessor; null for text. */
  readonly pixels: { readonly min: number; readonly max: number } | null;
}

const text = (name: string, qkvBias = false, qkNorm = false): Family => ({ name, qkvBias, qkNorm, tower: null, pixels: null });

/** Qwen2.5-VL: 4 to 16,384 tokens of 28 x 28 px. Source: its preprocessor_config.json. */
const QWEN25_PIXELS = { min: 56 * 56, max: 16_384 * 28 * 28 };
/** Qwen3-VL: 65,536 to 16,777,216 pixels. Source: its preprocessor_config.json (shortest_edge, longest_edge). */
const QWEN3_PIXELS = { min: 65_536, max: 16_777_216 };
/** Pixtral: the long side is scaled to 1,540 px. Source: processor_config.json of Mistral-Small-3.1. */
const PIXTRAL_PIXELS = { min: 28 * 28, max: 1540 * 1540 };

/** LLaVA-OneVision-1.5: as Qwen2.5-VL, at most 1600 x 1600. Source: ds/merge_model.py of the authors. */
const RICE_PIXELS = { min: 56 * 56, max: 1600 * 1600 };

/**
 * Architectures whose every layer is full attention with a gated MLP, so that the formulas hold.
 * Anything else (mixture of experts, sliding windows, linear attention) is answered with "unknown".
 */
export const FAMILIES: Readonly<Record<string, Family>> = {
  LlamaForCausalLM: text('Llama'),
  MistralForCausalLM: text('Mistral'),
  Qwen2ForCausalLM: text('Qwen2', true),
  Qwen3ForCausalLM: text('Qwen3', false, true),
  Qwen2_5_VLForConditionalGeneration: { name: 'Qwen2.5-VL', qkvBias: true, qkNorm: false, tower: 'qwen2.5-vl', pixels: QWEN25_PIXELS },
  Qwen3VLForConditionalGeneration: { name: 'Qwen3-VL', qkvBias: false, qkNorm: true, tower: 'qwen3-vl', pixels: QWEN3_PIXELS },
  Mistral3ForConditionalGeneration: { name: 'Mistral-Small-3', qkvBias: false, qkNorm: false, tower: 'pixtral', pixels: PIXTRAL_PIXELS },
  LLaVAOneVision1_5_ForConditionalGeneration: {
    name: 'LLaVA-OneVision-1.5',
    qkvBias: false,
    qkNorm: true,
    tower: 'rice',
    pixels: RICE_PIXELS,
  },
};
