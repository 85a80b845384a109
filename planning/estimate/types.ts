import type { Model } from '../../catalog/schema';
import type { Figure } from '../../core/figure';
import type { Calibration } from '../calibration/schema';
import type { KvDtype } from '../fit/kv-cache';
import type { WeightType } from '../fit/weights';
import type { FIT_VERDICTS, FitTerm } from '../plan';
import type { SpeedEngine } from '../throughput/constants';
import type { SpeedGpu } from '../throughput/step-model';

/** A card, or the memory of a machine without one. */
export interface EstimateDevice {
  readonly key: string;
  readonly name: string;
  /** The card; null when the engine runs on CPUs. */
  readonly gpu: SpeedGpu | null;
  readonly bf16: boolean;
  /** Memory of one card as CUDA reports it, or what a machine gives; null when nobody knows. */
  readonly visibleBytes: number | null;
  /** vCPU and cards of the machine; 0 vCPU for a card without one. */
  readonly vcpu: number;
  readonly gpuCount: number;
  /** Part of the card that the machine has, 1 for whole ones. */
  readonly gpuFraction: number;
  readonly cpuBandwidthGbPerSecond: number | null;
  readonly source: string;
}

/** What an estimate is asked for. Undefined settings take the engine's defaults, undefined loads the defaults of the estimate. */
export interface EstimateRequest {
  readonly model: Model;
  readonly precision: WeightType;
  readonly device: EstimateDevice;
  readonly engine: SpeedEngine;
  readonly engineVersion: string;
  readonly tensorParallel: number;
  readonly kvDtype: KvDtype;
  readonly gpuMemoryUtilization?: number;
  readonly maxModelLen?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  /** vLLM without CUDA graphs. */
  readonly enforceEager?: boolean;
  readonly load: {
    readonly inputTokens?: number;
    readonly outputTokens?: number;
    readonly concurrency?: number;
    readonly images: number;
    readonly imageWidthPx?: number;
    readonly imageHeightPx?: number;
  };
  /** Sum of weight files whose headers were read; it wins over the parameters. */
  readonly weightFiles?: { readonly bytes: number; readonly source: string };
  readonly usdPerHour: HourlyPrice;
  readonly calibration?: Calibration;
}

/** What the cards of one replica cost. */
export interface HourlyPrice {
  /** The whole machine. */
  readonly figure: Figure;
  readonly instanceType: string | null;
  readonly region: string;
  /** Replicas that share the machine. */
  readonly replicas: number;
}

/** A yes or no with its pessimistic and its optimistic answer; null when nobody can tell. */
export interface Judgement {
  readonly value: boolean | null;
  readonly low: boolean | null;
  readonly high: boolean | null;
  readonly basis: Figure['basis'];
  readonly source: string;
}

/** Settings the estimate holds for. */
export interface EstimateSettings {
  readonly gpuMemoryUtilization: number | null;
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number | null;
  readonly kvDtype: KvDtype;
  readonly tensorParallel: number;
  readonly enforceEager: boolean;
  /** Names of the settings that are the engine's defaults. */
  readonly defaults: readonly string[];
}

/** What fits and how fast, for one model on one card: the JSON document of `ovkit estimate`. */
export interface Estimate {
  readonly kind: 'estimate';
  readonly schemaVersion: 1;
  readonly model: {
    readonly id: string;
    readonly architecture: string;
    readonly parameters: number;
    readonly precision: WeightType;
    readonly source: string;
  };
  readonly device: { readonly key: string; readonly name: string; readonly count: number; readonly visibleGib: number | null };
  readonly engine: { readonly name: SpeedEngine; readonly version: string; readonly settings: EstimateSettings };
  readonly load: {
    readonly inputTokens: number;
    readonly imageTokens: number;
    readonly outputTokens: number;
    readonly concurrency: number;
    /** Parts of the load that were not given. */
    readonly assumed: readonly string[];
  };
  readonly verdict: (typeof FIT_VERDICTS)[number];
  readonly because: string;
  readonly fits: Judgement;
  /** Loaded weights on one GPU (vLLM), or the whole file (llama.cpp). */
  readonly weightsGib: Figure;
  readonly kvCacheTokens: Figure;
  /** What the engine takes on one GPU once it runs. */
  readonly totalVramGib: Figure;
  /** What the stated load needs at least on one GPU. */
  readonly requiredVramGib: Figure;
  /** Requests of the stated load that the KV cache holds at once. */
  readonly concurrentRequests: Figure;
  readonly ttftMs: Figure;
  readonly tpotMs: Figure;
  readonly outputTokensPerSecond: Figure;
  readonly usdPerHour: Figure & { readonly instanceType: string | null; readonly region: string; readonly replicas: number };
  readonly usdPerMillionOutputTokens: Figure;
  readonly terms: readonly FitTerm[];
  /** Attention shape behind the bytes of one token. */
  readonly shape: Pick<Model['text'], 'layers' | 'kvHeads' | 'headDim'>;
  readonly notes: readonly string[];
  readonly calibration: string | null;
}
