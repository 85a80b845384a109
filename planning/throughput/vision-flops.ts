import type { Model } from '../../catalog/schema';

/**
 * Floating-point operations of the vision tower over one image.
 * `2 x P_vit x n + 4 x n^2 x d x L`: the second part is full attention, which is not small for large images.
 *
 * @param patches  patches of one image (n)
 */
export function visionFlopsPerImage(model: Model, patches: number): number {
  if (!model.vision) return 0;
  const parameters = model.parameters.vision + model.parameters.merger;
  return 2 * parameters * patches + 4 * patches ** 2 * model.vision.hiddenSize * model.vision.layers;
}
