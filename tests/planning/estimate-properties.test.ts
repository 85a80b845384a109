import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceOfGpu } from '../../planning/estimate/device';
import { estimate } from '../../planning/estimate/estimate';
import { hourlyPrice } from '../../planning/estimate/price';
import type { EstimateRequest } from '../../planning/estimate/types';
import { GGUF_MIXES, type GgufType, ggufBytes } from '../../planning/fit/gguf';
import { CATALOG, REFERENCES } from './support';

const MODELS = [...CATALOG.models, ...REFERENCES.models];
const GPUS = [...CATALOG.gpus, ...REFERENCES.gpus].map((gpu) => gpu.key);
const VERSIONS = ['0.6.3', '0.8.5', '0.10.2', '0.15.1', '0.19.0', '0.22.0', '0.27.1', '0.28.0', '0.32.0'];
const PRECISIONS = ['bf16', 'fp16', 'fp8', 'awq-int4', 'gptq-int4', 'int8'] as const;

type Change = Partial<Omit<EstimateRequest, 'load'>> & { readonly concurrency?: number };

/** The same question for any change of it. */
const question = fc
  .record({
    model: fc.constantFrom(...MODELS),
    gpu: fc.constantFrom(...GPUS),
    precision: fc.constantFrom(...PRECISIONS),
    engineVersion: fc.constantFrom(...VERSIONS),
    inputTokens: fc.integer({ min: 16, max: 8000 }),
    outputTokens: fc.integer({ min: 1, max: 2000 }),
    concurrency: fc.integer({ min: 1, max: 100 }),
    maxModelLen: fc.integer({ min: 256, max: 32_768 }),
  })
  .map(({ gpu, inputTokens, outputTokens, concurrency, ...rest }) => {
    const device = deviceOfGpu(CATALOG, REFERENCES, gpu);
    const usdPerHour = hourlyPrice(CATALOG, device.gpu?.key ?? null, 1, 'us-east-1', undefined);
    return ({ concurrency: clients = concurrency, ...change }: Change = {}) =>
      estimate({
        ...rest,
        device,
        usdPerHour,
        engine: 'vllm',
        tensorParallel: 1,
        kvDtype: 'auto',
        ...change,
        load: { inputTokens, outputTokens, concurrency: clients, images: 0 },
      });
  });

const asks = (check: (ask: (change?: Change) => ReturnType<typeof estimate>) => void, numRuns = 150): void =>
  fc.assert(fc.property(question, check), { numRuns });
const grows = (less: number | null, more: number | null): void => {
  if (less !== null && more !== null) expect(more).toBeGreaterThanOrEqual(less * (1 - 1e-9));
};

describe('for any model, card, precision and version of vLLM', () => {
  it('more clients never need less memory, nor get their tokens sooner', () => {
    asks((ask) => {
      const [few, many] = [ask({ concurrency: 4 }), ask({ concurrency: 64 })];
      grows(few.requiredVramGib.value, many.requiredVramGib.value);
      grows(few.ttftMs.value, many.ttftMs.value);
      grows(few.tpotMs.value, many.tpotMs.value);
    });
  });

  it('two cards hold less each of the weights, and what one card held', () => {
    asks((ask) => {
      const [one, two] = [ask(), ask({ tensorParallel: 2 })];
      grows(two.weightsGib.value, one.weightsGib.value);
      if (one.fits.value && !/cannot be shared out/.test(two.because)) expect(two.fits.value).toBe(true);
    });
  });

  it('a longer context never fits where a shorter one does not', () => {
    asks((ask) => {
      const [short, long] = [ask({ maxModelLen: 2048 }), ask({ maxModelLen: 16_384 })];
      if (long.fits.value) expect(short.fits.value).toBe(true);
    });
  });

  it('a card with more memory holds what a smaller one holds', () => {
    asks((ask) => {
      const small = ask();
      const device = deviceOfGpu(CATALOG, REFERENCES, small.device.key);
      const larger = ask({ device: { ...device, visibleBytes: (device.visibleBytes ?? 0) * 1.5 } });
      if (small.fits.value) expect(larger.fits.value).toBe(true);
      grows(small.kvCacheTokens.value, larger.kvCacheTokens.value);
    });
  });

  it('an 8-bit cache holds twice the tokens', () => {
    asks((ask) => {
      const [wide, narrow] = [ask(), ask({ kvDtype: 'fp8' })];
      if ((wide.kvCacheTokens.value ?? 0) > 0)
        expect((narrow.kvCacheTokens.value as number) / (wide.kvCacheTokens.value as number)).toBeGreaterThanOrEqual(1.99);
    });
  });
});

describe('GGUF types', () => {
  /** In order of their size; for models whose rows fill the super-blocks of 256. */
  const ORDER = [
    ['IQ1_S', 'IQ1_M', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ2_M', 'Q2_K', 'Q3_K_S', 'Q3_K_M', 'Q3_K_L'],
    ['IQ3_XXS', 'IQ3_XS', 'IQ3_S', 'IQ3_M', 'IQ4_XS', 'IQ4_NL'],
    ['Q4_K_S', 'Q4_K_M', 'Q5_K_S', 'Q5_K_M', 'Q6_K', 'Q8_0', 'F16'],
    ['Q4_0', 'Q4_1', 'Q5_1', 'Q8_0', 'BF16'],
  ] as const satisfies readonly (readonly GgufType[])[];
  const wide = MODELS.filter(({ text }) => text.hiddenSize % 256 === 0 && text.intermediateSize % 256 === 0);

  it('are all in the order', () => {
    expect(new Set(ORDER.flat()).size).toBe(Object.keys(GGUF_MIXES).length - 2);
  });

  it.each(wide.map((model) => [model.id, model] as const))('of %s grow with their bits', (_id, model) => {
    for (const types of ORDER) {
      const sizes = types.map((type) => ggufBytes(model, type).total);
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    }
  });

  // Lengths of bartowski's files on the Hub, general knowledge.
  it.each([
    ['Q2_K', 3.18],
    ['Q3_K_S', 3.66],
    ['Q3_K_M', 4.02],
    ['Q3_K_L', 4.32],
    ['IQ4_XS', 4.45],
    ['Q4_K_S', 4.69],
    ['Q5_K_S', 5.6],
  ] as const)('%s of Llama-3.1-8B is about %f GB', (type, gb) => {
    const llama = REFERENCES.models.find((model) => model.id === 'meta-llama/Llama-3.1-8B-Instruct');
    if (!llama) throw new Error('no Llama-3.1-8B');
    expect(Math.abs(ggufBytes(llama, type).total / 1e9 / gb - 1)).toBeLessThan(0.01);
  });
});
