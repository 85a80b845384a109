import { z } from 'zod';
import type { Pictures } from './counted-load';
import type { Observation, Observations } from './observations';

/** Values of `--metadata NAME=VALUE` come as text. */
const images = z.coerce.number().int().min(0).max(64);

/**
 * What is read of the result file of `vllm bench serve --save-result`. It does not say what its images were (dataset random-mm); the bench of the
 * kit does, and `--metadata images_per_request=1 image_size=1024x1024` makes vLLM say it in the same words.
 */
const BenchSchema = z.looseObject({
  model_id: z.string(),
  max_concurrency: z.int().positive().nullish(),
  completed: z.int().positive(),
  total_input_tokens: z.number().positive(),
  total_output_tokens: z.number().positive(),
  output_throughput: z.number().positive(),
  median_ttft_ms: z.number().positive().optional(),
  mean_ttft_ms: z.number().positive().optional(),
  median_tpot_ms: z.number().positive().optional(),
  mean_tpot_ms: z.number().positive().optional(),
  images_per_request: images.optional(),
  image_size: z
    .string()
    .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/)
    .optional(),
});

/** Reads a result of `vllm bench serve`; undefined when it is none, or when its concurrency was not limited. */
export function readBenchJson(file: string, text: string): Observations | undefined {
  const parsed = BenchSchema.safeParse(jsonOf(text));
  if (!parsed.success || !parsed.data.max_concurrency) return undefined;
  const bench = parsed.data;
  const seen = (term: Observation['term'], value: number | undefined): readonly Observation[] =>
    value === undefined ? [] : [{ term, value, line: 0 }];
  return {
    file,
    engine: 'vllm',
    model: bench.model_id,
    load: {
      inputTokens: Math.max(1, Math.round(bench.total_input_tokens / bench.completed)),
      outputTokens: Math.max(1, Math.round(bench.total_output_tokens / bench.completed)),
      concurrency: bench.max_concurrency ?? 1,
      ...picturesOf(bench),
    },
    seen: [
      ...seen('tokensPerSecond', bench.output_throughput),
      ...seen('ttftMs', bench.median_ttft_ms ?? bench.mean_ttft_ms),
      ...seen('tpotMs', bench.median_tpot_ms ?? bench.mean_tpot_ms),
    ],
  };
}

function picturesOf({ images_per_request: count, image_size: size }: z.infer<typeof BenchSchema>): Pictures {
  const [imageWidthPx, imageHeightPx] = size?.split('x').map(Number) ?? [];
  return imageWidthPx === undefined ? {} : { images: count ?? 1, imageWidthPx, imageHeightPx };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
