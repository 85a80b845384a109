import { open, stat } from 'node:fs/promises';
import { KitError } from '../../../core/error';

/** A file of which single ranges can be read. */
export interface ByteSource {
  readonly name: string;
  /** Length of the file in bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`. @throws KitError E_WEIGHTS_TRUNCATED when there are fewer */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file on this machine. @throws KitError E_FILE_MISSING */
export async function localSource(path: string): Promise<ByteSource> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new KitError(
      { code: 'E_FILE_MISSING', message: `there is no file "${path}".`, next: 'correct --weights.' },
      { cause },
    );
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

export function truncated(name: string, offset: number, wanted: number, got: number): KitError {
  return new KitError({
    code: 'E_WEIGHTS_TRUNCATED',
    message: `${name} gave ${got} of ${wanted} bytes from byte ${offset}.`,
    next: 'fetch the file again, or name a whole one.',
  });
}
