import { open, stat } from 'node:fs/promises';
import { KitError } from '../core/error';
import { type ByteSource, truncated } from '../planning/estimate/weight-files/byte-source';

/** A file on this machine. @throws KitError E_FILE_MISSING */
export async function localSource(path: string): Promise<ByteSource> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new KitError({ code: 'E_FILE_MISSING', message: `there is no file "${path}".`, next: 'correct --weights.' }, { cause });
  });
  if (!info.isFile()) throw new KitError({ code: 'E_FILE_UNREADABLE', message: `"${path}" is no file.`, next: 'correct --weights.' });
  return {
    name: path,
    size: info.size,
    read: async (offset, length) => {
      const file = await open(path, 'r');
      try {
        const buffer = new Uint8Array(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        if (bytesRead !== length) throw truncated(path, offset, length, bytesRead);
        return buffer;
      } finally {
        await file.close();
      }
    },
  };
}
