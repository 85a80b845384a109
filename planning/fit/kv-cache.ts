import type { Model } from '../../catalog/schema';
import { MEMORY } from '../constants';

type AttentionShape = Pick<Model['text'], 'layers' | 'kvHeads' | 'headDim'>;

/** Bytes of one element of the KV cache, by its type; blocks of 32 with a 16-bit scale for the quantised ones of llama.cpp. */
export const KV_DTYPES = {
  auto: 2,
  bf16: 2,
  fp16: 2,
  f16: 2,
  fp8: 1,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
} as const;
export type KvDtype = keyof typeof KV_DTYPES;

/**
 * KV-cache bytes that one token occupies on one GPU.
 *
 * @param shape  attention shape of the language model
 * @param kvDtypeBytes  2 for bf16/fp16, 1 for fp8, see KV_DTYPES
 * @param tensorParallel  GPUs that share the KV heads; heads are replicated once it exceeds their number
 * @returns bytes per token (both K and V, all layers)
 * Source: vLLM v1 kv_cache_interface, FullAttentionSpec.page_size_bytes / block_size
 */
export function kvBytesPerToken(shape: AttentionShape, kvDtypeBytes: number, tensorParallel = 1): number {
  const kvHeadsPerGpu = Math.max(1, shape.kvHeads / tensorParallel);
  return 2 * shape.layers * kvHeadsPerGpu * shape.headDim * kvDtypeBytes;
}

/**
 * Tokens that a KV cache of so many bytes holds, in whole blocks; 0 when nothing is left.
 * `floor(kv_bytes / bytes_per_token / block) * block`. Source: vLLM v1 kv_cache_utils.get_num_blocks
 */
export function kvTokens(kvBytes: number, bytesPerToken: number, blockTokens: number = MEMORY.kvBlockTokens.value): number {
  return Math.max(0, Math.floor(kvBytes / bytesPerToken / blockTokens) * blockTokens);
}

/**
 * Bytes that vLLM gives to the KV cache: what it may take, less everything else (all in bytes, one GPU). Negative when it does not fit.
 * `requested - weights - non_torch - activation_peak - cuda_graphs`, requested = utilisation x memory as CUDA reports it.
 * Source: vLLM v1 gpu_worker.determine_available_memory
 */
export function kvBytesLeft(requestedBytes: number, otherBytes: readonly number[]): number {
  return otherBytes.reduce((left, bytes) => left - bytes, requestedBytes);
}
