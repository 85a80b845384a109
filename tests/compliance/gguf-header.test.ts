import { describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../compliance/gguf-header';

const u32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer);
const u64 = (value: number) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const entry = (key: string, type: number, value: Buffer) => Buffer.concat([text(key), u32(type), value]);
const file = (...entries: Buffer[]) => Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(entries.length), ...entries]);

const LICENCE = entry('general.license', 8, text('apache-2.0'));

describe('the header of a GGUF file', () => {
  it('is read past values of every size and past arrays', () => {
    const tags = entry('general.tags', 9, Buffer.concat([u32(8), u64(2), text('a'), text('bc')]));
    const header = readGgufHeader(file(entry('x', 4, u32(7)), entry('b', 7, Buffer.from([1])), entry('n', 10, u64(9)), tags, LICENCE));
    expect(header.get('general.license')).toBe('apache-2.0');
    expect([header.get('x'), header.get('b'), header.get('n')]).toEqual([7, true, 9n]);
  });

  it('keeps what came before the bytes end', () => {
    const bytes = file(LICENCE, entry('late', 8, text('x'.repeat(100))));
    expect([...readGgufHeader(bytes.subarray(0, bytes.length - 50)).keys()]).toEqual(['general.license']);
  });

  it('lets no length of the file lead beyond its bytes', () => {
    const huge = Buffer.concat([u64(2 ** 52), Buffer.from('x')]);
    expect(readGgufHeader(file(LICENCE, entry('evil', 8, huge))).size).toBe(1);
  });

  it('refuses what is not GGUF', () => {
    expect(() => readGgufHeader(Buffer.alloc(64))).toThrow(RangeError);
    expect(() => readGgufHeader(Buffer.from('GGUF'))).toThrow(RangeError);
  });
});
