import type { Model } from '../../catalog/schema';
import { MEMORY } from '../constants';
import { add, exactly, type Ranged, scale } from '../ranged';
import { GIB, MIB, roundUp } from '../units';
import { allocatorBytes } from './allocator';
import type { VllmMemoryFlags } from './vllm';
import { linearParameters, type WeightType, weightBytes } from './weights';

/** Architectures with three-dimensional positions: vLLM makes their rotary table four times as long, for videos. */
const MROPE_TABLE_FACTOR = 4;
const MROPE = new Set([
  'Qwen2VLForConditionalGeneration',
  'Qwen2_5_VLForConditionalGeneration',
  'Qwen3VLForConditionalGeneration',
  'Qwen3VLMoeForConditionalGeneration',
]);
/** Qwen3-VL keeps one buffer of hidden states for each tower layer that feeds the language model. */
const DEEPSTACK_BUFFERS: Readonly<Record<string, number>> = { Qwen3VLForConditionalGeneration: 3, Qwen3VLMoeForConditionalGeneration: 3 };
/** Architectures whose loaded size was seen in a log; of others the overhead is not known so well. */
const MEASURED_TOWERS = new Set([...MROPE, 'Mistral3ForConditionalGeneration']);
const BYTES_16_BIT = 2;
/** Rows of an expert that the Marlin kernel wants. Source: vLLM quantization/mxfp4.py, `round_up(intermediate_size_per_partition, 128)`. */
const MARLIN_ROWS = 128;
const QUANTISED = new Set<WeightType>(['awq-int4', 'gptq-int4', 'fp8', 'int8']);

export interface LoadedBuffers {
  readonly bytes: Ranged;
  readonly formula: string;
}

/**
 * What vLLM's "Model loading took" counts beside the weights, in bytes on one GPU: the rotary table, the deepstack buffers of Qwen3-VL,
 * what the allocator rounds up, and what repacking leaves. It explains the load logs within 0.7 %, where a flat factor of 1.01 or 1.03 misses by up to 3 %.
 * Source: vLLM rotary_embedding/base.py and mrope.py (cache_max_position_num = 4 x max_position_embeddings), qwen3_vl.py.
 */
export function loadedBuffers(
  model: Model,
  precision: WeightType,
  { maxNumBatchedTokens, tensorParallel, era }: Pick<VllmMemoryFlags, 'maxNumBatchedTokens' | 'tensorParallel' | 'era'>,
): LoadedBuffers {
  const { architecture, text, vision } = model;
  const short = !MROPE.has(architecture) || (era?.shortVisionTable && Object.hasOwn(DEEPSTACK_BUFFERS, architecture));
  const positions = text.maxPositions * (short ? 1 : MROPE_TABLE_FACTOR);
  const rotary = positions * text.headDim * BYTES_16_BIT;
  const deepstack = (DEEPSTACK_BUFFERS[architecture] ?? 0) * maxNumBatchedTokens * text.hiddenSize * BYTES_16_BIT;
  const tower = vision ? scale(MEMORY.towerLoadingMib, MIB) : exactly(0);
  const unseen = vision && !MEASURED_TOWERS.has(architecture) ? { value: 0, low: 0, high: MEMORY.unseenTowerGib.high * GIB } : exactly(0);
  const repacked = QUANTISED.has(precision) || text.experts?.bytesPerWeight !== undefined;
  const repack = repacked ? scale(MEMORY.repackMib, MIB) : { value: 0, low: 0, high: MEMORY.allocatorMib.high * MIB };
  const allocator = allocatorBytes(model, precision, tensorParallel);
  const late = era?.leanSampler ? scale(MEMORY.lateLoadMib, MIB) : exactly(0);
  const zeros =
    era?.machete && precision === 'awq-int4' ? scale(MEMORY.wideZeroPointBytes, linearParameters(model) / tensorParallel) : exactly(0);
  return {
    bytes: add(
      exactly(rotary + deepstack + allocator + widerExperts(model, precision, tensorParallel, era)),
      tower,
      unseen,
      repack,
      late,
      zeros,
    ),
    formula: `allocator ${Math.round(allocator / MIB)} MiB + rotary table ${positions} positions x ${text.headDim} x 2 B${deepstack > 0 ? ` + deepstack 3 x ${maxNumBatchedTokens} x ${text.hiddenSize} x 2 B` : ''}`,
  };
}

/** What Marlin adds to the experts of gpt-oss, whose 2,880 rows, or a card's share of them, are no multiple of 128: 13.72 GiB on A100 where an H100 has 13.47. */
function widerExperts(model: Model, precision: WeightType, tensorParallel: number, era: VllmMemoryFlags['era']): number {
  const { experts, intermediateSize } = model.text;
  if (!era?.marlinExperts || experts?.bytesPerWeight === undefined) return 0;
  const rows = intermediateSize / tensorParallel;
  return (weightBytes(model, precision).experts / tensorParallel) * (roundUp(rows, MARLIN_ROWS) / rows - 1);
}
