import { z } from 'zod';
import type { Observation, Observations } from './observations';

/** What is read of the result file of `vllm bench serve --save-result`. */
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
    },
    seen: [
      ...seen('tokensPerSecond', bench.output_throughput),
      ...seen('ttftMs', bench.median_ttft_ms ?? bench.mean_ttft_ms),
      ...seen('tpotMs', bench.median_tpot_ms ?? bench.mean_tpot_ms),
    ],
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
