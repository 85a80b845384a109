import type { Model } from '../../catalog/schema';
import { MEMORY } from '../constants';
import { maxImageTokens } from '../image-tokens';
import { add, exactly, type Ranged, scale } from '../ranged';
import { GIB } from '../units';
import type { VllmMemoryFlags } from './vllm';

/** Towers whose MLP has a gate: three intermediate tensors live at once, in the others two. */
const GATED_TOWERS = new Set(['Qwen2_5_VLForConditionalGeneration', 'Mistral3ForConditionalGeneration']);
/** Architectures whose encoder profile stands in a log; the others keep the reserve of that log as their high end. */
const MEASURED_ENCODERS = new Set([
  'Qwen2VLForConditionalGeneration',
  'Qwen2_5_VLForConditionalGeneration',
  'Qwen3VLForConditionalGeneration',
]);

/**
 * Peak of the activations that vLLM sees while it profiles, in bytes on one GPU: the largest of three phases that do not overlap.
 * Forward: tokens x (3 x intermediate / tp + 4 x hidden) x 2 B. Sampler: sequences x vocabulary x 38.25 B + tokens x hidden x 2.56 B.
 * Encoder: as forward (2 x intermediate where the tower's MLP has no gate), over the patches of the largest images that fill the encoder budget, with their pixels.
 */
export function activationPeak(model: Model, flags: VllmMemoryFlags): { bytes: Ranged; formula: string; source: string } {
  const { text, vision, architecture } = model;
  const { maxNumBatchedTokens, maxNumSeqs, tensorParallel } = flags;
  const forward = maxNumBatchedTokens * ((3 * text.intermediateSize) / tensorParallel + 4 * text.hiddenSize) * 2;
  const patches = vision ? profiledPatches(vision, maxNumBatchedTokens) : 0;
  const pixels = vision ? 3 * vision.patchPx ** 2 * vision.temporalPatchSize : 0;
  const branches = vision && GATED_TOWERS.has(architecture) ? 3 : 2;
  const encoder = vision ? patches * (branches * vision.intermediateSize + 4 * vision.hiddenSize + pixels) * 2 : 0;
  const perLogit = flags.era?.leanSampler ? MEMORY.leanSamplerBytesPerLogit : MEMORY.samplerBytesPerLogit;
  const sequences = Math.min(maxNumSeqs, maxNumBatchedTokens);
  const phases = [
    scale(MEMORY.activationShare, forward),
    scale(MEMORY.encoderShare, encoder),
    add(scale(perLogit, sequences * text.vocabSize), scale(MEMORY.hiddenBytesPerToken, maxNumBatchedTokens * text.hiddenSize)),
  ];
  // Nobody measured these towers: the high end is all that the one VLM log on an L4 leaves.
  const unmeasured = vision !== null && !MEASURED_ENCODERS.has(architecture);
  const floor = unmeasured ? (MEMORY.unmeasuredVisionReserveGib.high - MEMORY.nonTorchGib.high) * GIB : 0;
  const bytes = [...phases, { ...exactly(0), high: floor }].reduce((a, b) => ({
    value: Math.max(a.value, b.value),
    low: Math.max(a.low, b.low),
    high: Math.max(a.high, b.high),
  }));
  const words = [
    `forward ${maxNumBatchedTokens} tokens x (3 x ${text.intermediateSize}${tensorParallel > 1 ? `/${tensorParallel}` : ''} + 4 x ${text.hiddenSize}) x 2 B`,
    ...(vision
      ? [`encoder ${patches} patches x (${branches} x ${vision.intermediateSize} + 4 x ${vision.hiddenSize} + ${pixels}) x 2 B`]
      : []),
    `sampler ${sequences} sequences x ${text.vocabSize} x ${perLogit.value} B + ${maxNumBatchedTokens} tokens x ${text.hiddenSize} x ${MEMORY.hiddenBytesPerToken.value} B`,
  ];
  return {
    bytes,
    formula: `largest of: ${words.join('; ')}`,
    source: `${perLogit.source}; ${MEMORY.activationShare.source}`,
  };
}

/** Tokens of encoder output that vLLM admits in one step. */
export function encoderBudgetTokens(vision: NonNullable<Model['vision']>, maxNumBatchedTokens: number): number {
  return Math.max(maxNumBatchedTokens, maxImageTokens(vision));
}

function profiledPatches(vision: NonNullable<Model['vision']>, maxNumBatchedTokens: number): number {
  const perImage = maxImageTokens(vision);
  const images = Math.max(1, Math.floor(encoderBudgetTokens(vision, maxNumBatchedTokens) / perImage));
  return images * perImage * vision.mergeSize ** 2;
}
