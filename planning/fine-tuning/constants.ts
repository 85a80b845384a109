import type { Constant } from '../ranged';

/** Constants of the fine-tuning envelope. Nothing was trained for them: they come from the papers and pages named. */
export const TRAINING = {
  /** bf16 weights. */
  weightBytes: { value: 2, low: 2, high: 2, unit: 'B per parameter', source: 'bf16' },
  /** bf16 gradients (DeepSpeed), fp32 where gradients are accumulated in 32 bit (Megatron). */
  gradientBytes: { value: 2, low: 2, high: 4, unit: 'B per trained parameter', source: 'Rajbhandari et al., ZeRO, arXiv:1910.02054, 3.1' },
  /** AdamW in mixed precision: fp32 copy, first and second moment. */
  optimiserBytes: {
    value: 12,
    low: 12,
    high: 12,
    unit: 'B per trained parameter',
    source: 'Rajbhandari et al., ZeRO, arXiv:1910.02054, 3.1',
  },
  /** Logits in bf16, their fp32 copy and its gradient; a fused loss keeps 2 B. */
  logitBytes: {
    value: 10,
    low: 2,
    high: 10,
    unit: 'B per token and vocabulary entry',
    source: 'transformers casts logits to fp32 for the loss',
  },
  /** Parameters that ZeRO-3 keeps gathered on each GPU: stage3_max_live_parameters, and one prefetch bucket. */
  gatheredParameters: {
    value: 1e9,
    low: 0.3e9,
    high: 1.05e9,
    unit: 'parameters',
    source: 'DeepSpeed configuration, zero_optimization defaults',
  },
  /** CUDA context, NCCL, kernels and what the allocator cannot use for fragments. */
  otherGib: { value: 2, low: 1, high: 4, unit: 'GiB', source: 'general knowledge of PyTorch training' },
  /** Share of the dense peak that training reaches, recomputation counted as work, pauses included. */
  hardwareUtilisation: {
    value: 0.3,
    low: 0.15,
    high: 0.45,
    unit: 'ratio',
    source:
      'high: 45 % HFU in 8k context (README of EvolvingLMMs-Lab/LLaVA-OneVision-1.5); low: what 16,000 USD at 0.60 USD per A100 hour leave for 64 B tokens',
  },
  /** What is left of it when ZeRO-3 shards over PCIe instead of NVLink. Nobody measured it here. */
  pcieShare: { value: 0.5, low: 0.25, high: 0.8, unit: 'ratio', source: 'general knowledge; cards of the G families have no NVLink' },
} as const satisfies Readonly<Record<string, Constant>>;

/** Floating-point operations per parameter and token: 2 forward, 2 for the gradient of the input, 2 for that of the weights. */
export const FLOPS_PER_PARAMETER = { forward: 2, inputGradient: 2, weightGradient: 2 } as const;
