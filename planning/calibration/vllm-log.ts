import { firstNumber, firstText, lastNumber, type Observation, type Observations } from './observations';

/** Tokens of one block; the V0 engine prints blocks only. */
const BLOCK_TOKENS = 16;

/** Whether a text is a start-up log of vLLM. */
export function isVllmLog(text: string): boolean {
  return /vLLM API server version|Initializing a V\d LLM engine|Available KV cache memory|the rest of the memory reserved for KV Cache|Loading model weights took/.test(
    text,
  );
}

/** Reads a start-up log of vLLM, V0 or V1, with or without debug lines. */
export function readVllmLog(file: string, text: string): Observations {
  const lines = text.split('\n');
  const setting = (name: string): number | undefined => firstNumber(lines, new RegExp(`'${name}': ([\\d.]+)`));
  const quantisation = firstText(lines, /quantization='?([\w-]+)'?/);
  const dtype = firstText(lines, /dtype=torch\.(\w+)/);
  return {
    file,
    engine: 'vllm',
    engineVersion: firstText(lines, /vLLM API server version v?(\d[\w.]*)/) ?? firstText(lines, /LLM engine \(v(\d[\w.]*)\)/),
    model: firstText(lines, /LLM engine.*?model='([^']+)'/) ?? firstText(lines, /'model': '([^']+)'/),
    precision: precisionOf(quantisation, dtype),
    gpuMemoryUtilization: setting('gpu_memory_utilization') ?? firstNumber(lines, /gpu_memory_utilization \(([\d.]+)\)/),
    visibleGib: firstNumber(lines, /total_gpu_memory \(([\d.]+)GiB\)/),
    maxModelLen: firstNumber(lines, /max_seq_len=(\d+)/) ?? firstNumber(lines, /Using max model len (\d+)/),
    maxNumSeqs: setting('max_num_seqs'),
    maxNumBatchedTokens: firstNumber(lines, /max_num_batched_tokens=(\d+)/) ?? setting('max_num_batched_tokens'),
    tensorParallel: firstNumber(lines, /tensor_parallel_size=(\d+)/) ?? setting('tensor_parallel_size'),
    startSeconds: startSeconds(lines),
    seen: [
      ...lastNumber(lines, 'weightsGib', /Model loading took ([\d.]+) Gi?B/),
      ...fallback(lines),
      ...lastNumber(lines, 'activationGib', /activation peak memory takes ([\d.]+)GiB/),
      ...lastNumber(lines, 'activationGib', /torch peak memory increase:? ([\d.]+) ?GiB/),
      ...lastNumber(lines, 'nonTorchGib', /non_torch_memory takes ([\d.]+)GiB/),
      ...lastNumber(lines, 'nonTorchGib', /non-torch forward increase memory:? ([\d.]+) ?GiB/),
      ...lastNumber(lines, 'graphsGib', /Graph capturing finished in [\d.]+ secs?, took ([\d.]+) GiB/),
      ...lastNumber(lines, 'kvTokens', /GPU KV cache size: ([\d,]+) tokens/),
      ...blocks(lines),
    ],
  };
}

/** `Loading model weights took 14.9888 GB` of V0 is the second alternative of its pattern. */
function fallback(lines: readonly string[]): readonly Observation[] {
  if (lines.some((line) => /Model loading took/.test(line))) return [];
  return lastNumber(lines, 'weightsGib', /Loading model weights took ([\d.]+) GB/);
}

function blocks(lines: readonly string[]): readonly Observation[] {
  return lastNumber(lines, 'kvTokens', /# (?:CUDA|GPU) blocks: ([\d,]+)/).map((seen) => ({ ...seen, value: seen.value * BLOCK_TOKENS }));
}

const CLOCK = /(?:INFO|WARNING|ERROR|DEBUG) (\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)/;
const YEAR_SECONDS = 365 * 86_400;

/** First line with a clock to the last one before uvicorn says that it is up; undefined for a start that never got there. */
function startSeconds(lines: readonly string[]): number | undefined {
  const up = lines.findIndex((line) => line.includes('Application startup complete'));
  const clocks = lines.slice(0, Math.max(0, up)).flatMap((line) => CLOCK.exec(line)?.slice(1).map(Number) ?? []);
  if (clocks.length === 0) return undefined;
  const seconds = secondsOfYear(clocks.slice(-5)) - secondsOfYear(clocks.slice(0, 5));
  // the log names no year: a start over New Year comes out negative
  return seconds < 0 ? seconds + YEAR_SECONDS : seconds;
}

function secondsOfYear([month = 1, day = 1, hour = 0, minute = 0, second = 0]: readonly number[]): number {
  return Date.UTC(2001, month - 1, day, hour, minute, second) / 1000;
}

function precisionOf(quantisation: string | undefined, dtype: string | undefined): string | undefined {
  if (quantisation?.startsWith('awq')) return 'awq-int4';
  if (quantisation?.startsWith('gptq')) return 'gptq-int4';
  if (quantisation === 'fp8') return 'fp8';
  if (quantisation !== undefined && quantisation !== 'None') return undefined;
  if (dtype === 'bfloat16') return 'bf16';
  return dtype === 'float16' ? 'fp16' : undefined;
}
