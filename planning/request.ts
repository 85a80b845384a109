import type { Model } from '../catalog/schema';
import type { Release } from '../release/schema';
import { imageTokens, MARKER_TOKENS_PER_IMAGE } from './image-tokens';
import { visionFlopsPerImage } from './throughput/vision-flops';

/** One request of the stated load, as the engine sees it. */
export interface RequestShape {
  readonly images: number;
  /** All images with their start and end marks. */
  readonly imageTokens: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Tokens that are read before the first answer token. */
  readonly inputTokens: number;
  readonly totalTokens: number;
  /** Pixels of the images as they are sent, before the processor scales them. */
  readonly imagePixels: number;
  readonly visionPatches: number;
  readonly visionFlops: number;
  readonly downscaled: boolean;
}

/**
 * Tokens, patches and vision arithmetic of one request.
 * @throws RangeError for images with extreme sides, see imageTokens
 */
export function requestShape(load: Release['load'], model: Model): RequestShape {
  const { imagesPerRequest: images, imageWidthPx, imageHeightPx, promptTokens, outputTokens } = load;
  const image =
    model.vision && images > 0 && imageWidthPx !== undefined && imageHeightPx !== undefined
      ? imageTokens(model.vision, imageWidthPx, imageHeightPx)
      : undefined;
  const allImageTokens = image ? images * (image.tokens + MARKER_TOKENS_PER_IMAGE) : 0;
  const inputTokens = allImageTokens + promptTokens;
  return {
    images,
    imageTokens: allImageTokens,
    promptTokens,
    outputTokens,
    inputTokens,
    totalTokens: inputTokens + outputTokens,
    imagePixels: image ? images * (imageWidthPx ?? 0) * (imageHeightPx ?? 0) : 0,
    visionPatches: image ? images * image.patches : 0,
    visionFlops: image ? images * visionFlopsPerImage(model, image.patches) : 0,
    downscaled: image?.downscaled ?? false,
  };
}
