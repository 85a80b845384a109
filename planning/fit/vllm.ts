import type { Model } from '../../catalog/schema';
import { MEMORY } from '../constants';
import { capturedSizes, olderCapturedSizes, type VllmEra } from '../engine-flags/vllm-version';
import type { FitTerm } from '../plan';
import { add, exactly, type Ranged, scale } from '../ranged';
import { GIB, MIB } from '../units';
import { activationPeak, encoderBudgetTokens } from './activation';
import { loadedBuffers } from './loaded-buffers';
import { term } from './term';
import { type WeightType, weightBytes } from './weights';

/** Settings of vLLM on which its memory depends. */
export interface VllmMemoryFlags {
  readonly maxNumBatchedTokens: number;
  readonly maxNumSeqs: number;
  readonly tensorParallel: number;
  /** Version of vLLM and generation of the card; without it the terms are those that hold for every version, graphs in the budget. */
  readonly era?: VllmEra;
  /** Without CUDA graphs. */
  readonly enforceEager?: boolean;
}

/** Towers that vLLM shares out over the GPUs like the language model; others stand whole on each. */
const SHARED_TOWERS = new Set([
  'Qwen2VLForConditionalGeneration',
  'Qwen2_5_VLForConditionalGeneration',
  'Qwen3VLForConditionalGeneration',
  'Qwen3VLMoeForConditionalGeneration',
  'Mistral3ForConditionalGeneration',
]);

/**
 * What vLLM holds on one GPU beside the KV cache, term by term, in bytes.
 * The high ends are chosen so that "fits" is never false; see the constants for what each was fitted on.
 */
export function vllmTerms(model: Model, precision: WeightType, flags: VllmMemoryFlags): readonly FitTerm[] {
  const { tensorParallel } = flags;
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
    ...(flags.enforceEager || graphsBeside(flags.era) ? [] : [cudaGraphsTerm(flags)]),
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

/**
 * Memory of the captured CUDA graphs: what is reserved for them in the budget, or what they take beside it.
 * @param allReduces  those of one step that go by NCCL: two for each layer over more than two cards without NVLink
 */
export function cudaGraphsTerm({ era, maxNumSeqs }: Pick<VllmMemoryFlags, 'era' | 'maxNumSeqs'>, allReduces = 0): FitTerm {
  if (era?.graphs === 'reserved') {
    const sizes = capturedSizes(maxNumSeqs);
    const estimate = MEMORY.cudaGraphEstimateMib;
    return term(
      'CUDA graphs',
      scale(estimate, sizes * MIB),
      'gpu',
      `${sizes} captured batch sizes x ${estimate.value} MiB`,
      estimate.source,
    );
  }
  const graphs = era ? (era.graphs === 'beside-late' ? MEMORY.cudaGraphsLateGib : MEMORY.cudaGraphsBesideGib) : MEMORY.cudaGraphsGib;
  const nccl = era?.ncclInGraphs ? scale(MEMORY.ncclGraphMib, allReduces * olderCapturedSizes(era, maxNumSeqs) * MIB) : exactly(0);
  const captured = era?.graphs === 'beside' ? shareOfGraphs(era, maxNumSeqs) : 1;
  return term('CUDA graphs', add(scale(graphs, captured * GIB), nccl), 'gpu', 'graphs of the decode batch sizes', graphs.source);
}

/** What is taken once, however few sizes are captured. */
const FIXED_SHARE_OF_GRAPHS = 0.3;

/** A server of few sequences captures few sizes; the logs behind the constant are of servers that capture all. */
function shareOfGraphs(era: VllmEra, maxNumSeqs: number): number {
  return FIXED_SHARE_OF_GRAPHS + (1 - FIXED_SHARE_OF_GRAPHS) * (olderCapturedSizes(era, maxNumSeqs) / olderCapturedSizes(era));
}

/** Whether graphs are captured beside the budget. */
export function graphsBeside(era: VllmEra | undefined): boolean {
  return era !== undefined && era.graphs !== 'reserved';
}

/** Loaded weights on one GPU: the model's share, and the buffers that each GPU holds whole. */
function weightsTerm(model: Model, precision: WeightType, flags: VllmMemoryFlags): FitTerm {
  const { tensorParallel } = flags;
  const weights = weightBytes(model, precision);
  const buffers = loadedBuffers(model, precision, flags);
  const shared = SHARED_TOWERS.has(model.architecture);
  const tower: Ranged = exactly(weights.vision / (shared ? tensorParallel : 1));
  const bytes = add(scale(weights.language, 1 / tensorParallel), tower, buffers.bytes);
  const whole = model.vision && !shared ? ', vision tower whole' : '';
  const share = tensorParallel > 1 ? ` (model / ${tensorParallel}${whole})` : '';
  return term('weights', bytes, 'gpu', `${weights.formula}${share} + ${buffers.formula}`, weights.source);
}
