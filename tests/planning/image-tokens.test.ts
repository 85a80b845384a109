import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageTokens, maxImageTokens } from '../../planning/image-tokens';
import { model } from './support';

const vision = model('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct').vision as NonNullable<ReturnType<typeof model>['vision']>;
const limit = (maxPixels: number, minPixels = 3136) => ({ ...vision, minPixels, maxPixels });
const CAPS = [1_003_520, 1_605_632, 2_560_000, 3_240_000, 12_845_056];
/** Tokens by image and pixel limit, made with smart_resize itself. */
const TABLE: readonly (readonly [width: number, height: number, tokens: readonly number[]])[] = [
  [224, 224, [64, 64, 64, 64, 64]],
  [448, 448, [256, 256, 256, 256, 256]],
  [560, 560, [400, 400, 400, 400, 400]],
  [640, 480, [391, 391, 391, 391, 391]],
  [1024, 768, [999, 999, 999, 999, 999]],
  [1280, 720, [1196, 1196, 1196, 1196, 1196]],
  [1024, 1024, [1225, 1369, 1369, 1369, 1369]],
  [1920, 1080, [1222, 1980, 2691, 2691, 2691]],
  [2560, 1440, [1222, 1980, 3192, 4080, 4641]],
  [3840, 2160, [1222, 1980, 3192, 4080, 10549]],
  [1654, 2339, [1260, 2014, 3216, 4104, 4956]],
];

describe('tokens of an image', () => {
  it.each(TABLE)('%ix%i meets the processor at every pixel limit', (width, height, tokens) => {
    expect(CAPS.map((cap) => imageTokens(limit(cap), width, height).tokens)).toEqual(tokens);
  });

  it('meets the grids of the golden images, portrait and landscape', () => {
    expect(imageTokens(vision, 84, 56)).toMatchObject({ tokens: 6, resizedWidthPx: 84, resizedHeightPx: 56 });
    expect(imageTokens(vision, 112, 224).tokens).toBe(32);
    expect(imageTokens(vision, 196, 140).tokens).toBe(35);
  });

  it('scales small images up to min_pixels', () => {
    expect(imageTokens(limit(1_605_632, 256 * 28 * 28), 224, 224).tokens).toBe(256);
  });

  it('rounds half to even, as Python does', () => {
    expect(imageTokens(vision, 70, 98).resizedWidthPx).toBe(56);
    expect(imageTokens(vision, 98, 70).resizedWidthPx).toBe(112);
  });

  it('sees four patches a token and one class token per image', () => {
    expect(imageTokens(vision, 1024, 1024)).toMatchObject({ tokens: 1369, patches: 5477 });
  });

  it('refuses sides of more than 200:1', () => {
    expect(() => imageTokens(vision, 2010, 10)).toThrow(RangeError);
  });

  it('has the largest image at max_pixels / 784', () => {
    expect(CAPS.map((cap) => maxImageTokens(limit(cap)))).toEqual([1280, 2048, 3265, 4132, 16384]);
  });

  const side = fc.integer({ min: 28, max: 4000 });

  it('never passes the limit by more than the rounding of one side', () => {
    fc.assert(
      fc.property(side, side, fc.constantFrom(...CAPS), (width, height, cap) => {
        fc.pre(Math.max(width, height) / Math.min(width, height) <= 200);
        const { tokens, resizedWidthPx, resizedHeightPx } = imageTokens(limit(cap), width, height);
        expect(tokens).toBe((resizedWidthPx / 28) * (resizedHeightPx / 28));
        expect(tokens).toBeGreaterThan(0);
        expect(tokens).toBeLessThanOrEqual(cap / 784 + 72);
      }),
    );
  });

  it('gives a larger image no fewer tokens below the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 3000 }),
        fc.integer({ min: 60, max: 3000 }),
        fc.integer({ min: 0, max: 500 }),
        (width, height, more) => {
          const open = limit(100_000_000);
          expect(imageTokens(open, width + more, height).tokens).toBeGreaterThanOrEqual(imageTokens(open, width, height).tokens);
        },
      ),
    );
  });
});
