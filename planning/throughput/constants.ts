import type { Constant } from '../ranged';

/** Where the speed formula applies: an engine on a class of memory. */
export interface SpeedConstants {
  readonly engine: 'vllm' | 'llama.cpp';
  readonly memoryClass: 'gddr' | 'hbm' | 'cpu';
  /** Share of the memory bandwidth that decoding reaches (eta). */
  readonly bandwidthEfficiency: Constant;
  /** Fixed time of one decode step (c). */
  readonly stepOverheadMs: Constant;
  /** Share of the dense peak that prefill and the vision tower reach. */
  readonly prefillMfu: Constant;
  /** Largest concurrency that was measured; beyond it throughput falls and the formula does not hold (the knee). */
  readonly kneeConcurrency: number;
  /** GPUs and model types whose measurements the constants were fitted to; everything else is extrapolated. */
  readonly calibratedGpus: readonly string[];
  readonly calibratedOn: string;
}

const ratio = (value: number, low: number, high: number, source: string): Constant => ({ value, low, high, unit: 'ratio', source });
const ms = (value: number, low: number, high: number, source: string): Constant => ({ value, low, high, unit: 'ms', source });

const L40S = 'Qwen3-8B on L40S, vLLM 0.10.2, 512 in / 256 out, concurrency 1 to 128, 15 points (mean error 2.9 %)';
const A100 = 'Llama-3.1-8B on A100-40GB, vLLM 0.23.0, one point (75 tokens/s); H100 TensorRT-LLM as a guide';
const XD = 'llama.cpp on L40S, A40, A6000, RTX 4090: Llama-3-8B Q4_K_M and F16 (XiongjieDai/GPU-Benchmarks-on-LLM-Inference)';
const PK = 'llama.cpp on A100, H100, H200: Qwen3.5 4B and 9B Q4_K_M (pavlokhmel.com, 2026-06-07); A100 and H100 prefill of Llama-2-7B';
const CPU = 'llama-server with SmolLM2-135M Q4_1 on two cores: 149 tokens/s decode, 295 prefill (2026-11-23)';

/** One row per engine and memory class. */
export const SPEED_CONSTANTS: readonly SpeedConstants[] = [
  {
    engine: 'vllm',
    memoryClass: 'gddr',
    bandwidthEfficiency: ratio(0.9, 0.75, 0.95, L40S),
    stepOverheadMs: ms(3.5, 2.5, 6, L40S),
    prefillMfu: ratio(0.4, 0.25, 0.5, L40S),
    kneeConcurrency: 128,
    calibratedGpus: ['l40s'],
    calibratedOn: L40S,
  },
  {
    engine: 'vllm',
    memoryClass: 'hbm',
    bandwidthEfficiency: ratio(0.85, 0.65, 0.92, A100),
    stepOverheadMs: ms(2, 1, 4, A100),
    prefillMfu: ratio(0.5, 0.3, 0.65, A100),
    kneeConcurrency: 128,
    calibratedGpus: ['a100'],
    calibratedOn: A100,
  },
  {
    engine: 'llama.cpp',
    memoryClass: 'gddr',
    bandwidthEfficiency: ratio(0.85, 0.7, 0.95, XD),
    stepOverheadMs: ms(3, 2, 5, XD),
    prefillMfu: ratio(0.2, 0.1, 0.3, PK),
    kneeConcurrency: 16,
    calibratedGpus: ['l40s'],
    calibratedOn: XD,
  },
  {
    engine: 'llama.cpp',
    memoryClass: 'hbm',
    bandwidthEfficiency: ratio(0.75, 0.45, 0.9, PK),
    stepOverheadMs: ms(4.5, 2.5, 6, PK),
    prefillMfu: ratio(0.18, 0.1, 0.25, PK),
    kneeConcurrency: 16,
    calibratedGpus: ['a100', 'a100-80gb', 'h100', 'h200'],
    calibratedOn: PK,
  },
  {
    engine: 'llama.cpp',
    memoryClass: 'cpu',
    bandwidthEfficiency: ratio(0.6, 0.35, 0.8, CPU),
    stepOverheadMs: ms(0.5, 0.2, 2, CPU),
    prefillMfu: ratio(1, 0.5, 1.5, CPU),
    kneeConcurrency: 8,
    calibratedGpus: [],
    calibratedOn: CPU,
  },
];

/** Share of the dense peak that batched decode reaches when it is bound by arithmetic. */
export const DECODE_MFU: Constant = ratio(0.6, 0.5, 0.7, L40S);
/** Extra time of one decode step per doubling of tensor parallel (two all-reduces per layer over PCIe). Nobody measured it here. */
export const TENSOR_PARALLEL_STEP_MS: Constant = ms(1.5, 0.5, 4, 'all-reduce of 2 x 36 layers at about 20 us, general knowledge');
/** Arithmetic that one vCPU reaches in prefill: 2 x 135e6 x 295 tokens/s on two cores. */
export const CPU_GFLOPS_PER_VCPU: Constant = { value: 40, low: 20, high: 80, unit: 'GFLOP/s', source: CPU };
/** Memory bandwidth of a part of a socket, against its share of the vCPUs; small types often get more than their share. */
export const CPU_BANDWIDTH_SHARE: Constant = ratio(1, 0.7, 2, 'no llama.cpp measurement on these types was found');
