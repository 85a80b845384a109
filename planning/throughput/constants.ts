import type { Constant } from '../ranged';

/** Engines whose speed was measured. TensorRT-LLM serves as a check of the formula only; the kit does not deploy it. */
export type SpeedEngine = 'vllm' | 'llama.cpp' | 'trtllm';

/** Prompts of a closed loop wait for each other in one of two ways; see closedLoop. */
export type FirstToken = { readonly kind: 'queue'; readonly share: Constant } | { readonly kind: 'cohort'; readonly prefills: Constant };

/** Where the speed formula applies: an engine on a class of memory, from a generation of GPUs on. */
export interface SpeedConstants {
  readonly engine: SpeedEngine;
  readonly memoryClass: 'gddr' | 'hbm' | 'cpu';
  /** Lowest compute capability of the row; of several rows that apply the highest is taken. */
  readonly fromComputeCapability: number;
  /** Share of the memory bandwidth that decoding reaches (eta). */
  readonly bandwidthEfficiency: Constant;
  /** Fixed time of one decode step (c): the host between steps. */
  readonly stepOverheadMs: Constant;
  /** What each layer adds to a step: kernels too small for the bandwidth to matter, and the gaps between them. */
  readonly layerOverheadMs: Constant;
  /** What a step takes more before vLLM 0.11, when the host prepares it while the GPU waits. */
  readonly synchronousStepMs: Constant;
  /** Host work of a step for each sequence in the batch. */
  readonly sequenceOverheadMs: Constant;
  /** Share of the dense peak that prefill reaches in a batch that is decoding as well. */
  readonly prefillMfu: Constant;
  /** Share of the dense peak that a prompt reaches when it has the GPU to itself. */
  readonly prefillMfuAlone: Constant;
  /** How far the arithmetic of a prompt overlaps with the decoding of others in the same step; see `overlapping`. */
  readonly mixedOverlap: number;
  /** How long a prompt waits for others: behind so many cohorts of prefills, or by the queue of a closed loop. */
  readonly firstToken: FirstToken;
  /** Largest concurrency that was measured; beyond it throughput falls and the formula does not hold (the knee). */
  readonly kneeConcurrency: number;
  /** GPUs whose measurements the constants were fitted to; everything else is extrapolated. */
  readonly calibratedGpus: readonly string[];
  readonly calibratedOn: string;
}

const ratio = (value: number, low: number, high: number, source: string): Constant => ({ value, low, high, unit: 'ratio', source });
const ms = (value: number, low: number, high: number, source: string): Constant => ({ value, low, high, unit: 'ms', source });

const L40S = 'Qwen3-8B on L40S, vLLM 0.10.2, 512 in / 256 out, concurrency 1 to 128, bf16, AWQ and GPTQ';
const VLLM_HBM =
  'Llama-3.1-8B on A100-40GB (vLLM 0.23.0, 75 tokens/s) and H100 (vLLM 0.21.0, 6.48 ms), Qwen3-0.6B on H100 (vLLM 0.19.0, 2.39 ms)';
const ACCELMARK = 'Llama-3-8B and Llama-3-70B on A100 and H100, vLLM 0.6.6 and 0.7.3 (AccelMark)';
const TRT = 'Llama-3.1-8B on H100, TensorRT-LLM 1.0.0rc3, 18 points of ai-dynamo/aiconfigurator@095f58a';
const XD = 'llama.cpp on L40S, A40, A6000, RTX 4090: Llama-3-8B Q4_K_M and F16 (XiongjieDai/GPU-Benchmarks-on-LLM-Inference)';
const PK_AMPERE =
  'llama.cpp on V100 and A100: Qwen3.5 4B and 9B Q4_K_M (pavlokhmel.com, 2026-06-07), Llama-2-7B and Llama-3-8B of older builds';
const PK_HOPPER = 'llama.cpp on H100 and H200: Qwen3.5 4B and 9B Q4_K_M (pavlokhmel.com, 2026-06-07), Llama-2-7B on H100 PCIe';
const CPU = 'llama-server with SmolLM2-135M Q4_1 on two cores: 149 tokens/s decode, 295 prefill (2026-11-23)';

const LATE_HBM =
  'Qwen2.5-0.5B and Qwen3-1.7B on H100 PCIe, vLLM 0.28 (vllm-project/vllm#53060); Llama-3.1-8B on H100, 0.21, and on A100, 0.23 and 0.31';
const LATE_GDDR =
  'RTX 4090 with Qwen2.5-7B (0.25.1) and Qwen3-4B (0.11), RTX 5090 with Llama-3-8B (0.19.1), L40S with Qwen2.5-3B (0.27.1), RTX A6000 (0.23)';
const WMX = 'Qwen2.5-0.5B on L4, vLLM 0.23.0 (ai.wmx.dev/benchmarks, 256 in / 128 out, concurrency 1 to 32)';
const QUEUE = '`vllm bench serve`: Mistral-7B on RTX 4090 (concurrency 4 to 48), Qwen2.5-0.5B on L4 (1 to 32), Qwen3-8B AWQ on L40S (64)';
const GDDR_LATE = 'Qwen2.5-0.5B on L4 and Qwen2.5-7B on RTX A6000, vLLM 0.23.0';
const NONE = ms(0, 0, 0, 'not measured apart');
const VLLM_QUEUE: FirstToken = { kind: 'queue', share: ratio(0.06, 0, 0.5, QUEUE) };
/** Slots of llama.cpp prefill in turn; nobody measured how long they wait, so that the range is wide. */
const LLAMA_QUEUE: FirstToken = { kind: 'queue', share: ratio(0.2, 0.02, 0.6, 'as vLLM, not measured') };
/** 18 points at concurrency 8 to 128 lie between 5 and 27 prefills, half of them between 6 and 10, whatever the concurrency. */
const TRT_COHORT: Constant = { value: 7.2, low: 2, high: 15, unit: 'prefills', source: TRT };

/**
 * How far reading the weights and computing with them overlap in a step that holds a prompt: the two times add as `(a^p + b^p)^(1/p)`;
 * 1 is no overlap, infinity all of it.
 */
export const PREFILL_OVERLAP_POWER = 1.85;

/** What the cards with HBM share; Hopper and later read with a larger part of their bandwidth than Ampere. */
const VLLM_HBM_ROW = {
  stepOverheadMs: NONE,
  layerOverheadMs: ms(0.046, 0.02, 0.09, LATE_HBM),
  synchronousStepMs: ms(1.1, 0.2, 3, `${VLLM_HBM}; ${ACCELMARK}`),
  sequenceOverheadMs: ms(0.035, 0, 0.06, `${VLLM_HBM}; Qwen2.5-0.5B on A100, vLLM 0.17, 50 in flight`),
  prefillMfu: ratio(0.66, 0.35, 0.8, `${VLLM_HBM}; ${TRT}`),
  prefillMfuAlone: ratio(0.66, 0.35, 0.75, `${L40S}; ${TRT}`),
  mixedOverlap: PREFILL_OVERLAP_POWER,
  firstToken: VLLM_QUEUE,
  kneeConcurrency: 128,
  calibratedOn: VLLM_HBM,
} as const;

/** A step that holds a prompt reads the weights while it computes; where it was not measured to, the two times add. */
const NO_OVERLAP = 1;

/** One row per engine, memory class and generation. */
export const SPEED_CONSTANTS: readonly SpeedConstants[] = [
  {
    engine: 'vllm',
    memoryClass: 'gddr',
    fromComputeCapability: 0,
    bandwidthEfficiency: ratio(0.925, 0.82, 0.96, LATE_GDDR),
    stepOverheadMs: NONE,
    layerOverheadMs: ms(0.046, 0.015, 0.09, LATE_GDDR),
    synchronousStepMs: ms(1.8, 0.4, 3, `${L40S}; ${ACCELMARK}`),
    sequenceOverheadMs: ms(0.035, 0, 0.06, WMX),
    prefillMfu: ratio(0.58, 0.35, 0.75, `${L40S}; RTX 4090 with Mistral-7B and Qwen2.5-7B`),
    prefillMfuAlone: ratio(0.75, 0.45, 0.9, `${L40S}; RTX A6000 and RTX 5090 with 28,650 tokens`),
    mixedOverlap: PREFILL_OVERLAP_POWER,
    firstToken: VLLM_QUEUE,
    kneeConcurrency: 128,
    calibratedGpus: ['l40s', 'l4', 'rtx-a6000', 'rtx-4090'],
    calibratedOn: `${L40S}; ${GDDR_LATE}`,
  },
  {
    engine: 'vllm',
    memoryClass: 'hbm',
    fromComputeCapability: 0,
    bandwidthEfficiency: ratio(0.825, 0.7, 0.93, `${LATE_HBM}; ${ACCELMARK}`),
    ...VLLM_HBM_ROW,
    calibratedGpus: ['a100', 'a100-80gb'],
  },
  {
    engine: 'vllm',
    memoryClass: 'hbm',
    fromComputeCapability: 9,
    bandwidthEfficiency: ratio(0.9, 0.75, 0.96, `${LATE_HBM}; ${VLLM_HBM}`),
    ...VLLM_HBM_ROW,
    calibratedGpus: ['h100', 'h100-pcie'],
  },
  {
    engine: 'trtllm',
    memoryClass: 'hbm',
    fromComputeCapability: 0,
    bandwidthEfficiency: ratio(0.84, 0.7, 0.92, TRT),
    stepOverheadMs: ms(1.4, 0.8, 2.5, TRT),
    layerOverheadMs: NONE,
    synchronousStepMs: NONE,
    sequenceOverheadMs: NONE,
    prefillMfu: ratio(0.74, 0.5, 0.85, TRT),
    prefillMfuAlone: ratio(0.74, 0.5, 0.85, TRT),
    mixedOverlap: NO_OVERLAP,
    firstToken: { kind: 'cohort', prefills: TRT_COHORT },
    kneeConcurrency: 128,
    calibratedGpus: ['h100'],
    calibratedOn: TRT,
  },
  {
    engine: 'llama.cpp',
    memoryClass: 'gddr',
    fromComputeCapability: 0,
    bandwidthEfficiency: ratio(0.88, 0.7, 0.98, XD),
    stepOverheadMs: ms(2.8, 2, 5, XD),
    layerOverheadMs: NONE,
    synchronousStepMs: NONE,
    sequenceOverheadMs: NONE,
    prefillMfu: ratio(0.25, 0.1, 0.5, PK_HOPPER),
    prefillMfuAlone: ratio(0.25, 0.1, 0.5, PK_HOPPER),
    mixedOverlap: NO_OVERLAP,
    firstToken: LLAMA_QUEUE,
    kneeConcurrency: 16,
    calibratedGpus: ['l40s', 'a40', 'rtx-a6000', 'rtx-4090'],
    calibratedOn: XD,
  },
  {
    engine: 'llama.cpp',
    memoryClass: 'hbm',
    fromComputeCapability: 0,
    bandwidthEfficiency: ratio(0.75, 0.48, 0.95, PK_AMPERE),
    stepOverheadMs: ms(4.5, 2.5, 6, PK_AMPERE),
    layerOverheadMs: NONE,
    synchronousStepMs: NONE,
    sequenceOverheadMs: NONE,
    prefillMfu: ratio(0.145, 0.08, 0.2, PK_AMPERE),
    prefillMfuAlone: ratio(0.145, 0.08, 0.2, PK_AMPERE),
    mixedOverlap: NO_OVERLAP,
    firstToken: LLAMA_QUEUE,
    kneeConcurrency: 16,
    calibratedGpus: ['a100', 'a100-80gb', 'a100-80gb-pcie', 'v100-32gb'],
    calibratedOn: PK_AMPERE,
  },
  {
    engine: 'llama.cpp',
    memoryClass: 'hbm',
    fromComputeCapability: 9,
    bandwidthEfficiency: ratio(0.8, 0.6, 0.95, PK_HOPPER),
    stepOverheadMs: ms(3.3, 2.5, 5.5, PK_HOPPER),
    layerOverheadMs: NONE,
    synchronousStepMs: NONE,
    sequenceOverheadMs: NONE,
    prefillMfu: ratio(0.085, 0.06, 0.15, PK_HOPPER),
    prefillMfuAlone: ratio(0.085, 0.06, 0.15, PK_HOPPER),
    mixedOverlap: NO_OVERLAP,
    firstToken: LLAMA_QUEUE,
    kneeConcurrency: 16,
    calibratedGpus: ['h100', 'h200', 'h100-pcie'],
    calibratedOn: PK_HOPPER,
  },
  {
    engine: 'llama.cpp',
    memoryClass: 'cpu',
    fromComputeCapability: 0,
    bandwidthEfficiency: ratio(0.6, 0.35, 0.8, CPU),
    stepOverheadMs: ms(0.5, 0.2, 2, CPU),
    layerOverheadMs: NONE,
    synchronousStepMs: NONE,
    sequenceOverheadMs: NONE,
    prefillMfu: ratio(1, 0.5, 1.5, CPU),
    prefillMfuAlone: ratio(1, 0.5, 1.5, CPU),
    mixedOverlap: NO_OVERLAP,
    firstToken: LLAMA_QUEUE,
    kneeConcurrency: 8,
    calibratedGpus: [],
    calibratedOn: CPU,
  },
];

/** The row for an engine on a device; undefined when nothing like it was measured. */
export function speedConstants(
  engine: SpeedEngine,
  memoryClass: SpeedConstants['memoryClass'],
  computeCapability: number,
): SpeedConstants | undefined {
  return SPEED_CONSTANTS.filter(
    (row) => row.engine === engine && row.memoryClass === memoryClass && row.fromComputeCapability <= computeCapability,
  ).sort((a, b) => b.fromComputeCapability - a.fromComputeCapability)[0];
}

/** Share of the dense peak that batched decode reaches when it is bound by arithmetic. */
export const DECODE_MFU: Constant = ratio(0.6, 0.5, 0.7, L40S);
/** Extra time of one layer per doubling of tensor parallel: two all-reduces, over NVLink and, with RTX 4090, over PCIe as well. */
export const TENSOR_PARALLEL_LAYER_MS: Constant = ms(0.016, 0.005, 0.06, 'Llama-3-70B on eight A100 and H200, vLLM 0.7.3 (AccelMark)');
/** What a layer with experts takes more than a dense one: the router, sorting the tokens, and small matrices. */
export const EXPERT_LAYER_MS: Constant = ms(
  0.04,
  0,
  0.09,
  'Qwen3-30B-A3B on A100, vLLM 0.9.1 (tenstorrent/tt-inference-server#340); Mixtral on eight A100 and H200, 0.7.3',
);
/** What a step takes more from vLLM 0.11 to 0.13: the whole of it is one CUDA graph, but the next one is not scheduled beside it yet. */
export const GRAPHED_SYNCHRONOUS_STEP_MS: Constant = ms(0.45, 0, 1.5, 'Qwen3-8B on H100 and Qwen3-4B on RTX 4090, vLLM 0.11');
/** From vLLM 0.8 to 0.10 attention is launched layer by layer beside the CUDA graphs: a step takes the host at least this for each. */
export const PIECEWISE_LAYER_MS: Constant = ms(0.11, 0.05, 0.15, 'Qwen3-0.6B and Qwen3-1.7B on A100, vLLM 0.9.1');
/** What each sequence of a step takes more before vLLM 0.14: the host works on it while the GPU waits. */
export const SYNCHRONOUS_SEQUENCE_MS: Constant = ms(0.015, 0, 0.05, 'Qwen2-7B on A100, vLLM 0.10.1, 20 to 50 in flight; L40S, 0.10.2');
/** fp8 weights on GDDR cards are read with less of the bandwidth than 16-bit ones: the kernels are made for large batches. */
export const FP8_GDDR_SHARE: Constant = ratio(0.88, 0.78, 1, 'Qwen2.5-7B on L4, vLLM 0.27.1, and Qwen3-4B on RTX 4090, 0.19.1');
/**
 * The A100 with 80 GB has 1.31 times the bandwidth of the one with 40 and the same cores to ask for it: of what it has more it reaches two thirds.
 * Share against the other cards of Ampere with HBM.
 */
export const HBM2E_AMPERE_SHARE: Constant = ratio(
  0.92,
  0.86,
  1,
  'Llama-3-8B, vLLM 0.7.3, Qwen3-30B-A3B, 0.9.1, and Qwen2-7B, 0.10.1, on A100 80GB; with Llama-3.1-8B, 0.31, and Qwen2.5-32B as checks',
);
const HBM2E_FROM_GB_PER_SECOND = 1800;
const HOPPER = 9;

/** Share of the row's part of the bandwidth that a card reaches with vLLM, by the bits of its weights and its generation of memory. */
export function cardShare(
  engine: SpeedEngine,
  precision: string,
  card: {
    readonly memoryClass: SpeedConstants['memoryClass'];
    readonly computeCapability: string;
    readonly memoryBandwidthGbPerSecond: number | null;
  },
): Constant | undefined {
  if (engine !== 'vllm') return undefined;
  if (card.memoryClass === 'gddr') return precision === 'fp8' ? FP8_GDDR_SHARE : undefined;
  const late = Number(card.computeCapability) >= HOPPER;
  return !late && (card.memoryBandwidthGbPerSecond ?? 0) >= HBM2E_FROM_GB_PER_SECOND ? HBM2E_AMPERE_SHARE : undefined;
}

/**
 * How much of the time the clients of a benchmark keep their places filled: between two answers of a client, and at the end of a run, some
 * are empty.
 */
export const PLACES_FILLED: { readonly alone: Constant; readonly together: Constant } = {
  alone: ratio(0.97, 0.9, 1, WMX),
  together: ratio(0.95, 0.87, 1, 'RTX 4090 with Qwen2.5-7B (0.25.1), L40S with Qwen2.5-3B (0.27.1), H100 with Qwen3-8B (0.11)'),
};
/**
 * What the cards of a replica exchange a second in prefill, two all-reduces of all tokens for each layer; the bytes count
 * 2 x (N - 1) / N times. Without NVLink it is most of the time of a prompt.
 */
export const ALL_REDUCE_GB_PER_SECOND: Readonly<Record<SpeedConstants['memoryClass'], Constant>> = {
  gddr: {
    value: 6,
    low: 3,
    high: 20,
    unit: 'GB/s',
    source: 'Llama-3-70B on eight RTX 4090, 277 ms to the first token, vLLM 0.7.3 (AccelMark)',
  },
  hbm: { value: 300, low: 60, high: 450, unit: 'GB/s', source: 'NVLink, general knowledge; Llama-3-70B on eight A100 and H200 as checks' },
  cpu: { value: 6, low: 3, high: 20, unit: 'GB/s', source: 'does not occur' },
};
/** What each sequence of a step takes more before vLLM 0.8, which samples and answers in the process of the engine. */
export const ONE_PROCESS_SEQUENCE_MS: Constant = ms(0.05, 0.01, 0.25, 'Qwen2.5-0.5B on H100 and L4, 32 in flight, vLLM 0.7.3 (AccelMark)');
/**
 * What a GDDR card sustains in batches that mix prefill with decoding, whatever its peak says: the L40S (350 W, 362 TFLOPS) reaches 137.
 * In TFLOPS of 16-bit arithmetic; twice that in fp8.
 */
export const MIXED_BATCH_TFLOPS: Constant = { value: 137, low: 90, high: 180, unit: 'TFLOPS', source: L40S };
/** llama.cpp prefills 16-bit weights faster than quantised ones, which it unpacks first: 1.48 on A100, 1.51 on H100 PCIe. */
export const LLAMA_16_BIT_PREFILL: Constant = ratio(1.5, 1.3, 1.7, 'Llama-2-7B F16 against Q4_0 on A100-80GB and H100 PCIe');
/**
 * What each further slot of a step costs llama.cpp on a GPU, as a share of reading the weights: its kernels for few columns multiply the quantised
 * weights with each of them. Seven cards of single-stream points say nothing of it; the high end is that of older cards.
 */
export const LLAMA_SLOT_SHARE: Constant = ratio(
  0.12,
  0.03,
  0.2,
  'Qwen2.5-7B Q4_K_M on L4, llama.cpp b5540, 4 slots (ree2raz/inference-bench)',
);
/** What the machine around a card adds to a request: tokenising, HTTP and scheduling, before the prompt reaches the GPU and while others arrive. */
export interface HostConstants {
  readonly requestMs: Constant;
  readonly perConcurrentMs: Constant;
  /** What each sequence of a step takes more than on a machine with many cores. */
  readonly sequenceMs: Constant;
  /** One layer of a step without CUDA graphs. */
  readonly eagerLayerMs: Constant;
}
/**
 * Slower cards than this come with machines of few cores (L4 with 4 vCPU: 27 ms before an empty GPU begins, 3 ms more for each other
 * request); the others with many (L40S 3 to 8 ms, H100 6 to 30).
 */
export const SMALL_HOST_BELOW_GB_PER_SECOND = 400;
export const SMALL_HOST: HostConstants = {
  requestMs: ms(27, 5, 60, `${WMX}; Qwen2.5-7B on L4, vLLM 0.27.1`),
  perConcurrentMs: ms(3, 0.5, 4, WMX),
  sequenceMs: ms(0.025, 0, 0.05, WMX),
  eagerLayerMs: ms(
    0.87,
    0.4,
    1.2,
    'Qwen2.5-7B on L4, --enforce-eager: GPTQ with vLLM 0.27.1 (0.95), AWQ with 0.8.5 on another machine (0.79)',
  ),
};
export const LARGE_HOST: HostConstants = {
  requestMs: ms(9.5, 1, 50, `${L40S}; ${VLLM_HBM}; two H100 with Qwen2.5-72B`),
  perConcurrentMs: ms(1.2, 0.2, 3, QUEUE),
  sequenceMs: NONE,
  eagerLayerMs: ms(0.52, 0.3, 0.8, 'Qwen3-14B-AWQ on A100, vLLM 0.9.1, --enforce-eager'),
};
/** llama-server does little beside the prompt; llama-bench, which most points come from, nothing. */
export const LLAMA_HOST: HostConstants = {
  requestMs: ms(4, 1, 15, 'llama-bench prefill of Llama-2-7B and Llama-3-8B'),
  perConcurrentMs: NONE,
  sequenceMs: NONE,
  eagerLayerMs: NONE,
};
/**
 * What the server of vLLM does to one image before the GPU sees it: decoding, scaling, cutting into patches, handing it to the engine. It prepares one
 * image after the other, so that a second has no more of them. Fitted to the rate and to the first token, of which it is the part beside the GPU's.
 * The range is that of other images and cores: a photo decodes in 8 ms as JPEG and in 50 as PNG.
 */
export const IMAGE_HOST_MS_PER_MEGAPIXEL: Constant = {
  value: 70,
  low: 20,
  high: 120,
  unit: 'ms/MP',
  source:
    'LLaVA-OneVision-1.5-4B and 8B (two runs) and Qwen3-VL-4B on H200, vLLM 0.32.0, one PNG of 1280x960 in a request (2026-11-26 and 27)',
};
/**
 * vCPU that a replica uses while it prepares images; with fewer, images take as many times longer. Two threads are always busy, the server and
 * the engine, which spins, and two vCPU are one core. The slow end is that of a processor that scales an image on several cores.
 */
export const IMAGE_HOST_VCPU: Constant = {
  value: 4,
  low: 2,
  high: 8,
  unit: 'vCPU',
  source: 'processes of vLLM, general knowledge; images were measured with 16 vCPU only, so what fewer cost is not measured',
};
/** Host constants of an engine on a card. */
export function hostConstants(engine: SpeedEngine, bandwidthGbPerSecond: number | null): HostConstants {
  if (engine === 'llama.cpp') return LLAMA_HOST;
  return (bandwidthGbPerSecond ?? 0) < SMALL_HOST_BELOW_GB_PER_SECOND ? SMALL_HOST : LARGE_HOST;
}
/** Arithmetic that one vCPU reaches in prefill: 2 x 106e6 linear parameters x 295 tokens/s on two cores. */
export const CPU_GFLOPS_PER_VCPU: Constant = { value: 31, low: 16, high: 64, unit: 'GFLOP/s', source: CPU };
/** Memory bandwidth of a part of a socket, against its share of the vCPUs; small types often get more than their share. */
export const CPU_BANDWIDTH_SHARE: Constant = ratio(1, 0.7, 2, 'no llama.cpp measurement on these types was found');
