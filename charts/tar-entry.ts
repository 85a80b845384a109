/** Bytes of a tar header and of the blocks that follow it. Source: POSIX.1-2008, pax, ustar interchange format. */
const BLOCK_BYTES = 512;
const NAME = { offset: 0, length: 100 } as const;
const SIZE = { offset: 124, length: 12 } as const;
const PREFIX = { offset: 345, length: 155 } as const;

/** The content of one file of an uncompressed ustar archive, as npm makes it; undefined when it is not there or cut off. */
export function readTarEntry(archive: Uint8Array, wanted: string): Uint8Array | undefined {
  for (let offset = 0; offset + BLOCK_BYTES <= archive.length; ) {
    const header = archive.subarray(offset, offset + BLOCK_BYTES);
    const prefix = field(header, PREFIX);
    const name = prefix === '' ? field(header, NAME) : `${prefix}/${field(header, NAME)}`;
    const size = Number.parseInt(field(header, SIZE).trim() || '0', 8);
    const start = offset + BLOCK_BYTES;
    if (!Number.isFinite(size)) return undefined;
    if (name === wanted) return start + size <= archive.length ? archive.subarray(start, start + size) : undefined;
    offset = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return undefined;
}

function field(header: Uint8Array, { offset, length }: { readonly offset: number; readonly length: number }): string {
  const bytes = header.subarray(offset, offset + length);
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8');
}
