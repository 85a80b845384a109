import type { Model } from '../catalog/schema';

type Vision = NonNullable<Model['vision']>;

/** What one image becomes. */
export interface ImageTokens {
  readonly resizedWidthPx: number;
  readonly resizedHeightPx: number;
  /** Language-model tokens, without the two that mark start and end. */
  readonly tokens: number;
  /** Patches that the vision tower sees, with its class token. */
  readonly patches: number;
  /** True when the image was scaled down to the pixel limit. */
  readonly downscaled: boolean;
}

/** Largest ratio of the sides that the processor accepts. Source: smart_resize of Qwen2-VL. */
export const MAX_ASPECT_RATIO = 200;
/** vision_start and vision_end around each image. */
export const MARKER_TOKENS_PER_IMAGE = 2;
/** Towers that put a class token before the patches of each image. */
const CLASS_TOKEN_TOWER = /rice/i;

/**
 * Tokens and patches of an image after `smart_resize`: both sides to the nearest multiple of patch x merge,
 * then scaled into [min_pixels, max_pixels].
 * Source: huggingface/transformers image_processing_qwen2_vl.py (which LLaVA-OneVision-1.5 uses); sides round half to even, as in Python.
 *
 * @throws RangeError when the sides differ by more than MAX_ASPECT_RATIO
 */
export function imageTokens(vision: Vision, widthPx: number, heightPx: number): ImageTokens {
  if (Math.max(widthPx, heightPx) / Math.min(widthPx, heightPx) > MAX_ASPECT_RATIO) {
    throw new RangeError(`the sides of an image of ${widthPx}x${heightPx} differ by more than ${MAX_ASPECT_RATIO}:1`);
  }
  const factor = vision.patchPx * vision.mergeSize;
  if (vision.tower === PIXTRAL_TOWER) return pixtralTokens(vision, widthPx, heightPx);
  let height = roundHalfEven(heightPx / factor) * factor;
  let width = roundHalfEven(widthPx / factor) * factor;
  const downscaled = height * width > vision.maxPixels;
  if (downscaled) {
    const beta = Math.sqrt((heightPx * widthPx) / vision.maxPixels);
    height = Math.max(factor, Math.floor(heightPx / beta / factor) * factor);
    width = Math.max(factor, Math.floor(widthPx / beta / factor) * factor);
  } else if (height * width < vision.minPixels) {
    const beta = Math.sqrt(vision.minPixels / (heightPx * widthPx));
    height = Math.ceil((heightPx * beta) / factor) * factor;
    width = Math.ceil((widthPx * beta) / factor) * factor;
  }
  const tokens = (height / factor) * (width / factor);
  const classTokens = CLASS_TOKEN_TOWER.test(vision.tower) ? 1 : 0;
  return { resizedWidthPx: width, resizedHeightPx: height, tokens, patches: tokens * vision.mergeSize ** 2 + classTokens, downscaled };
}

/** Tower of Mistral-Small-3: scales the longer side, and ends each row of patches with a token of its own. */
const PIXTRAL_TOWER = 'pixtral';

/** Source: mistral-common ImageEncoder; the limit is a square of the longest side. */
function pixtralTokens(vision: Vision, widthPx: number, heightPx: number): ImageTokens {
  const factor = vision.patchPx * vision.mergeSize;
  const ratio = Math.max(1, Math.max(widthPx, heightPx) / Math.sqrt(vision.maxPixels));
  const columns = Math.ceil(Math.round(widthPx / ratio) / factor);
  const rows = Math.ceil(Math.round(heightPx / ratio) / factor);
  return {
    resizedWidthPx: columns * factor,
    resizedHeightPx: rows * factor,
    tokens: rows * (columns + 1) - MARKER_TOKENS_PER_IMAGE,
    patches: rows * columns * vision.mergeSize ** 2,
    downscaled: ratio > 1,
  };
}

/** Tokens of the largest image that the pixel limit admits; the engine profiles its memory with it. */
export function maxImageTokens(vision: Vision): number {
  return Math.floor(vision.maxPixels / (vision.patchPx * vision.mergeSize) ** 2);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
