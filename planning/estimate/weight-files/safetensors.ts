import { z } from 'zod';
import { KitError } from '../../../core/error';
import type { ByteSource } from './byte-source';
import type { WeightFile } from './weight-file';

/** The header of the format is at most 100 MB. Source: huggingface/safetensors, MAX_HEADER_SIZE */
const MOST_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;

const tensor = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.record(z.string(), z.unknown());

const BITS: Readonly<Record<string, number>> = {
  F64: 64,
  I64: 64,
  U64: 64,
  F32: 32,
  I32: 32,
  U32: 32,
  F16: 16,
  BF16: 16,
  I16: 16,
  U16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  I8: 8,
  U8: 8,
  BOOL: 8,
  F4: 4,
};

/**
 * Reads the header of a safetensors file: 8 bytes of length, then JSON. What it says of its tensors must agree with itself and with the
 * length of the file.
 * @throws KitError E_WEIGHTS_HEADER, E_WEIGHTS_TRUNCATED
 */
export async function readSafetensors(source: ByteSource): Promise<WeightFile> {
  if (source.size < LENGTH_BYTES) throw wrong(source, `it has ${source.size} bytes`);
  const length = new DataView((await source.read(0, LENGTH_BYTES)).buffer).getBigUint64(0, true);
  if (length > BigInt(MOST_HEADER_BYTES) || Number(length) > source.size - LENGTH_BYTES) {
    throw wrong(source, `its header claims ${length} bytes; the file has ${source.size}`);
  }
  const header = parse(source, new TextDecoder().decode(await source.read(LENGTH_BYTES, Number(length))));
  const dataBytes = source.size - LENGTH_BYTES - Number(length);
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => {
      const found = tensor.safeParse(value);
      if (!found.success) throw wrong(source, `tensor "${name}" has no dtype, shape or offsets`);
      const {
        dtype,
        shape,
        data_offsets: [from, to],
      } = found.data;
      const bits = BITS[dtype];
      const elements = shape.reduce((product, side) => product * side, 1);
      if (to < from || to > dataBytes) throw wrong(source, `tensor "${name}" ends at byte ${to} of ${dataBytes}`);
      if (bits !== undefined && (elements * bits) / 8 !== to - from)
        throw wrong(source, `tensor "${name}" of ${dtype} ${shape.join('x')} cannot have ${to - from} bytes`);
      return { name, type: dtype, elements, bytes: to - from };
    });
  const sum = tensors.reduce((total, { bytes }) => total + bytes, 0);
  if (sum !== dataBytes) throw wrong(source, `its tensors add up to ${sum} bytes, its data to ${dataBytes}`);
  return { format: 'safetensors', name: source.name, fileBytes: source.size, tensors, config: null };
}

function parse(source: ByteSource, text: string): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch {
    throw wrong(source, 'its header is no JSON');
  }
}

function wrong(source: ByteSource, what: string): KitError {
  return new KitError({
    code: 'E_WEIGHTS_HEADER',
    message: `${source.name} is no sound safetensors file: ${what}.`,
    next: 'fetch the file again.',
  });
}
