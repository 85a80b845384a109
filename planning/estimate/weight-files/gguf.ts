import { KitError } from '../../../core/error';
import { type HfConfig, parseText } from '../hf-config';
import type { ByteSource } from './byte-source';
import type { Tensor, WeightFile } from './weight-file';

const MAGIC = 0x46554747; // "GGUF", little endian
/** The header holds the whole vocabulary: some megabytes. More than this is no header. */
const MOST_HEADER_BYTES = 128 * 2 ** 20;
const FIRST_READ_BYTES = 2 ** 20;
const MOST_ITEMS = 1_000_000;

/** Bytes of one block and elements in it, by ggml type. Source: ggml.c type_traits */
const GGML_TYPES: Readonly<Record<number, readonly [name: string, blockBytes: number, blockElements: number]>> = {
  0: ['F32', 4, 1],
  1: ['F16', 2, 1],
  2: ['Q4_0', 18, 32],
  3: ['Q4_1', 20, 32],
  6: ['Q5_0', 22, 32],
  7: ['Q5_1', 24, 32],
  8: ['Q8_0', 34, 32],
  9: ['Q8_1', 36, 32],
  10: ['Q2_K', 84, 256],
  11: ['Q3_K', 110, 256],
  12: ['Q4_K', 144, 256],
  13: ['Q5_K', 176, 256],
  14: ['Q6_K', 210, 256],
  15: ['Q8_K', 292, 256],
  16: ['IQ2_XXS', 66, 256],
  17: ['IQ2_XS', 74, 256],
  18: ['IQ3_XXS', 98, 256],
  20: ['IQ4_NL', 18, 32],
  21: ['IQ3_S', 110, 256],
  22: ['IQ2_S', 82, 256],
  23: ['IQ4_XS', 136, 256],
  24: ['I8', 1, 1],
  25: ['I16', 2, 1],
  26: ['I32', 4, 1],
  27: ['I64', 8, 1],
  28: ['F64', 8, 1],
  30: ['BF16', 2, 1],
};
/** Bytes of a scalar by metadata type; 8 is a string, 9 an array. */
const SCALAR_BYTES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const STRING = 8;
const ARRAY = 9;
/** Arrays inside arrays; the format allows any depth, no model needs one. */
const MOST_NESTED = 2;

/** Architectures of a GGUF whose formulas are known, by the name of the Hub. */
const HF_ARCHITECTURES = new Map([
  ['llama', 'LlamaForCausalLM'],
  ['qwen2', 'Qwen2ForCausalLM'],
  ['qwen2vl', 'Qwen2ForCausalLM'],
  ['qwen3', 'Qwen3ForCausalLM'],
  ['qwen3vl', 'Qwen3ForCausalLM'],
]);
/** The same with experts. */
const HF_MIXTURES = new Map([
  ['llama', 'MixtralForCausalLM'],
  ['qwen3moe', 'Qwen3MoeForCausalLM'],
]);

/**
 * Reads the header of a GGUF file: metadata and the table of tensors, in a few ranges from the start.
 * @throws KitError E_WEIGHTS_HEADER, E_WEIGHTS_TRUNCATED
 */
export async function readGguf(source: ByteSource): Promise<WeightFile> {
  for (let length = Math.min(source.size, FIRST_READ_BYTES); ; length = Math.min(source.size, 2 * length)) {
    const parsed = parse(source, await source.read(0, length));
    if (parsed) return parsed;
    if (length === source.size || length >= MOST_HEADER_BYTES) throw wrong(source, `its header does not end within ${length} bytes`);
  }
}

class NeedMore extends Error {}

function parse(source: ByteSource, bytes: Uint8Array): WeightFile | undefined {
  try {
    return header(source, new Cursor(bytes));
  } catch (error) {
    if (error instanceof NeedMore) return undefined;
    throw error;
  }
}

function header(source: ByteSource, cursor: Cursor): WeightFile {
  if (cursor.u32() !== MAGIC) throw wrong(source, 'it does not begin with "GGUF"');
  const version = cursor.u32();
  if (version < 2 || version > 3) throw wrong(source, `version ${version} is not known`);
  const tensorCount = count(source, cursor.u64(), 'tensors');
  const pairs = count(source, cursor.u64(), 'metadata entries');
  const metadata = new Map<string, Value>();
  for (let index = 0; index < pairs; index += 1) {
    const key = cursor.string();
    metadata.set(
      key,
      cursor.value(cursor.u32(), (what) => wrong(source, `"${key}" ${what}`)),
    );
  }
  const tensors: Tensor[] = [];
  let end = 0;
  for (let index = 0; index < tensorCount; index += 1) {
    const name = cursor.string();
    const sides = Array.from({ length: count(source, cursor.u32(), `sides of ${name}`) }, () => cursor.u64());
    const elements = sides.reduce((product, side) => product * side, 1);
    if (!Number.isSafeInteger(elements)) throw wrong(source, `tensor "${name}" claims ${sides.join(' x ')} elements`);
    const type = GGML_TYPES[cursor.u32()];
    const offset = cursor.u64();
    if (!type) throw wrong(source, `tensor "${name}" has a type that is not known`);
    const tensorBytes = (elements / type[2]) * type[1];
    tensors.push({ name, type: type[0], elements, bytes: tensorBytes });
    end = Math.max(end, offset + tensorBytes);
  }
  if (cursor.offset + end > source.size) throw wrong(source, `its tensors end at byte ${cursor.offset + end}, the file has ${source.size}`);
  return { format: 'gguf', name: source.name, fileBytes: source.size, tensors, config: configOf(metadata, tensors) };
}

/** A scalar; null for an array or a type that nothing here reads. */
type Value = string | number | null;

/** The shape of the model, or null when the metadata does not say it in single numbers: some models give a list, a number for each layer. */
function configOf(metadata: ReadonlyMap<string, Value>, tensors: readonly Tensor[]): HfConfig | null {
  const name = String(metadata.get('general.architecture'));
  const said = (key: string): Value | undefined => metadata.get(`${name}.${key}`);
  const experts = said('expert_count') || undefined;
  const architecture = (experts === undefined ? HF_ARCHITECTURES : HF_MIXTURES).get(name);
  const embedding = tensors.find((tensor) => tensor.name === 'token_embd.weight');
  if (!architecture || !embedding) return null;
  const hidden = said('embedding_length');
  const text = parseText({
    hidden_size: hidden,
    num_hidden_layers: said('block_count'),
    num_attention_heads: said('attention.head_count'),
    num_key_value_heads: said('attention.head_count_kv'),
    head_dim: said('attention.key_length') ?? undefined,
    intermediate_size: said('feed_forward_length'),
    moe_intermediate_size: said('expert_feed_forward_length'),
    num_experts: experts,
    num_experts_per_tok: said('expert_used_count') || undefined,
    vocab_size: embedding.elements / Number(hidden),
    max_position_embeddings: said('context_length'),
  });
  if ('issues' in text) return null;
  const tied = !tensors.some((tensor) => tensor.name === 'output.weight');
  return { architecture, text, tied, vision: null, spatialMergeSize: undefined, quantization: null };
}

function count(source: ByteSource, value: number, what: string): number {
  if (value > MOST_ITEMS) throw wrong(source, `it claims ${value} ${what}`);
  return value;
}

function wrong(source: ByteSource, what: string): KitError {
  return new KitError({
    code: 'E_WEIGHTS_HEADER',
    message: `${source.name} is no sound GGUF file: ${what}.`,
    next: 'fetch the file again.',
  });
}

/** Reads little-endian values one after the other. */
class Cursor {
  offset = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u32(): number {
    const at = this.take(4);
    return this.view.getUint32(at, true);
  }

  u64(): number {
    const at = this.take(8);
    return Number(this.view.getBigUint64(at, true));
  }

  string(): string {
    const length = this.u64();
    const at = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(at, at + length));
  }

  /** A scalar; null for an array, which is skipped, and for types that nothing here reads. */
  value(type: number, wrongly: (what: string) => KitError, depth = 0): Value {
    if (type === STRING) return this.string();
    if (type === ARRAY) {
      if (depth > MOST_NESTED) throw wrongly('is an array of arrays of arrays');
      const of = this.u32();
      const length = this.u64();
      const size = SCALAR_BYTES[of];
      if (size !== undefined) this.take(length * size);
      else for (let index = 0; index < length; index += 1) this.value(of, wrongly, depth + 1);
      return null;
    }
    const size = SCALAR_BYTES[type];
    if (size === undefined) throw wrongly(`has type ${type}, which is not known`);
    const at = this.take(size);
    if (type === 4) return this.view.getUint32(at, true);
    if (type === 5) return this.view.getInt32(at, true);
    if (type === 10) return Number(this.view.getBigUint64(at, true));
    if (type === 6) return this.view.getFloat32(at, true);
    return null;
  }

  private take(length: number): number {
    const at = this.offset;
    if (length > this.bytes.length - at) throw new NeedMore();
    this.offset = at + length;
    return at;
  }
}
