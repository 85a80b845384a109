import { firstNumber, firstText, lastNumber, type Observations } from './observations';

/** Whether a text is a log of llama-server or another program of llama.cpp. */
export function isLlamaLog(text: string): boolean {
  return /model buffer size =|llama_model_loader:|print_info:|llm_load_print_meta:/.test(text);
}

const MIB_PER_GIB = 1024;
const CUDA_COMPUTE = /CUDA0 compute buffer size =\s+([\d.]+) MiB/;
const CPU_COMPUTE = /\bCPU compute buffer size =\s+([\d.]+) MiB/;

/** How llama.cpp writes its file types, and how they are named. */
const FILE_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^Q4_K - Medium/, 'Q4_K_M'],
  [/^Q4_K - Small/, 'Q4_K_S'],
  [/^Q5_K - Medium/, 'Q5_K_M'],
  [/^Q5_K - Small/, 'Q5_K_S'],
  [/^Q3_K - Medium/, 'Q3_K_M'],
  [/^Q3_K - Large/, 'Q3_K_L'],
  [/^Q3_K - Small/, 'Q3_K_S'],
  [/^Q2_K/, 'Q2_K'],
  [/^(Q\d_[01K]|F16|BF16)/, ''],
];

/** Reads a log of llama-server: buffers of the start, and the timings of the requests. */
export function readLlamaLog(file: string, text: string): Observations {
  const lines = text.split('\n');
  const type = firstText(lines, /(?:file type|model ftype)\s*=\s*(.+?)\s*$/);
  const prompt = lastMatch(lines, /prompt eval time =\s+([\d.]+) ms \/\s+(\d+) tokens/);
  const answer = lastMatch(lines, /(?<!prompt )\beval time =\s+([\d.]+) ms \/\s+(\d+) (?:tokens|runs)/);
  const slots = firstNumber(lines, /n_seq_max\s*=\s*(\d+)/) ?? 1;
  const context = firstNumber(lines, /n_ctx\s*=\s*(\d+)/);
  return {
    file,
    engine: 'llama.cpp',
    engineVersion: firstText(lines, /build:? (\d+|b\d+)/),
    model:
      firstText(lines, /general\.name\s*=\s*(.+?)\s*$/)?.replaceAll(' ', '-') ??
      firstText(lines, /general\.name\s+str\s+=\s*(.+?)\s*$/)?.replaceAll(' ', '-'),
    precision: precisionOf(type),
    maxModelLen: context === undefined ? undefined : Math.floor(context / slots),
    maxNumSeqs: slots,
    load: prompt && answer ? { inputTokens: prompt.count, outputTokens: answer.count, concurrency: 1 } : undefined,
    seen: [
      ...lastNumber(lines, 'weightsGib', /file size\s*=\s*([\d.]+) GiB/),
      ...lastNumber(lines, 'weightsGib', /file size\s*=\s*([\d.]+) MiB/).map((seen) => ({ ...seen, value: seen.value / MIB_PER_GIB })),
      ...lastNumber(lines, 'deviceWeightsMib', /CUDA0 model buffer size =\s+([\d.]+) MiB/),
      ...lastNumber(lines, 'computeBufferMib', lines.some((line) => line.includes('CUDA0')) ? CUDA_COMPUTE : CPU_COMPUTE),
      ...(answer ? [{ term: 'tpotMs' as const, value: answer.ms / answer.count, line: answer.line }] : []),
      ...(prompt ? [{ term: 'ttftMs' as const, value: prompt.ms, line: prompt.line }] : []),
    ],
  };
}

function lastMatch(lines: readonly string[], pattern: RegExp): { ms: number; count: number; line: number } | undefined {
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const found = pattern.exec(lines[index] ?? '');
    if (found && Number(found[2]) > 0) return { ms: Number(found[1]), count: Number(found[2]), line: index + 1 };
  }
  return undefined;
}

function precisionOf(type: string | undefined): string | undefined {
  if (type === undefined) return undefined;
  for (const [pattern, name] of FILE_TYPES) {
    const found = pattern.exec(type);
    if (found) return name === '' ? found[1] : name;
  }
  return undefined;
}
