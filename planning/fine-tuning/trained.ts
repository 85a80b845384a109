import type { Model } from '../../catalog/schema';
import { FLOPS_PER_PARAMETER } from './constants';
import type { FineTuneMethod } from './types';

/** Parameters that a method trains. */
export function trainedParameters(model: Model, method: FineTuneMethod, loraRank: number): number {
  switch (method) {
    case 'full':
      return model.parameters.total;
    case 'adapter':
      return model.parameters.merger;
    case 'lora':
      return loraParameters(model, loraRank);
  }
}

/**
 * Parameters of LoRA on q, k, v, o, gate, up and down of every layer: rank x (in + out) each.
 * Source: Hu et al., LoRA, arXiv:2106.09685, 4.1
 */
export function loraParameters({ text }: Model, rank: number): number {
  const { hiddenSize: hidden, intermediateSize: ffn, attentionHeads, kvHeads, headDim, layers } = text;
  const query = attentionHeads * headDim;
  const keyValue = kvHeads * headDim;
  const shapes = [hidden + query, 2 * (hidden + keyValue), query + hidden, 2 * (hidden + ffn), ffn + hidden];
  return layers * rank * shapes.reduce((sum, inAndOut) => sum + inAndOut, 0);
}

/**
 * Floating-point operations of one pair. Frozen parts that gradients must pass through cost no weight gradient; the vision tower costs its
 * forward pass only, unless it is trained. Recomputing (checkpointing) runs the forward pass of the language model once more.
 *
 * @param visionForwardFlops  forward pass of the vision tower and merger over the image
 */
export function flopsPerPair(
  model: Model,
  method: FineTuneMethod,
  sample: { readonly tokens: number; readonly visionForwardFlops: number },
  checkpointing: boolean,
): number {
  const { forward, inputGradient, weightGradient } = FLOPS_PER_PARAMETER;
  const passes = forward + inputGradient + (method === 'full' ? weightGradient : 0) + (checkpointing ? forward : 0);
  const visionPasses = method === 'full' ? passes / forward : 1;
  return model.parameters.language * sample.tokens * passes + sample.visionForwardFlops * visionPasses;
}
