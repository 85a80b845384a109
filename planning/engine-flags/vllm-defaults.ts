import { GIB } from '../units';
import { isFrom } from './vllm-version';

/** What vLLM does when a flag is not given. */
export interface VllmDefaults {
  readonly gpuMemoryUtilization: number;
  readonly maxNumBatchedTokens: number;
  readonly maxNumSeqs: number;
  readonly source: string;
}

/** A device as the defaults look at it. */
export interface DefaultsDevice {
  readonly key: string;
  readonly visibleBytes: number | null;
  readonly computeCapability: number;
}

/** What of a model the defaults look at. */
export interface DefaultsModel {
  /** Tokens of one sequence. */
  readonly maxModelLen: number;
  readonly vision: boolean;
}

/**
 * Defaults of the OpenAI server by version and device. 0.20 and 0.21 are taken as 0.90: 0.92 is sourced from 0.22 on only, and a
 * start-up log of 0.21 still speaks of 0.9000.
 * Source: vLLM arg_utils.EngineArgs.get_batch_defaults; ai-dynamo/aiconfigurator@095f58a sdk/backends/vllm_backend.py
 *
 * The V0 engine without chunked prefill batches whole prompts, and it never chunks those of a model that sees images.
 */
export function vllmDefaults(version: string, device: DefaultsDevice, { maxModelLen, vision }: DefaultsModel): VllmDefaults {
  const base = { gpuMemoryUtilization: isFrom(version, FIRST_092) ? 0.92 : 0.9 };
  if (isV0(version, device.computeCapability)) {
    const chunked = maxModelLen > V0_CHUNKED_FROM_TOKENS && !vision;
    const least = vision ? V0_VISION_TOKENS : SMALL.maxNumBatchedTokens;
    const maxNumBatchedTokens = chunked ? SMALL.maxNumBatchedTokens : Math.max(maxModelLen, least);
    return { ...base, maxNumBatchedTokens, maxNumSeqs: SMALL.maxNumSeqs, source: `vLLM ${version} (V0 engine)` };
  }
  const large = (device.visibleBytes ?? 0) >= LARGE_DEVICE_BYTES && !device.key.startsWith('a100');
  return { ...base, ...(large ? LARGE : SMALL), source: `vLLM ${version}, ${large ? 'device of 70 GiB or more' : 'other devices'}` };
}

const SMALL = { maxNumBatchedTokens: 2048, maxNumSeqs: 256 } as const;
const LARGE = { maxNumBatchedTokens: 8192, maxNumSeqs: 1024 } as const;
const LARGE_DEVICE_BYTES = 70 * GIB;
/** V0 turned chunked prefill on by itself for contexts longer than this. */
const V0_CHUNKED_FROM_TOKENS = 32_768;
/** Fewest tokens of a step for a model that sees images. Source: vLLM 0.7.3 config.py, _MULTIMODAL_MODEL_MAX_NUM_BATCHED_TOKENS. */
const V0_VISION_TOKENS = 5120;
/** V1 is the default from 0.8 on, and the only engine from 0.11 on; before that, GPUs older than Ampere fell back to V0. */
const FIRST_V1 = [0, 8] as const;
const ONLY_V1 = [0, 11] as const;
const AMPERE = 8;
/** First version whose default utilisation is 0.92. */
const FIRST_092 = [0, 22] as const;

/** Whether the V0 engine runs: before 0.8, where it is asked for, and before 0.11 on cards older than Ampere. */
export function isV0(version: string, computeCapability: number): boolean {
  if (/v0$/i.test(version) || !isFrom(version, FIRST_V1)) return true;
  return computeCapability < AMPERE && !isFrom(version, ONLY_V1);
}
