import type { Question } from '../choose/question';
import type { EngineSettings } from './settings';

/** vLLM's name of the activation type; quantised weights compute in 16 bit. */
const DTYPE: Readonly<Record<string, string>> = {
  bf16: 'bfloat16',
  fp16: 'float16',
  'awq-int4': 'float16',
  'gptq-int4': 'float16',
};

export type Flags = readonly (readonly [flag: string, value: string | number])[];

/** Flags of vLLM on which the estimate depends; paths, names and ports are the chart's. The KV cache stays in 16 bit, as the estimate counts it. */
export function vllmFlags({ model, engine, release }: Question, settings: EngineSettings): Flags {
  const { precision, revision } = release.model;
  const quantised = model.weights.find((weights) => weights.precision === precision)?.origin === 'quantised-at-load';
  return [
    ['--revision', revision],
    ['--dtype', DTYPE[precision] ?? 'bfloat16'],
    ...(precision === 'fp8' && quantised ? [['--quantization', 'fp8'] as const] : []),
    ['--kv-cache-dtype', 'auto'],
    ['--tensor-parallel-size', settings.tensorParallel],
    ['--gpu-memory-utilization', utilisation(engine.defaultGpuMemoryUtilization)],
    ['--max-model-len', settings.maxModelLen],
    ['--max-num-batched-tokens', settings.maxNumBatchedTokens],
    ['--max-num-seqs', settings.maxNumSeqs],
    ...(model.vision
      ? [
          ['--limit-mm-per-prompt', JSON.stringify({ image: release.load.imagesPerRequest, video: 0 })] as const,
          ['--mm-processor-kwargs', JSON.stringify({ min_pixels: model.vision.minPixels, max_pixels: model.vision.maxPixels })] as const,
        ]
      : []),
  ];
}

/** vLLM before 0.22 takes 0.90 by itself; the catalogue names the default of each version. */
const FALLBACK_UTILISATION = 0.9;

/** gpu_memory_utilization of an engine. */
export function utilisation(ofEngine: number | null): number {
  return ofEngine ?? FALLBACK_UTILISATION;
}
