/** Whether `0.10.2` is `[0, 8]` or later; what is no version counts as the newest. */
export function isFrom(version: string, [major, minor]: readonly [number, number]): boolean {
  const found = /^v?(\d+)\.(\d+)/.exec(version);
  if (!found) return true;
  const [ownMajor, ownMinor] = [Number(found[1]), Number(found[2])];
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** What of vLLM's memory and speed changed with its versions. */
export interface VllmEra {
  /** Sampling without a sorted copy of the logits; cards before Ampere fall back to the old way. */
  readonly leanSampler: boolean;
  /** Where CUDA graphs are counted: reserved before the cache is sized, or captured beside it. */
  readonly graphs: 'reserved' | 'beside' | 'beside-late';
  /** Qwen3-VL keeps a rotary table of its context alone, no longer of four times as much. */
  readonly shortVisionTable: boolean;
  /** int4 by the Machete kernel, which keeps zero points in 16 bit. */
  readonly machete: boolean;
  /** MXFP4 experts by the Marlin kernel, each card's share of an expert in steps of 128 rows. */
  readonly marlinExperts: boolean;
  /** NCCL before 2.26, which takes memory for each all-reduce in a captured graph. */
  readonly ncclInGraphs: boolean;
  /** Scheduling of the next step while the GPU computes. */
  readonly asyncScheduling: boolean;
  /** Decoding replays one CUDA graph for the whole step; V1 before 0.11 launches attention beside it, layer by layer. */
  readonly wholeGraphs: boolean;
  /** Sampling and answering in the process of the engine (V0, the default before 0.8). */
  readonly oneProcess: boolean;
}

/** FlashInfer's sampler by default; 0.22 logs show it, 0.19 does not use it. */
const FIRST_LEAN_SAMPLER = [0, 20] as const;
/** VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS is on by default from 0.21; logs of 0.28 to 0.31 subtract nothing again (the new model runner). */
const FIRST_GRAPH_RESERVE = [0, 21] as const;
const END_OF_RESERVE = [0, 28] as const;
/** `positions_factor=1` in mrope.py of 0.32; a log of 0.28 still counts the longer table. */
const FIRST_SHORT_VISION_TABLE = [0, 32] as const;
/** Built with torch 2.7, which brings NCCL 2.26. */
const FIRST_NEW_NCCL = [0, 9] as const;
const FIRST_ASYNC = [0, 14] as const;
const FIRST_V1 = [0, 8] as const;
/** cudagraph_mode FULL_AND_PIECEWISE is the default from 0.11. */
const FIRST_WHOLE_GRAPHS = [0, 11] as const;
const AMPERE = 8;
const HOPPER = 9;

export function vllmEra(version: string, computeCapability: number = AMPERE): VllmEra {
  return {
    leanSampler: isFrom(version, FIRST_LEAN_SAMPLER) && computeCapability >= AMPERE,
    graphs: isFrom(version, END_OF_RESERVE) ? 'beside-late' : isFrom(version, FIRST_GRAPH_RESERVE) ? 'reserved' : 'beside',
    shortVisionTable: isFrom(version, FIRST_SHORT_VISION_TABLE),
    machete: Math.floor(computeCapability) === HOPPER,
    marlinExperts: Math.floor(computeCapability) === AMPERE,
    ncclInGraphs: !isFrom(version, FIRST_NEW_NCCL),
    asyncScheduling: isFrom(version, FIRST_ASYNC),
    wholeGraphs: isFrom(version, FIRST_WHOLE_GRAPHS) || !isFrom(version, FIRST_V1),
    oneProcess: !isFrom(version, FIRST_V1),
  };
}

/** Most tokens of a batch for which vLLM captures a graph. */
const LARGEST_GRAPH = 512;
const FINE_STEP = 8;
const FINE_UP_TO = 256;
const COARSE_STEP = 16;
/** Sizes 1, 2 and 4. */
const SMALL_SIZES = 3;

/**
 * Batch sizes that are captured before 0.11: every eighth up to twice max_num_seqs and 512, in V0 up to max_num_seqs and 256.
 * Source: start-up logs of 0.7.3 (35) and 0.10.1 (67).
 */
export function olderCapturedSizes({ oneProcess }: Pick<VllmEra, 'oneProcess'>, maxNumSeqs = LARGEST_GRAPH): number {
  const largest = oneProcess ? Math.min(FINE_UP_TO, maxNumSeqs) : Math.min(LARGEST_GRAPH, 2 * maxNumSeqs);
  return largest < FINE_STEP ? Math.floor(Math.log2(largest)) + 1 : SMALL_SIZES + Math.floor(largest / FINE_STEP);
}

/** Batch sizes that are captured: mixed batches up to twice max_num_seqs, decode batches up to max_num_seqs. Source: vLLM 0.22 logs. */
export function capturedSizes(maxNumSeqs: number): number {
  return sizesUpTo(Math.min(LARGEST_GRAPH, 2 * maxNumSeqs)) + sizesUpTo(Math.min(LARGEST_GRAPH, maxNumSeqs));
}

function sizesUpTo(largest: number): number {
  if (largest < FINE_STEP) return Math.floor(Math.log2(largest)) + 1;
  const fine = Math.floor(Math.min(largest, FINE_UP_TO) / FINE_STEP);
  return SMALL_SIZES + fine + Math.floor(Math.max(0, largest - FINE_UP_TO) / COARSE_STEP);
}
