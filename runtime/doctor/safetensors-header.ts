import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isObject } from './json-access';

export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** The header of a safetensors file, or why there is none. */
export type SafetensorsHeader =
  | { readonly ok: true; readonly tensors: ReadonlyMap<string, TensorEntry>; readonly fileBytes: number }
  | { readonly ok: false; readonly reason: string };

const LENGTH_BYTES = 8;
/** Limit of the format's own reader (safetensors, MAX_HEADER_SIZE). */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads the header of a safetensors file (8 bytes of length, then JSON) and compares the byte ranges in it with the size of the file, so
 * that a truncated download shows without reading the weights.
 * Format: https://github.com/huggingface/safetensors#format
 */
export function readSafetensorsHeader(file: string): SafetensorsHeader {
  try {
    const fileBytes = statSync(file).size;
    const headerBytes = headerLength(file, fileBytes);
    if (typeof headerBytes === 'string') return { ok: false, reason: headerBytes };
    return parse(readAt(file, LENGTH_BYTES, headerBytes).toString('utf8'), fileBytes - LENGTH_BYTES - headerBytes, fileBytes);
  } catch (error) {
    return { ok: false, reason: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})` };
  }
}

function headerLength(file: string, fileBytes: number): number | string {
  if (fileBytes < LENGTH_BYTES) return `it has ${fileBytes} bytes, less than the ${LENGTH_BYTES} of the header's length`;
  const length = readAt(file, 0, LENGTH_BYTES).readBigUInt64LE();
  if (length > BigInt(MAX_HEADER_BYTES))
    return `its header claims ${length} bytes, more than the format allows; it may be a pointer or another format`;
  if (length > BigInt(fileBytes - LENGTH_BYTES))
    return `its header claims ${length} bytes and the file ends after ${fileBytes}: it is truncated`;
  return Number(length);
}

function parse(text: string, dataBytes: number, fileBytes: number): SafetensorsHeader {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'its header is not JSON' };
  }
  if (!isObject(header)) return { ok: false, reason: 'its header is not a JSON object' };
  const tensors = new Map<string, TensorEntry>();
  let end = 0;
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const entry = isObject(value) ? value : {};
    const { dtype, shape, data_offsets: offsets } = entry;
    if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
      return { ok: false, reason: `its header describes ${name} wrongly` };
    }
    tensors.set(name, { dtype, shape });
    end = Math.max(end, offsets[1] as number);
  }
  if (end > dataBytes) return { ok: false, reason: `its tensors need ${end} bytes and it holds ${dataBytes}: it is truncated` };
  return { ok: true, tensors, fileBytes };
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((part) => Number.isSafeInteger(part) && part >= 0);
}

function readAt(file: string, position: number, length: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(length);
    const read = readSync(descriptor, buffer, 0, length, position);
    return buffer.subarray(0, read);
  } finally {
    closeSync(descriptor);
  }
}
