import type { Constant } from './ranged';

const PROFILES = 'vLLM 0.11 memory profiles on H100 (7 models, max_num_seqs 1024)';
const L4_LOG = 'vLLM 0.9.0.1 start-up log, Qwen2.5-VL-7B on L4 (Red Hat KServe walkthrough, 2025-08-31)';

/** Constants of the memory formulas. Points they were fitted on are in tests/planning/points.json. */
export const MEMORY = {
  /** Loaded weights over 2 x parameters or file bytes: Qwen2.5-VL-7B 1.012, Qwen3-VL-8B 1.028, Qwen3-VL-4B 1.039. */
  loadedOverFileVision: { value: 1.03, low: 1.005, high: 1.04, unit: 'ratio', source: 'vLLM load logs of three vision-language models' },
  /** Qwen3-8B 1.0008, Qwen3-4B 1.008 to 1.025. */
  loadedOverFileText: { value: 1.01, low: 1.0, high: 1.025, unit: 'ratio', source: 'vLLM load logs of Qwen3-8B and Qwen3-4B' },
  /** CUDA context and libraries outside torch, one GPU: H100 0.13 to 0.14, small cards 0.01 to 0.04. */
  nonTorchGib: { value: 0.13, low: 0.01, high: 0.2, unit: 'GiB', source: PROFILES },
  /** The same with NCCL buffers, two GPUs or more: 0.54 to 0.55 at two. */
  nonTorchTensorParallelGib: { value: 0.55, low: 0.5, high: 0.8, unit: 'GiB', source: PROFILES },
  /**
   * Sampler peak per sequence and vocabulary entry during profiling (logits in fp32, their sorted copy, indices, probabilities).
   * Five H100 profiles give 38.4 to 39.6 (vocabularies of 128,256 to 201,088); L40S 32, RTX 3090 and 5090 44.
   */
  samplerBytesPerLogit: { value: 38.8, low: 32, high: 44, unit: 'B per sequence and vocabulary entry', source: PROFILES },
  /**
   * Share of the computed activation peak. The MLP form meets 0.74 GiB (Qwen3-4B, 10,000 tokens) within 1 %;
   * an encoder of 65,536 patches (Qwen2.5-VL-7B) computes to 93 % of what the L4 log leaves.
   */
  activationShare: { value: 1.05, low: 0.85, high: 1.5, unit: 'ratio', source: `${L4_LOG}; vLLM 0.8.5 log of Qwen3-4B` },
  /**
   * High end for any vision-language engine that nobody has measured with small encoder limits: all that the L4 log leaves
   * between weights and KV cache (19.83 - 15.63 - 1.81 GiB). It is what makes "fits" safe, not what is expected.
   */
  unmeasuredVisionReserveGib: { value: 2.4, low: 2.4, high: 2.4, unit: 'GiB', source: L4_LOG },
  /** CUDA graphs: 0.09 to 0.14 in recent versions, 0.51 for a 7B VLM with 67 sizes; counted inside the budget. */
  cudaGraphsGib: { value: 0.3, low: 0.09, high: 0.51, unit: 'GiB', source: `${L4_LOG}; ${PROFILES}` },
  /** Tokens of one KV block. */
  kvBlockTokens: { value: 16, low: 16, high: 16, unit: 'tokens', source: 'vLLM default block size on CUDA' },
  /** AWQ and GPTQ: 4 bits, and per group of 128 one fp16 scale and one 4-bit zero. Qwen3-8B-AWQ computes to 6.10 GB, its file is 6.11 GB. */
  int4BytesPerWeight: { value: 0.52, low: 0.515, high: 0.53, unit: 'B', source: 'group size 128; Qwen3-8B-AWQ file of 6.11 GB' },
  /** CUDA context and pool overhead of llama.cpp; `llama-fit-params` leaves 1,024 MiB a device. */
  llamaDeviceMarginMib: { value: 512, low: 256, high: 1024, unit: 'MiB', source: 'ggml-org/llama.cpp llama-fit-params margin' },
  /** Memory of a llama-server beside weights, cache and buffers; SmolLM2 measured 177 MB RSS with a 98 MB file. */
  llamaProcessMib: { value: 128, low: 64, high: 512, unit: 'MiB', source: 'llama-server with SmolLM2-135M Q4_1, measured 2026-11-23' },
  /** Compute buffer of the projector for one large image: Qwen2.5-Omni-3B took 2,448 MiB of mmproj and compute. */
  llamaImageComputeMib: { value: 800, low: 300, high: 1600, unit: 'MiB', source: 'ggml-org/llama.cpp#21489' },
  /** Host memory of the vLLM processes (torch, CUDA context, API server, image preprocessing). */
  vllmHostGib: { value: 4, low: 2.5, high: 6, unit: 'GiB', source: 'vLLM 0.32 server on CPU: 3.9 GB resident' },
  /** Shared memory: an emptyDir of 1 GiB counts against the pod (KServe default); 2 GiB with tensor parallel (vLLM docs). */
  sharedMemoryGib: { value: 1, low: 1, high: 2, unit: 'GiB', source: 'kserve/kserve@aaac4e2 config/llmisvc; vLLM docs' },
  /** One shard of safetensors that is read while the others are page cache, which the kernel takes back. */
  shardGb: { value: 5, low: 2, high: 5, unit: 'GB', source: 'safetensors shards on the Hub are at most 5 GB' },
  /** Unpacked over compressed size of an engine image. */
  unpackedOverCompressed: { value: 2.2, low: 1.8, high: 2.6, unit: 'ratio', source: 'CUDA images, general knowledge' },
  /** Unpacked engine image when its size is not known: a CUDA engine, and a CPU one. */
  unknownCudaImageGb: { value: 22, low: 12, high: 30, unit: 'GB', source: 'vLLM images, general knowledge' },
  unknownCpuImageGb: { value: 0.5, low: 0.1, high: 2, unit: 'GB', source: 'llama.cpp server images, general knowledge' },
  /** Operating system, kubelet, logs. */
  nodeDiskGb: { value: 10, low: 6, high: 20, unit: 'GB', source: 'Bottlerocket and AL2023 node images, general knowledge' },
} as const satisfies Readonly<Record<string, Constant>>;

/** Bits per weight of GGUF types on Llama-3.1-8B (llama.cpp tools/quantize/README.md); the file length wins when it is known. */
export const GGUF_BITS_PER_WEIGHT = {
  F16: 16.0005,
  BF16: 16.0005,
  Q8_0: 8.5008,
  Q6_K: 6.5633,
  Q5_K_M: 5.7036,
  Q4_K_M: 4.8944,
  Q4_0: 4.6,
  Q4_1: 5.1,
} as const;
/** Bits per weight differ by model (embedding kept at a higher type): Qwen3-4B Q4_K_M 4.95 against 4.89. */
export const GGUF_SPREAD: Constant = {
  value: 1,
  low: 0.98,
  high: 1.04,
  unit: 'ratio',
  source: 'Q4_K_M of Llama-3.1-8B, Qwen3-8B, Qwen3-4B',
};
