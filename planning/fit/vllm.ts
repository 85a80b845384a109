import type { Model } from '../../catalog/schema';
import { MEMORY } from '../constants';
import type { FitTerm } from '../plan';
import { add, exactly, type Ranged, scale } from '../ranged';
import { GIB } from '../units';
import { activationPeak, encoderBudgetTokens } from './activation';
import { loadedBuffers } from './loaded-buffers';
import { term } from './term';
import { type WeightType, weightBytes } from './weights';

/** Settings of vLLM on which its memory depends. */
export interface VllmMemoryFlags {
  readonly maxNumBatchedTokens: number;
  readonly maxNumSeqs: number;
  readonly tensorParallel: number;
  /** Engines before 0.21 capture CUDA graphs outside gpu_memory_utilization. True by default. */
  readonly graphsInBudget?: boolean;
}

/** Towers that vLLM shares out over the GPUs like the language model; others stand whole on each. */
const SHARED_TOWERS = new Set([
  'Qwen2VLForConditionalGeneration',
  'Qwen2_5_VLForConditionalGeneration',
  'Qwen3VLForConditionalGeneration',
  'Mistral3ForConditionalGeneration',
]);

/**
 * What vLLM holds on one GPU beside the KV cache, term by term, in bytes.
 * The high ends are chosen so that "fits" is never false; see the constants for what each was fitted on.
 */
export function vllmTerms(model: Model, precision: WeightType, flags: VllmMemoryFlags): readonly FitTerm[] {
  const { tensorParallel, graphsInBudget = true } = flags;
  const nonTorch = tensorParallel > 1 ? MEMORY.nonTorchTensorParallelGib : MEMORY.nonTorchGib;
  const activation = activationPeak(model, flags);
  const terms = [
    weightsTerm(model, precision, flags),
    term(
      'non-torch',
      scale(nonTorch, GIB),
      'gpu',
      tensorParallel > 1 ? 'CUDA context and NCCL buffers' : 'CUDA context and libraries',
      nonTorch.source,
    ),
    term('activation peak', activation.bytes, 'gpu', activation.formula, activation.source),
    ...(graphsInBudget ? [cudaGraphsTerm()] : []),
  ];
  if (!model.vision) return terms;
  const cacheTokens = encoderBudgetTokens(model.vision, flags.maxNumBatchedTokens);
  const bytes = cacheTokens * model.text.hiddenSize * 2;
  return [
    ...terms,
    term(
      'encoder cache',
      { value: bytes, low: 0, high: bytes },
      'gpu',
      `max(max_num_batched_tokens, largest image) = ${cacheTokens} tokens x ${model.text.hiddenSize} x 2 B`,
      'vLLM v1 encoder_cache_manager.compute_encoder_budget',
    ),
  ];
}

/** Memory of the captured CUDA graphs. */
export function cudaGraphsTerm(): FitTerm {
  return term('CUDA graphs', scale(MEMORY.cudaGraphsGib, GIB), 'gpu', 'graphs of the decode batch sizes', MEMORY.cudaGraphsGib.source);
}

/** Loaded weights on one GPU: the model's share, and the buffers that each GPU holds whole. */
function weightsTerm(model: Model, precision: WeightType, { tensorParallel, maxNumBatchedTokens }: VllmMemoryFlags): FitTerm {
  const weights = weightBytes(model, precision);
  const buffers = loadedBuffers(model, precision, maxNumBatchedTokens);
  const shared = SHARED_TOWERS.has(model.architecture);
  const tower: Ranged = exactly(weights.vision / (shared ? tensorParallel : 1));
  const bytes = add(scale(weights.language, 1 / tensorParallel), tower, buffers.bytes);
  const whole = model.vision && !shared ? ', vision tower whole' : '';
  const share = tensorParallel > 1 ? ` (model / ${tensorParallel}${whole})` : '';
  return term('weights', bytes, 'gpu', `${weights.formula}${share} + ${buffers.formula}`, weights.source);
}
