import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KitError } from '../../core/error';
import { deviceOfGpu } from '../../planning/estimate/device';
import { estimate } from '../../planning/estimate/estimate';
import { hourlyPrice } from '../../planning/estimate/price';
import type { Estimate, EstimateRequest } from '../../planning/estimate/types';
import { GGUF_MIXES, type GgufType, ggufBytes } from '../../planning/fit/gguf';
import { CATALOG, REFERENCES, reference } from './support';

const MODELS = [...CATALOG.models, ...REFERENCES.models];
const GPUS = [...CATALOG.gpus, ...REFERENCES.gpus].map((gpu) => gpu.key);
const VERSIONS = ['0.6.3', '0.8.5', '0.10.2', '0.15.1', '0.19.0', '0.22.0', '0.27.1', '0.28.0', '0.32.0'];
const PRECISIONS = ['bf16', 'fp16', 'fp8', 'awq-int4', 'gptq-int4', 'int8'] as const;

type Change = Partial<Omit<EstimateRequest, 'load'>> & {
  readonly concurrency?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
};

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
    return ({
      concurrency: clients = concurrency,
      inputTokens: prompt = inputTokens,
      outputTokens: answer = outputTokens,
      ...change
    }: Change = {}) =>
      estimate({
        ...rest,
        device,
        usdPerHour,
        engine: 'vllm',
        tensorParallel: 1,
        kvDtype: 'auto',
        ...change,
        load: { inputTokens: prompt, outputTokens: answer, concurrency: clients, images: 0 },
      });
  });

const asks = (check: (ask: (change?: Change) => Estimate) => void, numRuns = 150): void =>
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

  it('a larger share of the memory never holds fewer tokens, nor takes less where the smaller one did', () => {
    asks((ask) => {
      const [less, more] = [ask({ gpuMemoryUtilization: 0.7 }), ask({ gpuMemoryUtilization: 0.95 })];
      grows(less.kvCacheTokens.value, more.kvCacheTokens.value);
      if ((less.kvCacheTokens.value ?? 0) > 0) grows(less.totalVramGib.value, more.totalVramGib.value);
      // CUDA and its graphs stand beside the share: of a small card 5 % may be too little for them.
      if (less.fits.value && !/^CUDA (graphs|itself) may take/.test(more.because)) expect(more.fits.value).toBe(true);
    });
  });

  it('graphs that find no room beside the share are what --enforce-eager saves', () => {
    const device = deviceOfGpu(CATALOG, REFERENCES, 'a10');
    const fourCards = (change: Partial<EstimateRequest> = {}) =>
      estimate({
        model: reference('Qwen3-30B-A3B'),
        precision: 'bf16',
        device,
        usdPerHour: hourlyPrice(CATALOG, null, 4, 'us-east-1', undefined),
        engine: 'vllm',
        engineVersion: '0.8.5',
        tensorParallel: 4,
        kvDtype: 'auto',
        maxModelLen: 8192,
        load: { images: 0 },
        ...change,
      });
    const captured = fourCards();
    expect(captured.fits).toMatchObject({ value: false, low: false, high: true });
    expect(captured.because).toMatch(/^CUDA graphs may take 6\.\d+ GiB beside the share of vLLM; the share leaves 2\.\d+ GiB\./);
    const share = Number(/--gpu-memory-utilization ([\d.]+)/.exec(captured.because)?.[1]);
    expect(fourCards({ gpuMemoryUtilization: share }).because).not.toMatch(/^CUDA graphs/);
    expect(fourCards({ enforceEager: true }).fits.value).toBe(true);
    expect(fourCards({ engineVersion: '0.10.2' }).fits.value).toBe(true);
  });

  it('a share that CUDA does not leave free is refused by V1, whose start it stops, and the share that is named would do', () => {
    const ask = (change: Partial<EstimateRequest>) =>
      estimate({
        model: reference('Qwen3-0.6B'),
        precision: 'bf16',
        device: deviceOfGpu(CATALOG, REFERENCES, 'l4'),
        usdPerHour: hourlyPrice(CATALOG, 'l4', 1, 'us-east-1', undefined),
        engine: 'vllm',
        engineVersion: '0.24.0',
        tensorParallel: 1,
        kvDtype: 'auto',
        maxModelLen: 4096,
        enforceEager: true,
        load: { images: 0 },
        ...change,
      });
    const all = ask({ gpuMemoryUtilization: 1 });
    expect(all.fits).toMatchObject({ value: false, high: false });
    expect(all.because).toMatch(/^CUDA itself may take 0\.61 GiB, .* the share leaves 0\.00 GiB\./);
    const share = Number(/--gpu-memory-utilization ([\d.]+)/.exec(all.because)?.[1]);
    expect(ask({ gpuMemoryUtilization: share }).fits.value).toBe(true);
    expect(ask({ gpuMemoryUtilization: share + 0.01 }).fits.value).toBe(false);
    // V0 took what it was told.
    expect(ask({ gpuMemoryUtilization: 1, engineVersion: '0.7.3' }).fits.value).toBe(true);
  });

  it('a longer prompt of one client needs no less memory, and its first token comes no sooner, nor do the others', () => {
    asks((ask) => {
      const [short, long] = [100, 4000].map((inputTokens) => ask({ inputTokens, concurrency: 1 })) as [Estimate, Estimate];
      grows(short.requiredVramGib.value, long.requiredVramGib.value);
      grows(short.ttftMs.value, long.ttftMs.value);
      grows(short.tpotMs.value, long.tpotMs.value);
    });
  });

  it('fewer bits take less memory, and are read no slower by one client', () => {
    asks((ask) => {
      const [wide, half, quarter] = (['bf16', 'int8', 'gptq-int4'] as const).map((precision) => ask({ precision, concurrency: 1 }));
      grows(half?.weightsGib.value ?? null, wide?.weightsGib.value ?? null);
      grows(quarter?.weightsGib.value ?? null, half?.weightsGib.value ?? null);
      grows(half?.tpotMs.value ?? null, wide?.tpotMs.value ?? null);
    });
  });

  it('more clients get no fewer tokens a second in all, as long as the cache holds them and prompts do not take all the time', () => {
    asks((ask) => {
      const steps = [1, 2, 4, 8, 16, 32, 64, 128].map((clients) =>
        ask({ concurrency: clients, maxNumSeqs: 256, inputTokens: 512, outputTokens: 256 }),
      );
      const held = steps.filter(({ concurrentRequests, load }) => (concurrentRequests.value ?? 0) >= load.concurrency);
      for (const [index, step] of held.entries())
        grows(held[index - 1]?.outputTokensPerSecond.value ?? 0, step.outputTokensPerSecond.value);
    });
  });

  it('two cards with NVLink read a dense model of 30 GiB no slower than one', () => {
    asks((ask) => {
      const [one, two] = [ask({ concurrency: 1 }), ask({ concurrency: 1, tensorParallel: 2 })];
      const { memoryClass } = deviceOfGpu(CATALOG, REFERENCES, one.device.key).gpu ?? {};
      const mixture = MODELS.find(({ id }) => id === one.model.id)?.text.experts;
      if (memoryClass === 'hbm' && !mixture && (one.weightsGib.value ?? 0) > 30) grows(two.tpotMs.value, one.tpotMs.value);
    });
  });

  it('twice the price an hour is twice the price of a token', () => {
    asks((ask) => {
      const made = ask();
      const { value, low, high } = made.usdPerHour;
      if (value === null || low === null || high === null) {
        expect(made.usdPerMillionOutputTokens.value).toBeNull();
        return;
      }
      const dear = ask({
        usdPerHour: {
          figure: { value: 2 * value, low: 2 * low, high: 2 * high, basis: 'sourced', source: 'test' },
          instanceType: null,
          region: 'us-east-1',
          replicas: made.usdPerHour.replicas,
        },
      });
      if (made.usdPerMillionOutputTokens.value !== null)
        expect((dear.usdPerMillionOutputTokens.value as number) / made.usdPerMillionOutputTokens.value).toBeCloseTo(2, 9);
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
      const sizes = types.map((type) => ggufBytes(model, type).file);
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
    expect(Math.abs(ggufBytes(llama, type).file / 1e9 / gb - 1)).toBeLessThan(0.01);
  });

  // With eight experts attention gets more bits; the experts of gpt-oss keep their own whatever the type.
  it.each([
    ['Mixtral-8x7B', 'Q4_K_M', 28.45],
    ['Mixtral-8x7B', 'Q4_0', 26.44],
    ['gpt-oss-20b', 'F16', 13.79],
    ['gpt-oss-20b', 'Q4_K_M', 11.62],
  ] as const)('of experts: %s in %s is about %f GB', (name, type, gb) => {
    expect(Math.abs(ggufBytes(reference(name), type).file / 1e9 / gb - 1)).toBeLessThan(0.002);
  });
});

it('a card that nobody knows is answered with each card that is known, once', () => {
  const allowed = () => {
    try {
      deviceOfGpu(CATALOG, REFERENCES, 'nope');
    } catch (error) {
      return (error as KitError).problems[0]?.allowed?.replace(/\.$/, '').split(', ') ?? [];
    }
    return [];
  };
  expect(new Set(allowed())).toEqual(new Set(GPUS));
  expect(allowed()).toHaveLength(new Set(GPUS).size);
});
