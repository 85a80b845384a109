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
  IQ4_NL: 4.5,
  IQ4_XS: 4.25,
  IQ3_S: 3.4375,
  IQ3_XXS: 3.0625,
  IQ2_S: 2.5625,
  IQ2_XS: 2.3125,
  IQ2_XXS: 2.0625,
  IQ1_M: 1.75,
  IQ1_S: 1.5625,
} as const;
type TensorType = keyof typeof TENSOR_BITS;

/** Tensors whose type a mix may raise above its base. */
type Raised = 'attn_q' | 'attn_k' | 'attn_v' | 'attn_output' | 'ffn_gate_up' | 'ffn_down';
/** @param sharedValues  query heads that share one value head: llama.cpp gives attn_v more bits from four on */
type Rule = (layer: number, layers: number, sharedValues: number) => TensorType;

/** A file type of llama.cpp: the type of most tensors, and where it keeps more bits. */
interface Mix {
  readonly base: TensorType;
  readonly raised?: Readonly<Partial<Record<Raised, Rule>>>;
  /** Type of the output head (and of a tied embedding); Q6_K unless the mix is finer. */
  readonly output?: TensorType;
  /** Type of a token embedding that is not the output head as well; the base without it. */
  readonly embedding?: TensorType;
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
/** What attn_v gets when four query heads or more share it. */
const shared =
  (more: TensorType, base: TensorType): Rule =>
  (_layer, _layers, sharedValues) =>
    sharedValues >= MANY_SHARED ? more : base;
const MANY_SHARED = 4;
/** All but the first and the last eighth of the layers. */
const inTheMiddle =
  (less: TensorType, base: TensorType): Rule =>
  (layer, layers) =>
    layer >= Math.floor(layers / 8) && layer < Math.floor((7 * layers) / 8) ? less : base;
/** Mixes of one and two bits: made with an importance matrix, output in Q5_K. */
const smallest = (base: TensorType, finer: boolean, attnOutput?: TensorType): Mix => ({
  base,
  output: 'Q5_K',
  embedding: finer ? 'IQ3_S' : 'Q2_K',
  raised: {
    attn_v: shared('Q4_K', finer ? 'IQ3_S' : 'Q2_K'),
    ffn_down: firstEighth(finer ? 'IQ3_S' : 'Q2_K', base),
    ...(attnOutput ? { attn_output: always(attnOutput) } : {}),
  },
});

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
      ffn_down: (layer, layers) => (layer < Math.floor(layers / 16) ? 'Q5_K' : 'Q4_K'),
    },
  },
  Q3_K_S: { base: 'Q3_K' },
  Q2_K: { base: 'Q2_K', raised: { attn_v: shared('Q4_K', 'Q3_K'), attn_output: always('Q3_K'), ffn_down: always('Q3_K') } },
  Q2_K_S: { base: 'Q2_K', raised: { attn_v: shared('Q4_K', 'Q2_K'), ffn_down: firstEighth('Q4_K', 'Q2_K') } },
  IQ4_NL: { base: 'IQ4_NL', raised: { attn_v: shared('Q5_K', 'IQ4_NL') } },
  IQ4_XS: { base: 'IQ4_XS', raised: { attn_v: shared('Q5_K', 'IQ4_XS') } },
  IQ3_M: { base: 'IQ3_S', raised: { attn_v: always('Q4_K'), attn_output: always('Q4_K'), ffn_down: firstEighth('Q4_K', 'IQ3_S') } },
  IQ3_S: { base: 'IQ3_S', raised: { attn_v: shared('Q4_K', 'IQ3_S') } },
  IQ3_XS: {
    base: 'IQ3_S',
    raised: {
      attn_q: always('IQ3_XXS'),
      attn_k: always('IQ3_XXS'),
      attn_v: shared('Q4_K', 'IQ3_S'),
      ffn_gate_up: inTheMiddle('IQ3_XXS', 'IQ3_S'),
    },
  },
  IQ3_XXS: {
    base: 'IQ3_XXS',
    output: 'Q5_K',
    embedding: 'IQ3_S',
    raised: { attn_q: always('IQ2_S'), attn_k: always('IQ2_S'), attn_v: shared('Q4_K', 'IQ3_XXS'), attn_output: always('IQ3_S') },
  },
  IQ2_M: smallest('IQ2_S', true, 'IQ3_S'),
  IQ2_S: smallest('IQ2_XS', true, 'IQ3_S'),
  IQ2_XS: smallest('IQ2_XS', false),
  IQ2_XXS: smallest('IQ2_XXS', false),
  IQ1_M: smallest('IQ1_M', false, 'IQ2_XXS'),
  IQ1_S: smallest('IQ1_S', false, 'IQ2_XXS'),
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
  IQ4_XS: 'IQ4_NL',
  IQ3_S: 'IQ4_NL',
  IQ3_XXS: 'IQ4_NL',
  IQ2_S: 'IQ4_NL',
  IQ2_XS: 'IQ4_NL',
  IQ2_XXS: 'IQ4_NL',
  IQ1_M: 'IQ4_NL',
  IQ1_S: 'IQ4_NL',
};

/** Vocabulary, merges and other metadata: the file of Qwen3-8B Q4_K_M is 5.9 MB longer than its tensors. */
const METADATA_BYTES_PER_TOKEN = 39;
/** Llama-3-70B: eight query heads share one value head, and llama.cpp gives attn_v at least Q5_K. */
const LAYERS_OF_70B = 80;
/** Mixtral: with eight experts attention is so small a part that llama.cpp gives it more bits. Source: llama-quant.cpp, `n_expert == 8`. */
const FEW_EXPERTS = 8;
/** Types whose attn_output becomes Q5_K then. */
const FINER_OUTPUT = new Set<GgufType>([
  'Q2_K',
  'Q3_K_S',
  'Q3_K_M',
  'Q4_K_S',
  'Q4_K_M',
  'IQ3_XXS',
  'IQ3_XS',
  'IQ3_S',
  'IQ3_M',
  'IQ4_XS',
  'IQ4_NL',
]);

export interface GgufBytes {
  /** All tensors: what llama.cpp prints as the size, and loads. */
  readonly tensors: number;
  /** The whole file, with its vocabulary. */
  readonly file: number;
  /** All experts of a mixture; 0 for a dense model. */
  readonly experts: number;
  /** The token embedding, which stays in host memory unless it is also the output head. */
  readonly tokenEmbedding: number;
}

/** Bytes of a GGUF file, tensor by tensor. Source of the rules: ggml-org/llama.cpp@007dbbf3 src/llama-quant.cpp, llama_tensor_get_type_impl. */
export function ggufBytes({ text, parameters }: Model, type: GgufType): GgufBytes {
  const mix: Mix = GGUF_MIXES[type];
  const { layers, hiddenSize: hidden, intermediateSize: mlp, vocabSize, tiedEmbeddings } = text;
  const heads = text.attentionHeads * text.headDim;
  const keys = text.kvHeads * text.headDim;
  const sharedValues = text.attentionHeads / text.kvHeads;
  const experts = text.experts?.count ?? 1;
  // The experts of gpt-oss are MXFP4 in every file, whatever its type says.
  const ownType = text.experts?.bytesPerWeight;
  const bytes = (inputs: number, outputs: number, wanted: TensorType): number => {
    const fallback = inputs % SUPER_BLOCK === 0 ? undefined : FALLBACK[wanted];
    return (inputs * outputs * TENSOR_BITS[fallback ?? wanted]) / 8;
  };
  const raised = (name: Raised, layer: number): TensorType => {
    const chosen = mix.raised?.[name]?.(layer, layers, sharedValues) ?? mix.base;
    const few = name === 'attn_v' && layers === LAYERS_OF_70B && (chosen === 'Q3_K' || chosen === 'Q4_K');
    return few ? 'Q5_K' : (ofFewExperts(name, type, experts) ?? chosen);
  };
  const outputType = mix.output ?? 'Q6_K';
  const tokenEmbedding = bytes(hidden, vocabSize, tiedEmbeddings ? outputType : (mix.embedding ?? mix.base));
  let sum = tokenEmbedding + (tiedEmbeddings ? 0 : bytes(hidden, vocabSize, outputType));
  let inExperts = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    sum += bytes(hidden, heads, raised('attn_q', layer)) + bytes(hidden, keys, raised('attn_k', layer));
    sum += bytes(hidden, keys, raised('attn_v', layer)) + bytes(heads, hidden, raised('attn_output', layer));
    const feedForward =
      ownType === undefined
        ? 2 * bytes(hidden, mlp, raised('ffn_gate_up', layer)) + bytes(mlp, hidden, raised('ffn_down', layer))
        : 3 * hidden * mlp * ownType;
    sum += experts * feedForward;
    inExperts += text.experts ? experts * feedForward : 0;
  }
  const matrices = vocabSize * hidden * (tiedEmbeddings ? 1 : 2) + layers * (hidden * (2 * heads + 2 * keys) + experts * 3 * hidden * mlp);
  const vectors = Math.max(0, parameters.language - matrices) * (TENSOR_BITS.F32 / 8);
  const tensors = sum + vectors;
  return { tensors, file: tensors + vocabSize * METADATA_BYTES_PER_TOKEN, tokenEmbedding, experts: inExperts };
}

function ofFewExperts(name: Raised, type: GgufType, experts: number): TensorType | undefined {
  if (experts !== FEW_EXPERTS || type === 'F16' || type === 'BF16') return undefined;
  if (name === 'attn_k' || name === 'attn_v') return 'Q8_0';
  return name === 'attn_output' && FINER_OUTPUT.has(type) ? 'Q5_K' : undefined;
}
