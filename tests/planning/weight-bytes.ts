/** A safetensors file: the length of its header (or what it claims), the header, and so many bytes of data. */
export function safetensors(header: object | string, data: number, claimed?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed ?? json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/** A value of GGUF's metadata: text, a 32-bit number, or one that is odd on purpose; undefined leaves the key out. */
type MetadataValue =
  | string
  | number
  | undefined
  | { readonly array: number; readonly length: number }
  | { readonly type: number }
  | { readonly nested: number };

interface GgufOptions {
  readonly claimedTensors?: number;
  readonly metadata?: Readonly<Record<string, MetadataValue>>;
}

const LLAMA: Readonly<Record<string, MetadataValue>> = {
  'general.architecture': 'llama',
  'llama.block_count': 2,
  'llama.embedding_length': 32,
  'llama.feed_forward_length': 64,
  'llama.attention.head_count': 4,
  'llama.attention.head_count_kv': 2,
  'llama.context_length': 2048,
};
const U32 = 4;
const STRING = 8;
const ARRAY = 9;

/** A GGUF file with its metadata, a small vocabulary, its table of tensors, and so many bytes of data. */
export function gguf(
  tensors: readonly (readonly [name: string, sides: readonly number[], type: number, offset: number])[],
  data: number,
  { claimedTensors, metadata = LLAMA }: GgufOptions = {},
): Uint8Array {
  const parts: number[] = [];
  const u32 = (value: number) => parts.push(...new Uint8Array(new Uint32Array([value]).buffer));
  const u64 = (value: number) => parts.push(...new Uint8Array(new BigUint64Array([BigInt(value)]).buffer));
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    u64(bytes.length);
    parts.push(...bytes);
  };
  const write = (value: Exclude<MetadataValue, undefined>): void => {
    if (typeof value === 'string') {
      u32(STRING);
      text(value);
    } else if (typeof value === 'number') {
      u32(U32);
      u32(value);
    } else if ('type' in value) {
      u32(value.type);
    } else if ('nested' in value) {
      u32(ARRAY);
      for (let level = 0; level < value.nested; level += 1) {
        u32(ARRAY);
        u64(1);
      }
    } else {
      u32(ARRAY);
      u32(value.array);
      u64(value.length);
      if (value.array === U32) for (let index = 0; index < value.length; index += 1) u32(index);
    }
  };
  const entries = Object.entries(metadata).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  u32(0x46554747);
  u32(3);
  u64(claimedTensors ?? tensors.length);
  u64(entries.length + 1);
  for (const [key, value] of entries) {
    text(key);
    write(value);
  }
  text('tokenizer.ggml.tokens');
  u32(ARRAY);
  u32(STRING);
  u64(2);
  text('a');
  text('b');
  for (const [name, sides, type, offset] of tensors) {
    text(name);
    u32(sides.length);
    for (const side of sides) u64(side);
    u32(type);
    u64(offset);
  }
  return new Uint8Array([...parts, ...new Array<number>(data).fill(0)]);
}
