import type { Model } from '../../catalog/schema';
import type { EstimateRequest } from '../estimate/types';
import { imageTokens, MARKER_TOKENS_PER_IMAGE } from '../image-tokens';

/** Images of every request of a benchmark. */
export interface Pictures {
  readonly images?: number;
  readonly imageWidthPx?: number;
  readonly imageHeightPx?: number;
}

/** A load as a benchmark counted it; the tokens of the prompt may hold those of its images or not. */
export interface CountedLoad extends Pictures {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly concurrency?: number;
}

/**
 * The load of an estimate, whose input tokens are text alone.
 * `vllm bench serve` reports what the server counted (`usage.prompt_tokens`, with the images in it) where the server says so, else the
 * text that it sent. A count above that of the images alone has them in it.
 * @throws RangeError for images with extreme sides, see imageTokens
 */
export function countedLoad({ inputTokens, images = 0, ...load }: CountedLoad, { vision }: Pick<Model, 'vision'>): EstimateRequest['load'] {
  const { imageWidthPx, imageHeightPx } = load;
  if (!vision || images === 0 || imageWidthPx === undefined || imageHeightPx === undefined) return { ...load, inputTokens, images: 0 };
  const ofImages = images * (imageTokens(vision, imageWidthPx, imageHeightPx).tokens + MARKER_TOKENS_PER_IMAGE);
  const text = inputTokens === undefined || inputTokens <= ofImages ? inputTokens : inputTokens - ofImages;
  return { ...load, inputTokens: text, images };
}
