import type { Model } from '../../catalog/schema';
import type { Precision } from '../../release/schema';
import { MEMORY } from '../constants';
import { add, exactly, type Ranged, scale } from '../ranged';
import { type GgufBytes, type GgufType, ggufBytes, isGgufType } from './gguf';

/** A precision of a release, or a GGUF type that estimates know beside them. */
export type WeightType = Precision | GgufType;

/** Bytes of the weights by part, before the engine's own buffers. */
export interface WeightBytes {
  /** Language model with both embeddings. */
  readonly language: Ranged;
  /** Input embedding that decoding does not read; 0 when it is tied to the output head. */
  readonly inputEmbedding: number;
  /** Of the language model what its experts take; 0 for a dense one. A step reads only those that its tokens run through. */
  readonly experts: number;
  /** Vision tower and merger (the projector file of a GGUF). */
  readonly vision: number;
  readonly formula: string;
  readonly source: string;
}

/** Row length that kernels of packed experts want. */
const EXPERT_ROW = 256;
/** Bytes of one parameter in 16-bit types. */
const BYTES_16_BIT = 2;

/**
 * Bytes of a model's weights at a precision: the length of the files when it is known, else parameters times bytes.
 * Quantised types keep embeddings, output head, vision tower and merger in 16 bit, as vLLM does; GGUF types are summed tensor by tensor.
 */
export function weightBytes(model: Model, precision: WeightType): WeightBytes {
  const entry = model.weights.find((weights) => weights.precision === precision);
  const source = entry?.source ?? `parameters: ${model.source}`;
  const embedding = model.text.vocabSize * model.text.hiddenSize;
  const embeddings = embedding * (model.text.tiedEmbeddings ? 1 : 2);
  const towerBytes = (model.parameters.vision + model.parameters.merger) * BYTES_16_BIT;

  if (isGgufType(precision)) {
    const computed = ggufBytes(model, precision);
    const known = entry?.fileBytes ?? null;
    const share = known === null ? 1 : known / computed.file;
    return {
      language: known === null ? tensorsOrFile(computed) : exactly(known),
      inputEmbedding: model.text.tiedEmbeddings ? 0 : computed.tokenEmbedding * share,
      experts: computed.experts * share,
      vision: entry?.projectorBytes ?? towerBytes,
      formula: known === null ? `sum over the tensors of the mix ${precision}` : 'length of the GGUF file',
      source,
    };
  }

  const inExperts = expertParameters(model);
  const linear = linearParameters(model) - inExperts;
  const perLinear = linearBytes(precision);
  const perExpert = expertBytes(model) ?? perLinear;
  const experts = scale(perExpert, inExperts);
  const computed = add(scale(perLinear, linear), experts);
  const kept = embeddings * BYTES_16_BIT;
  const known = entry?.fileBytes;
  const language = known
    ? exactly(known - towerBytes)
    : { value: computed.value + kept, low: computed.low + kept, high: computed.high + kept };
  return {
    language,
    inputEmbedding: model.text.tiedEmbeddings ? 0 : embedding * BYTES_16_BIT,
    experts: known ? ((known - towerBytes) * experts.value) / (computed.value + kept) : experts.value,
    vision: towerBytes,
    formula: known
      ? 'length of the weight files'
      : `${linear} linear parameters x ${perLinear.value} B + ${inExperts > 0 ? `${inExperts} in experts x ${Number(perExpert.value.toFixed(4))} B + ` : ''}${embeddings + model.parameters.vision + model.parameters.merger} others x 2 B`,
    source,
  };
}

/** llama.cpp loads and prints the tensors; the file is longer by its vocabulary, 0.1 % of an 8B model and 1.5 % of one of 0.5B. */
function tensorsOrFile({ tensors, file }: GgufBytes): Ranged {
  const { low, high } = MEMORY.ggufOverSum;
  return { value: tensors, low: low * tensors, high: high * file };
}

/** Parameters of the language model without embeddings and output head: what quantisation shrinks, and what prefill multiplies. */
export function linearParameters({ parameters, text }: Model): number {
  return Math.max(0, parameters.language - text.vocabSize * text.hiddenSize * (text.tiedEmbeddings ? 1 : 2));
}

/** Parameters in the experts of a mixture, all of them; 0 for a dense model. */
export function expertParameters({ text }: Model): number {
  return text.experts ? text.layers * text.experts.count * 3 * text.hiddenSize * text.intermediateSize : 0;
}

/** Linear parameters that one token runs through: of a mixture only its share of the experts. */
export function activeParameters(model: Model): number {
  const { experts } = model.text;
  const idle = experts ? expertParameters(model) * (1 - experts.perToken / experts.count) : 0;
  return linearParameters(model) - idle;
}

/** Bytes that every decode step reads: the language model without experts and without the input embedding, of which only single rows are read. */
export function decodeReadBytes(weights: WeightBytes): number {
  return weights.language.value - weights.inputEmbedding - weights.experts;
}

/** Experts in a type of their own. Kernels want rows of whole 256: gpt-oss pads its 2,880 to 3,072 (13.47 GiB loaded on H100). */
function expertBytes({ text }: Model): Ranged | undefined {
  const bytes = text.experts?.bytesPerWeight;
  if (bytes === undefined) return undefined;
  const padded = (bytes * Math.ceil(text.hiddenSize / EXPERT_ROW)) / (text.hiddenSize / EXPERT_ROW);
  return { value: padded, low: bytes, high: padded };
}

function linearBytes(precision: Precision): Ranged {
  if (precision === 'awq-int4') return MEMORY.awqBytesPerWeight;
  if (precision === 'gptq-int4') return MEMORY.gptqBytesPerWeight;
  if (precision === 'fp8' || precision === 'int8') return MEMORY.byteTypesPerWeight;
  return exactly(BYTES_16_BIT);
}
