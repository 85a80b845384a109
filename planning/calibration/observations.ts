import type { CountedLoad } from './counted-load';

/** What one log or result file says of a running engine. Everything that it does not say is undefined. */
export interface Observations {
  readonly file: string;
  readonly engine: 'vllm' | 'llama.cpp';
  readonly engineVersion?: string;
  readonly model?: string;
  readonly precision?: string;
  readonly gpuMemoryUtilization?: number;
  readonly visibleGib?: number;
  readonly maxModelLen?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  readonly tensorParallel?: number;
  readonly load?: CountedLoad;
  /** From the first line of the engine until it served, by the clock of its log. */
  readonly startSeconds?: number;
  readonly seen: readonly Observation[];
}

/** Kinds of measurement, each in the unit of its name. */
export type ObservedTerm =
  | 'weightsGib'
  | 'activationGib'
  | 'nonTorchGib'
  | 'graphsGib'
  | 'kvTokens'
  | 'deviceWeightsMib'
  | 'computeBufferMib'
  | 'tpotMs'
  | 'ttftMs'
  | 'tokensPerSecond';

export interface Observation {
  readonly term: ObservedTerm;
  readonly value: number;
  /** Line of the file, from 1; 0 for a JSON. */
  readonly line: number;
}

/** The last number that a pattern captures, with its line. */
export function lastNumber(lines: readonly string[], term: ObservedTerm, pattern: RegExp): readonly Observation[] {
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const found = pattern.exec(lines[index] ?? '');
    if (found?.[1] !== undefined) return [{ term, value: Number(found[1].replaceAll(',', '')), line: index + 1 }];
  }
  return [];
}

/** The first capture of a pattern anywhere in the lines. */
export function firstText(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const found = pattern.exec(line);
    if (found?.[1] !== undefined) return found[1];
  }
  return undefined;
}

/** The same as a number; what is not above 0 is no setting of an engine. */
export function firstNumber(lines: readonly string[], pattern: RegExp): number | undefined {
  const value = Number(firstText(lines, pattern)?.replaceAll(',', ''));
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
