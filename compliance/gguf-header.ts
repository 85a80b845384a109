/** Values of a GGUF header, by key; arrays are skipped. */
export type GgufHeader = ReadonlyMap<string, string | number | bigint | boolean>;

/**
 * Reads the metadata of a GGUF file from its first bytes.
 * Stops without complaint where the bytes end; what was read until then is right.
 * @throws RangeError when it is not a GGUF file of version 2 or 3
 * Source: ggml docs/gguf.md, "File structure".
 */
export function readGgufHeader(bytes: Uint8Array): GgufHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, false) !== MAGIC) throw new RangeError('not a GGUF file');
  const version = view.getUint32(4, true);
  if (version !== 2 && version !== 3) throw new RangeError(`GGUF version ${version} is not known`);
  const cursor: Cursor = { view, at: 24 };
  const header = new Map<string, string | number | bigint | boolean>();
  const entries = view.getBigUint64(16, true);
  try {
    for (let index = 0n; index < entries; index += 1n) {
      const key = readString(cursor);
      const value = readValue(cursor, readU32(cursor));
      if (value !== undefined) header.set(key, value);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return header;
}

const MAGIC = 0x47475546; // "GGUF"

interface Cursor {
  readonly view: DataView;
  at: number;
}

const SIZES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8] as const;
const STRING = 8;
const ARRAY = 9;

function readValue(cursor: Cursor, type: number): string | number | bigint | boolean | undefined {
  if (type === STRING) return readString(cursor);
  if (type === ARRAY) {
    const element = readU32(cursor);
    const count = Number(readU64(cursor));
    for (let index = 0; index < count; index += 1) readValue(cursor, element);
    return undefined;
  }
  const { view, at } = cursor;
  const size = SIZES[type];
  if (!size) throw new RangeError(`unknown value type ${type}`);
  cursor.at += size;
  switch (type) {
    case 0:
      return view.getUint8(at);
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getUint16(at, true);
    case 3:
      return view.getInt16(at, true);
    case 4:
      return view.getUint32(at, true);
    case 5:
      return view.getInt32(at, true);
    case 6:
      return view.getFloat32(at, true);
    case 7:
      return view.getUint8(at) !== 0;
    case 10:
      return view.getBigUint64(at, true);
    case 11:
      return view.getBigInt64(at, true);
    default:
      return view.getFloat64(at, true);
  }
}

function readU32(cursor: Cursor): number {
  const value = cursor.view.getUint32(cursor.at, true);
  cursor.at += 4;
  return value;
}

function readU64(cursor: Cursor): bigint {
  const value = cursor.view.getBigUint64(cursor.at, true);
  cursor.at += 8;
  return value;
}

function readString(cursor: Cursor): string {
  const length = Number(readU64(cursor));
  const { view, at } = cursor;
  if (at + length > view.byteLength) throw new RangeError('the string goes beyond the bytes');
  cursor.at += length;
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}
