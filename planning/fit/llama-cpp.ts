import type { Model } from '../../catalog/schema';
import { MEMORY } from '../constants';
import type { FitTerm } from '../plan';
import { add, exactly, scale } from '../ranged';
import { MIB } from '../units';
import { term } from './term';
import { type WeightType, weightBytes } from './weights';

/** Tokens of one physical batch; llama.cpp's default of --ubatch-size. */
export const LLAMA_UBATCH_TOKENS = 512;

/**
 * What llama.cpp holds beside the KV cache, in bytes: on the GPU with all layers offloaded, or in the host's memory.
 * Compute buffer: `n_ubatch x n_vocab x 4 B` and up to as much again for attention without flash attention.
 */
export function llamaTerms(model: Model, precision: WeightType, pool: 'gpu' | 'host'): readonly FitTerm[] {
  const weights = weightBytes(model, precision);
  // With all layers offloaded the token embedding still stays in host memory, unless it is the output head as well.
  const onDevice = pool === 'gpu' ? weights.inputEmbedding : 0;
  const language = add(weights.language, exactly(-onDevice));
  const logits = LLAMA_UBATCH_TOKENS * model.text.vocabSize * 4;
  const overhead = pool === 'gpu' ? MEMORY.llamaDeviceMarginMib : MEMORY.llamaProcessMib;
  const terms = [
    term('weights', language, pool, onDevice > 0 ? `${weights.formula}, without the token embedding` : weights.formula, weights.source),
    term(
      'compute buffer',
      { value: logits, low: logits, high: 2 * logits },
      pool,
      `n_ubatch ${LLAMA_UBATCH_TOKENS} x n_vocab ${model.text.vocabSize} x 4 B`,
      'llama.cpp graph reserve; attention scratch without flash attention in the high end',
    ),
    term('process', scale(overhead, MIB), pool, pool === 'gpu' ? 'CUDA context and device margin' : 'llama-server itself', overhead.source),
  ];
  if (!model.vision) return terms;
  const vision = { value: weights.vision, low: weights.vision, high: weights.vision };
  return [
    ...terms,
    term('vision projector', vision, pool, 'length of the mmproj file, or 2 B x parameters of tower and merger', weights.source),
    term(
      'image compute',
      scale(MEMORY.llamaImageComputeMib, MIB),
      pool,
      'compute buffer of the projector for one large image',
      MEMORY.llamaImageComputeMib.source,
    ),
  ];
}
