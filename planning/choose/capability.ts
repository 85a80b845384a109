import type { Node } from './node';
import type { Question } from './question';

/** A reason why a candidate is out, whatever its memory and price. */
export interface Obstacle {
  readonly code: string;
  readonly reason: string;
  /** unknown: nobody can tell; cannot: it is sure that it does not work. */
  readonly kind: 'cannot' | 'unknown';
}

/** Lowest compute capabilities of vLLM's weight-only kernels: fp8 by Marlin, int4 by AWQ and GPTQ. */
const FP8_WEIGHT_ONLY_CAPABILITY = 8.0;
const INT4_CAPABILITY = 7.5;
/** FlashAttention 2 runs from Ampere on. */
const FLASH_ATTENTION_CAPABILITY = 8.0;

/** What the hardware of a node cannot do for this engine and precision, or what nobody knows of it. */
export function obstacleOf(question: Question, node: Node): Obstacle | undefined {
  const { engine, release } = question;
  if (!node.gpu || node.gpuCount < 1) return withoutGpu(question, node);
  if (!engine.devices.includes('gpu')) return undefined;
  if (engine.kind === 'vllm' && node.arch === 'arm64') {
    return cannot('E_ARCH', `${node.name} is arm64; the image of engine ${engine.name} is built for x86_64.`);
  }
  const byPrecision = engine.kind === 'vllm' ? precisionObstacle(release.model.precision, node.gpu) : undefined;
  if (byPrecision) return byPrecision;
  if (engine.kind === 'vllm' && question.model.vision && Number(node.gpu.computeCapability) < FLASH_ATTENTION_CAPABILITY) {
    const reason = `${node.gpu.name} (compute capability ${node.gpu.computeCapability}) has no FlashAttention 2; how much memory full attention over the patches of an image takes there was never measured.`;
    return { code: 'E_GPU_FLASH_ATTENTION', reason, kind: 'unknown' };
  }
  if (node.gpuMemoryBytes === null) {
    return unknown(`how much memory CUDA reports on ${node.gpu.name} is not known; the figure of the EC2 API is too high by up to 9 %.`);
  }
  return undefined;
}

/** A part of a GPU may be large enough, but schedulers see 0 GPUs on it. Source: Karpenter's instance-types.md, g6f and gr6f. */
export function partitionObstacle(node: Node): Obstacle | undefined {
  if (node.gpuFraction === 1) return undefined;
  return cannot(
    'E_GPU_FRACTIONAL',
    `${node.name} has ${node.gpuFraction} of a GPU and reports 0 to the scheduler: no pod with a GPU lands there.`,
  );
}

/** Bandwidth or arithmetic of the device that nobody knows. */
export function speedObstacle(node: Node): Obstacle {
  const device = node.gpu?.name ?? `the CPUs of ${node.name}`;
  return unknown(`memory bandwidth or arithmetic of ${device} is not known, so its speed cannot be told.`);
}

function withoutGpu({ engine }: Question, node: Node): Obstacle | undefined {
  if (engine.devices.includes('cpu')) return undefined;
  return cannot('E_NO_GPU', `${node.name} has no GPU, and engine ${engine.name} runs on GPUs only.`);
}

function precisionObstacle(precision: string, gpu: NonNullable<Node['gpu']>): Obstacle | undefined {
  const capability = Number(gpu.computeCapability);
  if (precision === 'bf16' && !gpu.bf16Native) {
    return cannot('E_GPU_NO_BF16', `${gpu.name} (compute capability ${gpu.computeCapability}) has no bf16.`);
  }
  if (precision === 'fp8' && !gpu.fp8Native && capability < FP8_WEIGHT_ONLY_CAPABILITY) {
    return cannot('E_GPU_NO_FP8', `${gpu.name} (compute capability ${gpu.computeCapability}) has no fp8, and weight-only fp8 needs 8.0.`);
  }
  if ((precision === 'awq-int4' || precision === 'gptq-int4') && capability < INT4_CAPABILITY) {
    return cannot('E_GPU_NO_INT4', `${gpu.name} (compute capability ${gpu.computeCapability}) is below 7.5, which the int4 kernels need.`);
  }
  return undefined;
}

function cannot(code: string, reason: string): Obstacle {
  return { code, reason, kind: 'cannot' };
}

function unknown(reason: string): Obstacle {
  return { code: 'E_GPU_FIGURES', reason: reason.charAt(0).toUpperCase() + reason.slice(1), kind: 'unknown' };
}
