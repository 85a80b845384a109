import type { Model } from '../../catalog/schema';
import type { EstimateRequest } from './types';

/** Lowest compute capabilities: bf16 arithmetic, fp8 kernels (weight-only by Marlin), int4 kernels of vLLM. */
const BF16_CAPABILITY = 8.0;
const FP8_CAPABILITY = 8.0;
const INT4_CAPABILITY = 7.5;

/** What the card cannot do with this precision, or the engine with so many cards, in one sentence; undefined when it can. llama.cpp computes everything everywhere. */
export function hardwareObstacle({ engine, precision, device, model, tensorParallel }: EstimateRequest): string | undefined {
  if (engine === 'llama.cpp') return undefined;
  if (!device.gpu) return `${engine} is estimated on GPUs only.`;
  // A card alone, without a machine, has no vCPU, and as many beside it as are asked for.
  if (device.vcpu > 0 && tensorParallel > device.gpuCount)
    return `The machine has ${device.gpuCount} ${device.gpuCount === 1 ? 'card' : 'cards'}, and --tensor-parallel asks for ${tensorParallel}.`;
  const capability = Number(device.gpu.computeCapability);
  const lacks = (what: string) => `${device.name} (compute capability ${device.gpu?.computeCapability}) has no ${what}.`;
  if (precision === 'bf16' && capability < BF16_CAPABILITY) return `${lacks('bf16')} vLLM refuses it there; fp16 would do.`;
  if (precision === 'fp8' && capability < FP8_CAPABILITY) return lacks('kernels for fp8 weights');
  if ((precision === 'awq-int4' || precision === 'gptq-int4') && capability < INT4_CAPABILITY) return lacks('int4 kernels');
  return splitObstacle(model.text, tensorParallel);
}

/** vLLM shares out whole heads. Source: vLLM config.model, verify_with_parallel_config. */
function splitObstacle({ attentionHeads, kvHeads }: Model['text'], tensorParallel: number): string | undefined {
  if (attentionHeads % tensorParallel !== 0) return `${attentionHeads} attention heads cannot be shared out over ${tensorParallel} GPUs.`;
  if (kvHeads % tensorParallel === 0 || tensorParallel % kvHeads === 0) return undefined;
  return `${kvHeads} KV heads cannot be shared out over ${tensorParallel} GPUs.`;
}
