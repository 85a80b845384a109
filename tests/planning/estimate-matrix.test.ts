import { describe, expect, it } from 'vitest';
import { deviceOfGpu } from '../../planning/estimate/device';
import { estimate } from '../../planning/estimate/estimate';
import { hourlyPrice } from '../../planning/estimate/price';
import type { Estimate } from '../../planning/estimate/types';
import { CATALOG, REFERENCES, runJson } from './support';

const FIGURES = [
  'weightsGib',
  'kvCacheTokens',
  'totalVramGib',
  'requiredVramGib',
  'concurrentRequests',
  'ttftMs',
  'tpotMs',
  'outputTokensPerSecond',
  'usdPerMillionOutputTokens',
  'usdPerHour',
] as const satisfies readonly (keyof Estimate)[];

/** What is wrong with the figures of an estimate; nothing when each is unknown, or finite and inside its range. */
function faults(made: Estimate): string[] {
  return FIGURES.flatMap((name) => {
    const { value, low, high, basis } = made[name];
    if (value === null || low === null || high === null) return basis === 'unknown' && low === null ? [] : [`${name}: null, ${basis}`];
    const inside = 0 <= low && low <= value * (1 + 1e-12) && value <= high * (1 + 1e-12) && Number.isFinite(high);
    return inside && basis !== 'unknown' ? [] : [`${name}: ${low} ${value} ${high} ${basis}`];
  });
}

const ENGINES = [
  ['vllm', '0.6.3', ['bf16', 'fp16', 'fp8', 'awq-int4', 'gptq-int4', 'int8']],
  ['vllm', '0.10.2', ['bf16', 'awq-int4']],
  ['vllm', '0.32.0', ['bf16', 'fp16', 'fp8', 'awq-int4', 'gptq-int4', 'int8']],
  ['llama.cpp', 'b9000', ['F16', 'Q8_0', 'Q4_K_M', 'IQ2_XXS']],
  ['trtllm', '1.0.0', ['bf16', 'fp8']],
] as const;
const GPUS = [...new Set([...CATALOG.gpus, ...REFERENCES.gpus].map((gpu) => gpu.key))];

describe.each(ENGINES)('%s %s', (engine, engineVersion, precisions) => {
  it.each(GPUS)('on %s answers every model and precision with figures inside their ranges, or says that it does not know', (gpu) => {
    const device = deviceOfGpu(CATALOG, REFERENCES, gpu);
    const wrong: string[] = [];
    for (const model of [...CATALOG.models, ...REFERENCES.models])
      for (const precision of precisions)
        for (const [tensorParallel, concurrency] of [
          [1, 1],
          [4, 64],
        ] as const) {
          const made = estimate({
            model,
            precision,
            device,
            engine,
            engineVersion,
            tensorParallel,
            kvDtype: 'auto',
            load: { concurrency, images: model.vision ? 1 : 0, imageWidthPx: 640, imageHeightPx: 480 },
            usdPerHour: hourlyPrice(CATALOG, device.gpu?.key ?? null, tensorParallel, 'us-east-1', undefined),
          });
          wrong.push(...faults(made).map((fault) => `${model.id} ${precision} tp ${tensorParallel}: ${fault}`));
        }
    expect(wrong).toEqual([]);
  });
});

describe('the command of the README', () => {
  const flags = '--gpu l40s --engine vllm --engine-version 0.10.2 --gpu-memory-utilization 0.90 --precision awq-int4 --max-model-len 1024';
  const load = '--input-tokens 512 --output-tokens 256 --concurrency 64';
  const NAMES = [
    ...['0.6B', '1.7B', '4B', '8B', '14B', '32B'].map((size) => `Qwen3-${size}`),
    ...['Llama-3-8B', 'Llama-3.1-8B-Instruct', 'Llama-3-70B', 'Llama-3.1-70B', 'Llama-3.3-70B-Instruct'],
    ...['3B', '7B', '32B', '72B'].map((size) => `Qwen2.5-VL-${size}-Instruct`),
    ...['2B', '4B', '8B', '32B', '30B-A3B'].map((size) => `Qwen3-VL-${size}-Instruct`),
    ...['Mistral-Small', 'Mistral-Small-24B-Instruct-2501', 'Mistral-Small-3.1-24B-Instruct-2503', 'Mistral-Small-3.2-24B-Instruct-2506'],
    ...['LLaVA-OneVision-1.5-4B-Instruct', 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct'],
  ];

  it.each(NAMES)('knows %s', async (name) => {
    const { exitCode, json } = await runJson('estimate', ['--model', name, ...`${flags} ${load}`.split(' ')]);
    expect(exitCode).toBe(0);
    expect(faults(json as Estimate)).toEqual([]);
    expect((json as Estimate).weightsGib.value).not.toBeNull();
  });

  it.each([
    ['a model that does not fit', ['--model', 'Llama-3.1-70B', '--gpu', 't4'], false],
    ['an architecture without formulas', ['--model', 'gemma-3-12b-it', '--gpu', 'l4'], null],
    ['a card whose memory nobody knows', ['--model', 'Qwen3-8B', '--gpu', 'b300'], null],
  ] as const)('ends with 0 for %s', async (_what, args, fits) => {
    const { exitCode, json } = await runJson('estimate', args);
    expect(exitCode).toBe(0);
    expect((json as Estimate).fits.value).toBe(fits);
    expect(faults(json as Estimate)).toEqual([]);
  });
});
