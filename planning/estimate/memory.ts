import { correct, correctionFor, correctTerm } from '../calibration/apply';
import { MEMORY } from '../constants';
import { isV0 } from '../engine-flags/vllm-defaults';
import { type VllmEra, vllmEra } from '../engine-flags/vllm-version';
import { KV_DTYPES, kvBytesLeft, kvBytesPerToken, kvTokens } from '../fit/kv-cache';
import { llamaTerms } from '../fit/llama-cpp';
import { sumTerms } from '../fit/term';
import { cudaGraphsTerm, graphsBeside, vllmTerms } from '../fit/vllm';
import { weightBytes } from '../fit/weights';
import type { FitTerm } from '../plan';
import { exactly, type Ranged, scale } from '../ranged';
import type { RequestShape } from '../request';
import { GIB, roundUp } from '../units';
import type { estimateSettings } from './settings';
import type { EstimateRequest } from './types';

/** Memory of one GPU (or of the machine) with an engine on it; bytes and tokens. */
export interface MemoryEstimate {
  readonly terms: readonly FitTerm[];
  /** What the engine may take; null when the memory of the device is not known. */
  readonly budgetBytes: number | null;
  /** CUDA graphs that are captured beside the budget when the cache already stands. */
  readonly beside: Ranged;
  /** What CUDA has taken before the engine asks whether its budget is free; 0 for engines that do not ask. */
  readonly before: Ranged;
  /** Left for the KV cache: central, pessimistic (low) and optimistic (high). Negative when it does not fit. */
  readonly left: Ranged | null;
  readonly bytesPerToken: number;
  readonly tokens: Ranged | null;
  /** Tokens without which the engine does not start. */
  readonly tokensToStart: number;
  /** Tokens of the stated load, in blocks. */
  readonly tokensOfLoad: number;
  readonly weights: Ranged;
  readonly total: Ranged;
  readonly required: Ranged;
}

type Settings = ReturnType<typeof estimateSettings>;

/** Tokens that one block of vLLM's cache holds; llama.cpp counts single ones. */
const VLLM_BLOCK_TOKENS = 16;

export function estimateMemory(request: EstimateRequest, shape: RequestShape, settings: Settings): MemoryEstimate {
  const llama = request.engine === 'llama.cpp';
  const pool = llama && request.device.gpu === null ? 'host' : 'gpu';
  const terms = engineTerms(request, settings, pool).map((term) => correctTerm(term, request.calibration, scopeOf(request)));
  const bytesPerToken = kvBytesPerToken(request.model.text, KV_DTYPES[settings.kvDtype], settings.tensorParallel);
  const block = llama ? 1 : VLLM_BLOCK_TOKENS;
  const { visibleBytes } = request.device;
  const budgetBytes = visibleBytes === null ? null : visibleBytes * (settings.gpuMemoryUtilization ?? 1);
  const sums: Ranged = { value: sumTerms(terms, pool, 'bytes'), low: sumTerms(terms, pool, 'low'), high: sumTerms(terms, pool, 'high') };
  const left =
    budgetBytes === null
      ? null
      : {
          value: kvBytesLeft(budgetBytes, [sums.value]),
          low: kvBytesLeft(budgetBytes, [sums.high]),
          high: kvBytesLeft(budgetBytes, [sums.low]),
        };
  const beside = llama ? exactly(0) : graphsBesideBudget(request, settings);
  const reserved = settings.maxModelLen * settings.maxNumSeqs;
  const tokensToStart = llama ? reserved : roundUp(settings.maxModelLen, block);
  const tokensOfLoad = roundUp(shape.totalTokens, block) * (request.load.concurrency ?? 1);
  const kv = Math.max(tokensToStart, llama ? reserved : tokensOfLoad) * bytesPerToken;
  const required: Ranged = { value: sums.value + kv, low: sums.low + kv, high: sums.high + kv };
  return {
    terms,
    budgetBytes,
    beside,
    before: llama || runsV0(request) ? exactly(0) : scale(MEMORY.cudaContextGib, GIB),
    left,
    bytesPerToken,
    tokens: left && (llama ? exactly(reserved) : vllmTokens(request, left, bytesPerToken)),
    tokensToStart,
    tokensOfLoad,
    weights: wholeWeights(request, terms, llama),
    total:
      llama || budgetBytes === null || (left?.value ?? 0) < 0
        ? required
        : vllmTotal(beside, budgetBytes, visibleBytes ?? budgetBytes, terms),
    required,
  };
}

function engineTerms(request: EstimateRequest, settings: Settings, pool: 'gpu' | 'host'): readonly FitTerm[] {
  if (request.engine === 'llama.cpp') return llamaTerms(request.model, request.precision, pool);
  return vllmTerms(request.model, request.precision, {
    maxNumBatchedTokens: settings.maxNumBatchedTokens ?? 0,
    maxNumSeqs: settings.maxNumSeqs,
    tensorParallel: settings.tensorParallel,
    enforceEager: settings.enforceEager,
    era: eraOf(request),
  });
}

/** What the engine's version and the card's generation change. */
export function eraOf({ engineVersion, device }: Pick<EstimateRequest, 'engineVersion' | 'device'>): VllmEra {
  return vllmEra(engineVersion, Number(device.gpu?.computeCapability ?? 0));
}

function runsV0({ engineVersion, device }: EstimateRequest): boolean {
  return isV0(engineVersion, Number(device.gpu?.computeCapability ?? 0));
}

/** What a calibration must share with a request. */
export function scopeOf(request: EstimateRequest) {
  return { engine: request.engine, device: request.device.key, model: request.model.id, precision: request.precision };
}

function vllmTokens(request: EstimateRequest, left: Ranged, bytesPerToken: number): Ranged {
  const tokens = {
    value: kvTokens(left.value, bytesPerToken),
    low: kvTokens(left.low, bytesPerToken),
    high: kvTokens(left.high, bytesPerToken),
  };
  return correct(tokens, correctionFor(request.calibration, 'kv-tokens', scopeOf(request)));
}

/** llama.cpp prints the size of the whole model; vLLM what one GPU has loaded. */
function wholeWeights(request: EstimateRequest, terms: readonly FitTerm[], llama: boolean): Ranged {
  if (llama) return weightBytes(request.model, request.precision).language;
  const loaded = terms.find((term) => term.name === 'weights');
  return loaded ? { value: loaded.bytes, low: loaded.low, high: loaded.high } : exactly(0);
}

/**
 * vLLM takes its budget whole; graphs that are captured beside it and the CUDA context come on top. At the low end the card does not show what
 * was kept for the activation peak: it is handed back after the profile, and comes again with the first full batch.
 */
function vllmTotal(beside: Ranged, budgetBytes: number, visibleBytes: number, terms: readonly FitTerm[]): Ranged {
  const highOf = (wanted: string) => terms.find(({ name }) => name === wanted)?.high ?? 0;
  return {
    value: Math.min(visibleBytes, budgetBytes + beside.value),
    low: Math.max(0, budgetBytes - highOf('activation peak')),
    high: Math.min(visibleBytes, budgetBytes + 2 * beside.high + highOf('CUDA graphs')),
  };
}

/** More than two cards without NVLink share their activations by NCCL; others by vLLM's own kernel. */
const OWN_ALL_REDUCE_UP_TO = 2;
const ALL_REDUCES_PER_LAYER = 2;

function graphsBesideBudget(request: EstimateRequest, settings: Settings): Ranged {
  const era = eraOf(request);
  if (settings.enforceEager || !graphsBeside(era)) return exactly(0);
  const byNccl = settings.tensorParallel > OWN_ALL_REDUCE_UP_TO && request.device.gpu?.memoryClass === 'gddr';
  const allReduces = byNccl ? ALL_REDUCES_PER_LAYER * request.model.text.layers : 0;
  const graphs = cudaGraphsTerm({ era, maxNumSeqs: settings.maxNumSeqs }, allReduces);
  return { value: graphs.bytes, low: graphs.low, high: graphs.high };
}
