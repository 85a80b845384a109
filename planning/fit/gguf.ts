import type { Model } from '../../catalog/schema';

/** Bits per weight of the tensor types, block overhead included. Source: block structs of ggml-common.h. */
const TENSOR_BITS = {
  F32: 32,
  F16: 16,
  BF16: 16,
  Q8_0: 8.5,
  Q6_K: 6.5625,
  Q5_K: 5.5,
  Q5_1: 6,
  Q5_0: 5.5,
  Q4_K: 4.5,
  Q4_1: 5,
  Q4_0: 4.5,
  Q3_K: 3.4375,
  Q2_K: 2.625,
} as const;
type TensorType = keyof typeof TENSOR_BITS;

/** Tensors whose type a mix may raise above its base. */
type Raised = 'attn_v' | 'attn_output' | 'ffn_down';
type Rule = (layer: number, layers: number) => TensorType;

/** A file type of llama.cpp: the type of most tensors, and where it keeps more bits. */
interface Mix {
  readonly base: TensorType;
  readonly raised?: Readonly<Partial<Record<Raised, Rule>>>;
  /** Type of the output head (and of a tied embedding); Q6_K unless the mix is finer. */
  readonly output?: TensorType;
}

/** First and last eighth of the layers, and every third between. Source: llama-quant.cpp, use_more_bits. */
function moreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}
const whereMore =
  (more: TensorType, base: TensorType): Rule =>
  (layer, layers) =>
    moreBits(layer, layers) ? more : base;
const firstEighth =
  (more: TensorType, base: TensorType): Rule =>
  (layer, layers) =>
    layer < layers / 8 ? more : base;
const firstLayers =
  (count: number, more: TensorType, base: TensorType): Rule =>
  (layer) =>
    layer < count ? more : base;
const always = (type: TensorType) => () => type;

/** Tensor mixes by file type. Source: ggml-org/llama.cpp src/llama-quant.cpp, llama_tensor_get_type. */
export const GGUF_MIXES = {
  F16: { base: 'F16', output: 'F16' },
  BF16: { base: 'BF16', output: 'BF16' },
  Q8_0: { base: 'Q8_0', output: 'Q8_0' },
  Q6_K: { base: 'Q6_K' },
  Q5_K_M: { base: 'Q5_K', raised: { attn_v: whereMore('Q6_K', 'Q5_K'), ffn_down: whereMore('Q6_K', 'Q5_K') } },
  Q5_K_S: { base: 'Q5_K' },
  Q5_1: { base: 'Q5_1' },
  Q5_0: { base: 'Q5_0' },
  Q4_K_M: { base: 'Q4_K', raised: { attn_v: whereMore('Q6_K', 'Q4_K'), ffn_down: whereMore('Q6_K', 'Q4_K') } },
  Q4_K_S: { base: 'Q4_K', raised: { attn_v: firstLayers(4, 'Q5_K', 'Q4_K'), ffn_down: firstEighth('Q5_K', 'Q4_K') } },
  Q4_1: { base: 'Q4_1' },
  Q4_0: { base: 'Q4_0' },
  Q3_K_L: { base: 'Q3_K', raised: { attn_v: always('Q5_K'), attn_output: always('Q5_K'), ffn_down: always('Q5_K') } },
  Q3_K_M: {
    base: 'Q3_K',
    raised: {
      attn_v: firstLayers(2, 'Q5_K', 'Q4_K'),
      attn_output: always('Q4_K'),
      ffn_down: (layer, layers) => (layer < layers / 16 ? 'Q5_K' : moreBits(layer, layers) ? 'Q4_K' : 'Q3_K'),
    },
  },
  Q3_K_S: { base: 'Q3_K' },
  Q2_K: { base: 'Q2_K', raised: { attn_v: always('Q4_K'), attn_output: always('Q3_K'), ffn_down: always('Q3_K') } },
} as const satisfies Readonly<Record<string, Mix>>;
export type GgufType = keyof typeof GGUF_MIXES;

export function isGgufType(name: string): name is GgufType {
  return Object.hasOwn(GGUF_MIXES, name);
}

/** K-types need rows of whole super-blocks; a narrower tensor takes the next finer plain type. Source: llama-quant.cpp, fallback. */
const SUPER_BLOCK = 256;
const FALLBACK: Readonly<Partial<Record<TensorType, TensorType>>> = {
  Q2_K: 'Q4_0',
  Q3_K: 'Q4_0',
  Q4_K: 'Q5_0',
  Q5_K: 'Q5_1',
  Q6_K: 'Q8_0',
};

/** Vocabulary, merges and other metadata: the file of Qwen3-8B Q4_K_M is 5.9 MB longer than its tensors. */
const METADATA_BYTES_PER_TOKEN = 39;
/** Llama-3-70B: eight query heads share one value head, and llama.cpp gives attn_v at least Q5_K. */
const LAYERS_OF_70B = 80;

export interface GgufBytes {
  /** The whole file. */
  readonly total: number;
  /** The token embedding, which stays in host memory unless it is also the output head. */
  readonly tokenEmbedding: number;
}

/** Bytes of a GGUF file, tensor by tensor. */
export function ggufBytes({ text, parameters }: Model, type: GgufType): GgufBytes {
  const mix: Mix = GGUF_MIXES[type];
  const { layers, hiddenSize: hidden, intermediateSize: mlp, vocabSize, tiedEmbeddings } = text;
  const heads = text.attentionHeads * text.headDim;
  const keys = text.kvHeads * text.headDim;
  const bytes = (inputs: number, outputs: number, wanted: TensorType): number => {
    const fallback = inputs % SUPER_BLOCK === 0 ? undefined : FALLBACK[wanted];
    return (inputs * outputs * TENSOR_BITS[fallback ?? wanted]) / 8;
  };
  const raised = (name: Raised, layer: number): TensorType => {
    const chosen = mix.raised?.[name]?.(layer, layers) ?? mix.base;
    const few = name === 'attn_v' && layers === LAYERS_OF_70B && (chosen === 'Q3_K' || chosen === 'Q4_K');
    return few ? 'Q5_K' : chosen;
  };
  const outputType = mix.output ?? 'Q6_K';
  const tokenEmbedding = bytes(hidden, vocabSize, tiedEmbeddings ? outputType : mix.base);
  let sum = tokenEmbedding + (tiedEmbeddings ? 0 : bytes(hidden, vocabSize, outputType));
  for (let layer = 0; layer < layers; layer += 1) {
    sum += bytes(hidden, heads + keys, mix.base) + bytes(hidden, keys, raised('attn_v', layer));
    sum += bytes(heads, hidden, raised('attn_output', layer));
    sum += 2 * bytes(hidden, mlp, mix.base) + bytes(mlp, hidden, raised('ffn_down', layer));
  }
  const matrices = vocabSize * hidden * (tiedEmbeddings ? 1 : 2) + layers * (hidden * (2 * heads + 2 * keys) + 3 * hidden * mlp);
  const vectors = Math.max(0, parameters.language - matrices) * (TENSOR_BITS.F32 / 8);
  return { total: sum + vectors + vocabSize * METADATA_BYTES_PER_TOKEN, tokenEmbedding };
}
