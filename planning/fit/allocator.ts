import type { Model } from '../../catalog/schema';
import { MIB } from '../units';
import type { WeightType } from './weights';

/** Allocations of this size and more are segments of their own, of whole 2 MiB; what is left is given back only above 1 MiB. Smaller ones share. */
const LARGE_BYTES = 20 * MIB;
const SEGMENT_BYTES = 2 * MIB;
const KEPT_BYTES = MIB;
/** vLLM pads the vocabulary to a multiple of this. */
const VOCABULARY_STEP = 64;
/** Bytes of one packed weight; the scales of quantised types are small tensors. */
const PACKED: Partial<Record<WeightType, number>> = { fp8: 1, int8: 1, 'awq-int4': 0.5, 'gptq-int4': 0.5 };
const BYTES_16_BIT = 2;

/**
 * Bytes that PyTorch's allocator keeps beside the weight tensors of one GPU, as "Model loading took" counts them. It explains Qwen2-7B
 * (57 MiB over its parameters), Qwen3-4B (54) and half of Qwen3-32B (64 with two GPUs), where Llama-3.1-8B and Qwen3-8B have none.
 * Source: c10/cuda/CUDACachingAllocator.cpp (kLargeBuffer, kRoundLarge, should_split); vLLM fuses q, k, v and gate, up.
 */
export function allocatorBytes({ text }: Model, precision: WeightType, tensorParallel: number): number {
  const { hiddenSize, headDim, intermediateSize, layers, experts } = text;
  const perWeight = PACKED[precision] ?? BYTES_16_BIT;
  const heads = (text.attentionHeads * headDim) / tensorParallel;
  const keysAndValues = 2 * Math.max(1, text.kvHeads / tensorParallel) * headDim;
  const mlp = (intermediateSize / tensorParallel) * (experts?.count ?? 1);
  const perMlp = experts?.bytesPerWeight ?? perWeight;
  const layer = [
    ...[heads + keysAndValues, heads].map((width) => kept(width * hiddenSize * perWeight)),
    ...[2 * mlp, mlp].map((width) => kept(width * hiddenSize * perMlp)),
  ];
  const vocabulary = Math.ceil(text.vocabSize / VOCABULARY_STEP) * VOCABULARY_STEP;
  const embedding = kept((vocabulary / tensorParallel) * hiddenSize * BYTES_16_BIT);
  return layers * layer.reduce((sum, bytes) => sum + bytes, 0) + embedding * (text.tiedEmbeddings ? 1 : 2);
}

/** What is kept of the last segment of one tensor. */
function kept(bytes: number): number {
  if (bytes < LARGE_BYTES) return 0;
  const rest = Math.ceil(bytes / SEGMENT_BYTES) * SEGMENT_BYTES - bytes;
  return rest <= KEPT_BYTES ? rest : 0;
}
