import type { Model } from '../../catalog/schema';
import type { Precision } from '../../release/schema';
import { GGUF_BITS_PER_WEIGHT, GGUF_SPREAD, MEMORY } from '../constants';
import type { Ranged } from '../ranged';
import { scale } from '../ranged';

/** Bytes of the weights by part, before the engine's own overhead. */
export interface WeightBytes {
  /** Language model with both embeddings. */
  readonly language: Ranged;
  /** Input embedding that decoding does not read; 0 when it is tied to the output head. */
  readonly inputEmbedding: number;
  /** Vision tower and merger (the projector file of a GGUF). */
  readonly vision: number;
  readonly formula: string;
  readonly source: string;
}

/** Bytes of one parameter in 16-bit types. */
const BYTES_16_BIT = 2;

/**
 * Bytes of a model's weights at a precision: the length of the files when it is known, else parameters times bytes.
 * Quantised types keep embeddings, output head, vision tower and merger in 16 bit, as vLLM does.
 */
export function weightBytes(model: Model, precision: Precision): WeightBytes {
  const entry = model.weights.find((weights) => weights.precision === precision);
  const source = entry?.source ?? 'parameters of the catalogue';
  const embedding = model.text.vocabSize * model.text.hiddenSize;
  const embeddings = embedding * (model.text.tiedEmbeddings ? 1 : 2);
  const linear = Math.max(0, model.parameters.language - embeddings);
  const towerBytes = (model.parameters.vision + model.parameters.merger) * BYTES_16_BIT;

  const ggufBits = bitsOfGguf(precision);
  if (ggufBits !== undefined) {
    const known = entry?.fileBytes ?? null;
    const bytes = known ?? (model.parameters.language * ggufBits) / 8;
    const perWeight = bytes / model.parameters.language;
    const range = known === null ? scale(GGUF_SPREAD, bytes) : { value: bytes, low: bytes, high: bytes };
    return {
      language: range,
      inputEmbedding: model.text.tiedEmbeddings ? 0 : embedding * perWeight,
      vision: entry?.projectorBytes ?? towerBytes,
      formula: known === null ? `${model.parameters.language} parameters x ${ggufBits} bits / 8` : 'length of the GGUF file',
      source,
    };
  }

  const perLinear = linearBytes(precision);
  const computed = scale(perLinear, linear);
  const kept = embeddings * BYTES_16_BIT;
  const known = entry?.fileBytes;
  const language = known
    ? { value: known - towerBytes, low: known - towerBytes, high: known - towerBytes }
    : { value: computed.value + kept, low: computed.low + kept, high: computed.high + kept };
  return {
    language,
    inputEmbedding: model.text.tiedEmbeddings ? 0 : embedding * BYTES_16_BIT,
    vision: towerBytes,
    formula: known
      ? 'length of the weight files'
      : `${linear} linear parameters x ${perLinear.value} B + ${embeddings + model.parameters.vision + model.parameters.merger} others x 2 B`,
    source,
  };
}

/** Bytes that one decode step reads: the language model without the input embedding, of which only single rows are read. */
export function decodeReadBytes(weights: WeightBytes): number {
  return weights.language.value - weights.inputEmbedding;
}

/** Share of loaded weights over file bytes. */
export function loadedFactor(model: Model): Ranged {
  return model.kind === 'vision-language' ? MEMORY.loadedOverFileVision : MEMORY.loadedOverFileText;
}

function linearBytes(precision: Precision): Ranged {
  if (precision === 'awq-int4' || precision === 'gptq-int4') return MEMORY.int4BytesPerWeight;
  const bytes = precision === 'fp8' || precision === 'int8' ? 1 : BYTES_16_BIT;
  return { value: bytes, low: bytes, high: bytes };
}

function bitsOfGguf(precision: Precision): number | undefined {
  return (GGUF_BITS_PER_WEIGHT as Partial<Record<Precision, number>>)[precision];
}
