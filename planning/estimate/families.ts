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
  /** Every layer is a mixture of experts. */
  readonly experts: boolean;
  /** Biases on every linear layer, router and expert. */
  readonly allBiases?: boolean;
  /** Bytes of one expert weight where the checkpoint has a type of its own for them. */
  readonly expertBytesPerWeight?: number;
}

const text = (name: string, qkvBias = false, qkNorm = false): Family => ({
  name,
  qkvBias,
  qkNorm,
  tower: null,
  pixels: null,
  experts: false,
});
const mixture = (name: string, qkvBias = false, qkNorm = false): Family => ({ ...text(name, qkvBias, qkNorm), experts: true });

/** Qwen2.5-VL: 4 to 16,384 tokens of 28 x 28 px. Source: its preprocessor_config.json. */
const QWEN25_PIXELS = { min: 56 * 56, max: 16_384 * 28 * 28 };
/** Qwen3-VL: 65,536 to 16,777,216 pixels. Source: its preprocessor_config.json (shortest_edge, longest_edge). */
const QWEN3_PIXELS = { min: 65_536, max: 16_777_216 };
/** Pixtral: the long side is scaled to 1,540 px. Source: processor_config.json of Mistral-Small-3.1. */
const PIXTRAL_PIXELS = { min: 28 * 28, max: 1540 * 1540 };

/** LLaVA-OneVision-1.5: as Qwen2.5-VL, at most 1600 x 1600. Source: ds/merge_model.py of the authors. */
const RICE_PIXELS = { min: 56 * 56, max: 1600 * 1600 };

/** MXFP4: 4 bits, and one 8-bit scale for a block of 32. */
const MXFP4_BYTES = 4.25 / 8;

/**
 * Architectures whose every layer has a gated MLP, or a mixture of such experts, behind full attention, so that the formulas hold. gpt-oss
 * has sliding windows in every second layer; vLLM counts its cache over all layers, as the formulas do, and holds longer sequences than told.
 * Anything else (Gemma's windows, linear or latent attention) is answered with "unknown".
 */
export const FAMILIES: Readonly<Record<string, Family>> = {
  LlamaForCausalLM: text('Llama'),
  MistralForCausalLM: text('Mistral'),
  Qwen2ForCausalLM: text('Qwen2', true),
  Qwen3ForCausalLM: text('Qwen3', false, true),
  Qwen3MoeForCausalLM: mixture('Qwen3-MoE', false, true),
  MixtralForCausalLM: mixture('Mixtral'),
  GptOssForCausalLM: { ...mixture('gpt-oss', true), allBiases: true, expertBytesPerWeight: MXFP4_BYTES },
  Qwen2_5_VLForConditionalGeneration: {
    name: 'Qwen2.5-VL',
    qkvBias: true,
    qkNorm: false,
    tower: 'qwen2.5-vl',
    pixels: QWEN25_PIXELS,
    experts: false,
  },
  Qwen3VLForConditionalGeneration: {
    name: 'Qwen3-VL',
    qkvBias: false,
    qkNorm: true,
    tower: 'qwen3-vl',
    pixels: QWEN3_PIXELS,
    experts: false,
  },
  Qwen3VLMoeForConditionalGeneration: {
    name: 'Qwen3-VL-MoE',
    qkvBias: false,
    qkNorm: true,
    tower: 'qwen3-vl',
    pixels: QWEN3_PIXELS,
    experts: true,
  },
  Mistral3ForConditionalGeneration: {
    name: 'Mistral-Small-3',
    qkvBias: false,
    qkNorm: false,
    tower: 'pixtral',
    pixels: PIXTRAL_PIXELS,
    experts: false,
  },
  LLaVAOneVision1_5_ForConditionalGeneration: {
    name: 'LLaVA-OneVision-1.5',
    qkvBias: false,
    qkNorm: true,
    tower: 'rice',
    pixels: RICE_PIXELS,
    experts: false,
  },
};
