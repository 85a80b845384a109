import type { Figure } from '../../core/figure';
import type { Ranged } from '../ranged';

export const FINE_TUNE_METHODS = ['lora', 'full', 'adapter'] as const;
/**
 * - `lora`: low-rank matrices on every linear layer of the language model; everything else is frozen
 * - `full`: language model, vision tower and merger are all trained
 * - `adapter`: the merger between vision tower and language model alone (the alignment stage)
 */
export type FineTuneMethod = (typeof FINE_TUNE_METHODS)[number];

/** What is to be trained on what. */
export interface FineTuneOptions {
  readonly method: FineTuneMethod;
  /** Image-caption pairs, each seen `epochs` times. */
  readonly pairs: number;
  readonly epochs: number;
  readonly imageWidthPx: number;
  readonly imageHeightPx: number;
  /** Prompt and caption of a pair, in tokens. */
  readonly textTokens: number;
  readonly loraRank: number;
  /** Pairs in one micro-batch on one GPU. */
  readonly microBatch: number;
  readonly region: string;
}

/** One term of the memory of one GPU, in bytes, with its formula. */
export interface TrainingTerm extends Ranged {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
}

/** What was published, beside what the envelope says of the same. */
export interface CrossCheck {
  readonly what: string;
  readonly published: string;
  readonly estimated: string;
  readonly holds: boolean;
  readonly source: string;
}

/** A machine for the training. */
export interface TrainingMachine {
  readonly instanceType: string;
  readonly gpu: string;
  readonly gpuCount: number;
  /** none: every GPU holds all; zero-3: weights, gradients and optimiser are shared out. */
  readonly sharding: 'none' | 'zero-3';
  readonly checkpointing: boolean;
  /** Memory of one GPU, GiB; decided at the high end. */
  readonly gibPerGpu: Ranged;
  readonly capacityGib: number | null;
  readonly fits: boolean | null;
  readonly hours: Figure;
  readonly usd: Figure;
}

export interface FineTuneEnvelope {
  readonly kind: 'fine-tune';
  readonly schemaVersion: 1;
  readonly model: { readonly id: string; readonly title: string };
  readonly options: FineTuneOptions;
  readonly trainedParameters: number;
  readonly tokensPerPair: number;
  /** Memory of one GPU that holds all, with and without checkpointing, and of one of eight under ZeRO-3. */
  readonly memory: readonly {
    readonly setup: string;
    readonly shards: number;
    readonly checkpointing: boolean;
    readonly totalGib: Ranged;
    readonly terms: readonly TrainingTerm[];
  }[];
  /** Hours of one A100 for all pairs and epochs, checkpointed. */
  readonly a100GpuHours: Figure;
  /** Machines of the region by price; those that do not fit come last. */
  readonly machines: readonly TrainingMachine[];
  readonly priceDate: string;
  readonly crossChecks: readonly CrossCheck[];
  readonly note: string;
}
