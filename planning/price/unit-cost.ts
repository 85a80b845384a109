import { type Figure, mapFigure, unknownFigure } from '../../core/figure';
import type { Release } from '../../release/schema';
import type { RequestShape } from '../request';
import { SECONDS_PER_HOUR } from '../units';

/** Share of the peak that is taken for the average when the release does not say. */
const DEFAULT_AVERAGE_SHARE = 0.5;
const IMAGES_PER_UNIT = 1000;
const TOKENS_PER_UNIT = 1e6;

/** Requests per second on average over the hours of use. */
export function averageRate(load: Release['load']): number {
  return load.averageRequestsPerSecond ?? load.peakRequestsPerSecond * DEFAULT_AVERAGE_SHARE;
}

/** Requests of a month at the average rate. */
export function requestsPerMonth(load: Release['load']): number {
  return averageRate(load) * SECONDS_PER_HOUR * load.hoursPerMonth;
}

/** US dollars for 1,000 images: the whole month over the images of the month; unknown when the load has none. */
export function usdPerThousandImages(usdPerMonth: Figure, load: Release['load'], request: RequestShape): Figure {
  const images = requestsPerMonth(load) * request.images;
  if (images === 0) return unknownFigure('the load has no images');
  return mapFigure(
    usdPerMonth,
    (usd) => (usd / images) * IMAGES_PER_UNIT,
    `whole month / ${Math.round(images)} images at the average load`,
  );
}

/** US dollars for a million tokens, in and out together. */
export function usdPerMillionTokens(usdPerMonth: Figure, load: Release['load'], request: RequestShape): Figure {
  const tokens = requestsPerMonth(load) * request.totalTokens;
  return mapFigure(
    usdPerMonth,
    (usd) => (usd / tokens) * TOKENS_PER_UNIT,
    'whole month / image, prompt and output tokens at the average load',
  );
}
