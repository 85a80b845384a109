import type { Model } from '../../catalog/schema';
import { GIB, SECONDS_PER_HOUR, TERA } from '../units';
import { TRAINING } from './constants';
import { trainingMemory } from './memory';
import { flopsPerPair } from './trained';
import type { CrossCheck } from './types';

/** Tokens of the whole training, and pairs: 85 M of mid-training and 22 M of instructions. */
const PUBLISHED = { tokens: 64e9, pairs: 107e6, gpuHours: 16_000 / 0.6, a100Tflops: 312 };
/** Dense tokens of a pair on which the vision part rests: an image of 560 x 560 is 400 tokens of 4 patches. */
const PUBLISHED_PATCHES = 1600;
const A100_80_BYTES = 79.2 * GIB;
const A100_40_BYTES = 39.4 * GIB;
/** The estimate of the whole training may be off by this factor; what the instruction pairs hold is not published well enough for less. */
export const STATED_FACTOR = 3;

/** Checks of the envelope against what is published of the 4B or 8B; empty for other models. */
export function crossChecks(model: Model, visionForwardFlops: (patches: number) => number): readonly CrossCheck[] {
  if (model.family !== 'LLaVA-OneVision-1.5') return [];
  const large = model.parameters.total > 6e9;
  return [large ? loraOn40(model) : fullOnEight(model), ...(large ? [wholeTraining(model, visionForwardFlops(PUBLISHED_PATCHES))] : [])];
}

/** Sequence of the published fine-tuning on one node, in tokens. */
const SEQUENCE = 8192;

function fullOnEight(model: Model): CrossCheck {
  const setup = { method: 'full', loraRank: 0, checkpointing: true, tokens: SEQUENCE, patches: 4 * SEQUENCE } as const;
  const eight = sum(model, { ...setup, shards: 8 });
  const alone = sum(model, { ...setup, shards: 1 });
  return {
    what: 'full fine-tuning of the 4B',
    published: 'one machine with 8 GPUs (taken as A100 80 GB, the size is not stated)',
    estimated: `${gib(eight)} a GPU of 8 (fits 80 GB), ${gib(alone)} on one (does not)`,
    holds: eight <= A100_80_BYTES && alone > A100_80_BYTES,
    source: 'quick start on a single machine with 8 GPUs, EvolvingLMMs-Lab/LLaVA-OneVision-2#9; NVIDIA NeMo AutoModel recipe on 8 GPUs',
  };
}

function loraOn40(model: Model): CrossCheck {
  const bytes = sum(model, { method: 'lora', loraRank: 16, checkpointing: false, tokens: 2048, patches: 0, shards: 1 });
  return {
    what: 'LoRA of the 8B',
    published: '40 GB on one GPU (stated in the task of this kit; no public page with it was seen)',
    estimated: `${gib(bytes)} at 2,048 tokens without checkpointing`,
    holds: bytes <= A100_40_BYTES && bytes > A100_40_BYTES / 2,
    source: 'the authors name ms-swift for LoRA, without a figure: EvolvingLMMs-Lab/LLaVA-OneVision-2#80',
  };
}

function wholeTraining(model: Model, visionForwardFlops: number): CrossCheck {
  const sample = { tokens: PUBLISHED.tokens / PUBLISHED.pairs, visionForwardFlops };
  const flops = flopsPerPair(model, 'full', sample, true) * PUBLISHED.pairs;
  const hours = (share: number) => flops / (PUBLISHED.a100Tflops * TERA * share * SECONDS_PER_HOUR);
  const { value, low, high } = TRAINING.hardwareUtilisation;
  const ratio = hours(value) / PUBLISHED.gpuHours;
  return {
    what: 'the whole training of the 8B (85 M mid-training and 22 M instruction pairs, 64 B tokens)',
    published: `about 16,000 USD at 0.60 USD per A100 hour, which is ${Math.round(PUBLISHED.gpuHours)} GPU hours (128 A800 for 9 days: 27,648)`,
    estimated: `${Math.round(hours(value))} GPU hours (${Math.round(hours(high))} to ${Math.round(hours(low))}), ${ratio.toFixed(2)} of the published; stated factor ${STATED_FACTOR}`,
    holds: ratio <= STATED_FACTOR && ratio >= 1 / STATED_FACTOR,
    source: 'README of EvolvingLMMs-Lab/LLaVA-OneVision-1.5, arXiv:2509.23661, EvolvingLMMs-Lab/LLaVA-OneVision-2#9',
  };
}

function sum(model: Model, setup: Parameters<typeof trainingMemory>[1]): number {
  return trainingMemory(model, setup).reduce((bytes, { value }) => bytes + value, 0);
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
