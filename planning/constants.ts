import type { Constant } from './ranged';

const PROFILES = 'vLLM 0.11 memory profiles on H100 (7 models, max_num_seqs 1024)';
const L4_LOG = 'vLLM 0.9.0.1 start-up log, Qwen2.5-VL-7B on L4 (Red Hat KServe walkthrough, 2025-08-31)';

/** Constants of the memory formulas. Points they were fitted on are in tests/planning/points.json. */
export const MEMORY = {
  /** Beside rotary table and allocator, vision-language models load 3 to 17 MiB more than their weights: Qwen2.5-VL-3B, -7B, Qwen3-VL-8B. */
  towerLoadingMib: { value: 5, low: 0, high: 45, unit: 'MiB', source: 'vLLM load logs of four vision-language models' },
  /** A tower that no log has shown: all that a factor of 1.04 would be on 8.5 B parameters. */
  unseenTowerGib: {
    value: 0,
    low: 0,
    high: 0.6,
    unit: 'GiB',
    source: 'largest overhead seen (Qwen3-VL-4B, 3.9 %, mostly its rotary table)',
  },
  /** Work space that repacked int4 and fp8 weights leave: Qwen3-8B AWQ and GPTQ load 20 MiB more than their sum. */
  repackMib: { value: 20, low: 0, high: 80, unit: 'MiB', source: 'vLLM 0.10.2 load logs of Qwen3-8B AWQ and GPTQ' },
  /** Rounding of the allocator. */
  allocatorMib: {
    value: 0,
    low: 0,
    high: 30,
    unit: 'MiB',
    source: 'vLLM load logs of Qwen3, Llama-3.1 and Mistral-Small, all within 10 MiB',
  },
  /**
   * What CUDA has taken of an empty card before vLLM looks: V1 refuses to start when its share is more than what is left. 78.57 of 79.18 GiB free
   * on H100, 23.15 of 23.56 on RTX 3090.
   */
  cudaContextGib: {
    value: 0.45,
    low: 0.3,
    high: 0.61,
    unit: 'GiB',
    source: 'vLLM start-up logs, "Free memory on device": H100 (llm-d, 0.11), RTX 3090 (noonghunna/club-3090#1139)',
  },
  /** CUDA context and libraries outside torch, one GPU: H100 0.13 to 0.14, small cards 0.01 to 0.04, A100 with 0.31 0.26. */
  nonTorchGib: { value: 0.13, low: 0.01, high: 0.3, unit: 'GiB', source: PROFILES },
  /**
   * The same with NCCL buffers, two GPUs or more: 0.54 to 0.55 at two with NVLink, about 0.25 at two A100 that do not reach each other.
   * The high end: in a table by LMCache the caches of two and four H100 are 0.8 and 0.9 GiB smaller than 0.55 leaves them,
   * if its share of the memory is the default, which it does not say.
   */
  nonTorchTensorParallelGib: {
    value: 0.55,
    low: 0.2,
    high: 1.6,
    unit: 'GiB',
    source: `${PROFILES}; high end from the cache sizes of LMCache/LMCache#1769`,
  },
  /**
   * Sampler peak per sequence and vocabulary entry during profiling: logits in 16 and 32 bit, their sorted copy with 64-bit indices and
   * the sort's own buffers, probabilities. Five H100 profiles give 38.20 to 38.26 once the hidden states are counted apart (below);
   * RTX and A100 logs of other versions fall within 2 %. Images that bring FlashInfer need a third of it: the low end.
   */
  samplerBytesPerLogit: { value: 38.25, low: 10, high: 39.5, unit: 'B per sequence and vocabulary entry', source: PROFILES },
  /**
   * The same from vLLM 0.20 on, whose FlashInfer sampler keeps no sorted copy: logits in 16 and 32 bit and probabilities. L4 with 0.27.1
   * and A100 with FlashInfer on 0.10.1 leave 0.43 to 0.5 GiB for 256 sequences. The high end is above the old way: an
   * A100 with 0.31 counts 1.44 GiB of activations for 256 sequences of 128,256 entries.
   */
  leanSamplerBytesPerLogit: {
    value: 12,
    low: 10,
    high: 44.5,
    unit: 'B per sequence and vocabulary entry',
    source: 'vLLM 0.27.1 start-up logs of Qwen2.5-7B on L4 (2026-08-22)',
  },
  /** Hidden states that live beside the sampler, per token and width. */
  hiddenBytesPerToken: { value: 2.56, low: 2, high: 4, unit: 'B per token and hidden unit', source: PROFILES },
  /**
   * Share of the computed peak of the forward pass. tokens x (3 x intermediate + 4 x hidden) x 2 B meets 0.74 GiB (Qwen3-4B, 10,000 tokens),
   * 2.02 GiB (Qwen2.5-1.5B, 32,768 tokens, T4) and 0.22 GiB (Llama-3.1-8B, 2,048 tokens, L4) within 1 % each.
   */
  activationShare: { value: 1, low: 0.9, high: 1.15, unit: 'ratio', source: 'vLLM 0.6 to 0.8 logs of three models' },
  /**
   * The same for the vision tower: 65,536 patches of Qwen2.5-VL-7B compute to 93 % of what the L4 log leaves. The low end is Qwen3-VL-4B on
   * H200 with 0.32, whose cache is 1.2 GiB larger than with the whole share.
   */
  encoderShare: { value: 1.05, low: 0.3, high: 1.5, unit: 'ratio', source: L4_LOG },
  /**
   * High end for any vision-language engine that nobody has measured with small encoder limits: all that the L4 log leaves
   * between weights and KV cache (19.83 - 15.63 - 1.81 GiB). It is what makes "fits" safe, not what is expected.
   */
  unmeasuredVisionReserveGib: { value: 2.4, low: 2.4, high: 2.4, unit: 'GiB', source: L4_LOG },
  /** CUDA graphs: 0.09 to 0.14 in recent versions, 0.51 for a 7B VLM with 67 sizes; counted inside the budget. */
  cudaGraphsGib: { value: 0.3, low: 0.09, high: 0.51, unit: 'GiB', source: `${L4_LOG}; ${PROFILES}` },
  /**
   * What vLLM 0.21 to 0.27 reserves for one captured batch size, before it sizes the cache: 0.37 GiB for 54 sizes, 0.64 to 0.83 for 86.
   * One L4 log says 1.76 for 86, the high end.
   */
  cudaGraphEstimateMib: {
    value: 8,
    low: 3,
    high: 21,
    unit: 'MiB per captured batch size',
    source: 'start-up logs of vLLM 0.19 to 0.27 ("Estimated CUDA graph memory"), six models',
  },
  /** Graphs that were captured beside the budget: 0.50 to 0.68 GiB for 67 sizes (0.9 to 0.10), 0.55 for 86 (0.13, 0.15), 0.80 in V0. */
  cudaGraphsBesideGib: { value: 0.55, low: 0.09, high: 0.8, unit: 'GiB', source: 'start-up logs of vLLM 0.7 to 0.15, eight models' },
  /** The same from 0.28 on: 0.07 to 0.37 GiB in the logs of six models. */
  cudaGraphsLateGib: { value: 0.25, low: 0.05, high: 0.7, unit: 'GiB', source: 'start-up logs of vLLM 0.28 to 0.31, six models' },
  /**
   * What each all-reduce in a captured graph may take besides before vLLM 0.9, whose NCCL is older than 2.26, with more than two cards without
   * NVLink: 2.4 GiB for 35 sizes of 60 layers on four RTX 4090, and six of which four A10 run out with Qwen3-30B-A3B. It stands in the high end
   * alone: two such logs, and what it takes depends on the machine.
   */
  ncclGraphMib: {
    value: 0,
    low: 0,
    high: 0.9,
    unit: 'MiB per all-reduce and captured size',
    source: 'vllm-project/vllm#7553 (RTX 4090, 0.5.4) and #17469 (A10, 0.8.5)',
  },
  /** AWQ on Hopper: what the Machete kernel keeps more. Zero points in 16 bit, one for each group of 128, are half of it. */
  wideZeroPointBytes: { value: 0.022, low: 0, high: 0.024, unit: 'B per weight', source: 'vLLM 0.31.0 load log, Qwen2.5-7B-AWQ on H200' },
  /** What vLLM 0.20 and later load beside weights and buffers: Qwen2.5-7B 14.29 GiB where 0.10 loads 14.25. */
  lateLoadMib: { value: 25, low: 0, high: 80, unit: 'MiB', source: 'load logs of Qwen2.5-7B with vLLM 0.10, 0.22 and 0.27' },
  /** Tokens of one KV block. */
  kvBlockTokens: { value: 16, low: 16, high: 16, unit: 'tokens', source: 'vLLM default block size on CUDA' },
  /** AWQ: 4 bits, and per group of 128 one 16-bit scale and one 4-bit zero point: 0.5 + 2/128 + 0.5/128. */
  awqBytesPerWeight: { value: 0.5195, low: 0.5156, high: 0.5352, unit: 'B', source: 'AutoAWQ, group size 128 (64 in the high end)' },
  /** GPTQ, symmetric: 4 bits and one 16-bit scale per group of 128. */
  gptqBytesPerWeight: { value: 0.5156, low: 0.5117, high: 0.5352, unit: 'B', source: 'GPTQModel, group size 128, symmetric' },
  /** fp8 and int8: one byte, and a 32-bit scale per output channel or block of 128 x 128. */
  byteTypesPerWeight: {
    value: 1.0007,
    low: 1,
    high: 1.004,
    unit: 'B',
    source: 'compressed-tensors, per-channel scales; Llama-3.3-70B-FP8 load log',
  },
  /** A GGUF over the sum of its tensors: mixes change between versions of llama.cpp and quantisers. */
  ggufOverSum: {
    value: 1,
    low: 0.99,
    high: 1.02,
    unit: 'ratio',
    source: 'five types of Llama-3.1-8B, Qwen3-8B and Qwen3-4B Q4_K_M, all within 0.3 %',
  },
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
