import type { Model } from '../../catalog/schema';
import type { Precision } from '../../release/schema';
import { MEMORY } from '../constants';
import { maxImageTokens } from '../image-tokens';
import type { FitTerm } from '../plan';
import { add, type Ranged, scale } from '../ranged';
import { GIB } from '../units';
import { term } from './term';
import { loadedFactor, weightBytes } from './weights';

/** Settings of vLLM on which its memory depends. */
export interface VllmMemoryFlags {
  readonly maxNumBatchedTokens: number;
  readonly maxNumSeqs: number;
  readonly tensorParallel: number;
}

/**
 * What vLLM holds on one GPU beside the KV cache, term by term, in bytes.
 * The high ends are chosen so that "fits" is never false; see the constants for what each was fitted on.
 */
export function vllmTerms(model: Model, precision: Precision, flags: VllmMemoryFlags): readonly FitTerm[] {
  const { tensorParallel } = flags;
  const nonTorch = tensorParallel > 1 ? MEMORY.nonTorchTensorParallelGib : MEMORY.nonTorchGib;
  const activation = activationPeak(model, flags);
  const terms = [
    weightsTerm(model, precision, tensorParallel),
    term(
      'non-torch',
      scale(nonTorch, GIB),
      'gpu',
      tensorParallel > 1 ? 'CUDA context and NCCL buffers' : 'CUDA context and libraries',
      nonTorch.source,
    ),
    term('activation peak', activation.bytes, 'gpu', activation.formula, activation.source),
    term('CUDA graphs', scale(MEMORY.cudaGraphsGib, GIB), 'gpu', 'graphs of the decode batch sizes', MEMORY.cudaGraphsGib.source),
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

/** Loaded weights on one GPU; the language model is shared out, the vision tower stands whole on each GPU. */
function weightsTerm(model: Model, precision: Precision, tensorParallel: number): FitTerm {
  const weights = weightBytes(model, precision);
  const factor = loadedFactor(model);
  const bytes = add(scale(weights.language, 1 / tensorParallel), { value: weights.vision, low: weights.vision, high: weights.vision });
  const loaded = { value: bytes.value * factor.value, low: bytes.low * factor.low, high: bytes.high * factor.high };
  const share = tensorParallel > 1 ? ` (language model / ${tensorParallel}, vision tower whole)` : '';
  return term('weights', loaded, 'gpu', `${factor.value} x (${weights.formula})${share}`, weights.source);
}

/**
 * Peak of the activations that vLLM sees while it profiles, in bytes: the largest of three phases that do not overlap.
 * Text: tokens x (3 x intermediate + 4 x hidden) x 2 B. Encoder: the same over the patches of the largest images that fill
 * the encoder budget, with their pixels. Sampler: sequences x vocabulary x 38.8 B.
 */
function activationPeak(model: Model, flags: VllmMemoryFlags): { bytes: Ranged; formula: string; source: string } {
  const { text, vision } = model;
  const { maxNumBatchedTokens, maxNumSeqs, tensorParallel } = flags;
  const forward = maxNumBatchedTokens * ((3 * text.intermediateSize) / tensorParallel + 4 * text.hiddenSize) * 2;
  const patches = vision ? profiledPatches(vision, maxNumBatchedTokens) : 0;
  const pixels = vision ? 3 * vision.patchPx ** 2 * vision.temporalPatchSize : 0;
  const encoder = vision ? patches * (3 * vision.intermediateSize + 4 * vision.hiddenSize + pixels) * 2 : 0;
  const compute = scale(MEMORY.activationShare, Math.max(forward, encoder));
  const sampler = scale(MEMORY.samplerBytesPerLogit, maxNumSeqs * text.vocabSize);
  // Nobody measured this engine with small encoder limits: the high end is all that the one VLM log on an L4 leaves.
  const floor = vision ? (MEMORY.unmeasuredVisionReserveGib.high - MEMORY.nonTorchGib.high) * GIB : 0;
  const bytes = {
    value: Math.max(compute.value, sampler.value),
    low: Math.max(compute.low, sampler.low),
    high: Math.max(compute.high, sampler.high, floor),
  };
  const phases = [
    `text ${maxNumBatchedTokens} tokens x (3 x ${text.intermediateSize}${tensorParallel > 1 ? `/${tensorParallel}` : ''} + 4 x ${text.hiddenSize}) x 2 B`,
    ...(vision ? [`encoder ${patches} patches x (3 x ${vision.intermediateSize} + 4 x ${vision.hiddenSize} + ${pixels}) x 2 B`] : []),
    `sampler ${maxNumSeqs} sequences x ${text.vocabSize} x ${MEMORY.samplerBytesPerLogit.value} B`,
  ];
  return {
    bytes,
    formula: `largest of: ${phases.join('; ')}`,
    source: `${MEMORY.samplerBytesPerLogit.source}; ${MEMORY.activationShare.source}`,
  };
}

/** Tokens of encoder output that vLLM admits in one step. */
function encoderBudgetTokens(vision: NonNullable<Model['vision']>, maxNumBatchedTokens: number): number {
  return Math.max(maxNumBatchedTokens, maxImageTokens(vision));
}

function profiledPatches(vision: NonNullable<Model['vision']>, maxNumBatchedTokens: number): number {
  const perImage = maxImageTokens(vision);
  const images = Math.max(1, Math.floor(encoderBudgetTokens(vision, maxNumBatchedTokens) / perImage));
  return images * perImage * vision.mergeSize ** 2;
}
