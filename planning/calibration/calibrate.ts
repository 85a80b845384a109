import type { Estimate } from '../estimate/types';
import { kvBytesPerToken } from '../fit/kv-cache';
import { GIB, MIB } from '../units';
import { readBenchJson } from './bench-json';
import { isLlamaLog, readLlamaLog } from './llama-log';
import type { Observations, ObservedTerm } from './observations';
import type { CalibratedTerm, Comparison } from './schema';
import { isVllmLog, readVllmLog } from './vllm-log';

/** Reads a log or a result file; undefined when it is neither. */
export function readLog(file: string, text: string): Observations | undefined {
  if (text.trimStart().startsWith('{')) return readBenchJson(file, text);
  if (isVllmLog(text)) return readVllmLog(file, text);
  return isLlamaLog(text) ? readLlamaLog(file, text) : undefined;
}

/** The estimate of what was observed: its calibrated term, its unit and its value. */
const TERMS: Readonly<
  Record<ObservedTerm, { readonly term: CalibratedTerm; readonly unit: string; readonly of: (made: Estimate) => number | null }>
> = {
  weightsGib: { term: 'weights', unit: 'GiB', of: (made) => made.weightsGib.value },
  deviceWeightsMib: { term: 'weights', unit: 'MiB', of: (made) => bytes(made, 'weights', MIB) },
  activationGib: { term: 'activation', unit: 'GiB', of: (made) => bytes(made, 'activation peak', GIB) },
  nonTorchGib: { term: 'non-torch', unit: 'GiB', of: (made) => bytes(made, 'non-torch', GIB) },
  graphsGib: { term: 'cuda-graphs', unit: 'GiB', of: (made) => bytes(made, 'CUDA graphs', GIB) },
  computeBufferMib: { term: 'compute-buffer', unit: 'MiB', of: (made) => bytes(made, 'compute buffer', MIB) },
  kvTokens: { term: 'kv-tokens', unit: 'tokens', of: (made) => made.kvCacheTokens.value },
  tpotMs: { term: 'tpot', unit: 'ms', of: (made) => made.tpotMs.value },
  ttftMs: { term: 'ttft', unit: 'ms', of: (made) => made.ttftMs.value },
  tokensPerSecond: { term: 'throughput', unit: 'tokens/s', of: (made) => made.outputTokensPerSecond.value },
};

function bytes(made: Estimate, name: string, unit: number): number | null {
  const term = made.terms.find((part) => part.name === name);
  return term === undefined ? null : term.bytes / unit;
}

/**
 * Whether weights and cache of a log are more than the card holds: then it is the log of another card, or of several.
 *
 * @param made  the estimate for the card that the user named
 */
export function doubtOf({ file, seen }: Observations, made: Estimate, kvDtypeBytes: number): string | undefined {
  const value = (wanted: ObservedTerm) => seen.find(({ term }) => term === wanted)?.value;
  const [weightsGib, tokens] = [value('weightsGib'), value('kvTokens')];
  const { visibleGib, name, count } = made.device;
  if (weightsGib === undefined || tokens === undefined || visibleGib === null) return undefined;
  const taken = weightsGib + (tokens * kvBytesPerToken(made.shape, kvDtypeBytes, count)) / GIB;
  if (taken <= visibleGib) return undefined;
  return `${file}: its weights and cache take ${taken.toFixed(2)} GiB, ${name} has ${visibleGib.toFixed(2)}; is it the log of another card, or of several?`;
}

/** Each observation beside the estimate for the same settings; what the estimate does not know is left out. */
export function compare(observed: Observations, made: Estimate): readonly Comparison[] {
  return observed.seen.flatMap(({ term, value, line }) => {
    const known = TERMS[term];
    const estimate = known.of(made);
    const ratio = estimate === null ? Number.NaN : value / estimate;
    if (estimate === null || !(ratio > 0) || !Number.isFinite(ratio)) return [];
    const from = line === 0 ? observed.file : `${observed.file}:${line}`;
    return [{ term: known.term, unit: known.unit, estimate, measured: value, ratio, from }];
  });
}
