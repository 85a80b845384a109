import type { Model } from '../../catalog/schema';

/** A model with another pixel limit than that of its published preprocessor; unchanged without one, or without a vision tower. */
export function withMaxPixels(model: Model, maxPixels: number | undefined): Model {
  if (!model.vision || maxPixels === undefined) return model;
  return { ...model, vision: { ...model.vision, maxPixels, minPixels: Math.min(model.vision.minPixels, maxPixels) } };
}
