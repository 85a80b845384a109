import { KitError } from '../../../core/error';

/** A file of which single ranges can be read. */
export interface ByteSource {
  readonly name: string;
  /** Length of the file in bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`. @throws KitError E_WEIGHTS_TRUNCATED when there are fewer */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function truncated(name: string, offset: number, wanted: number, got: number): KitError {
  return new KitError({
    code: 'E_WEIGHTS_TRUNCATED',
    message: `${name} gave ${got} of ${wanted} bytes from byte ${offset}.`,
    next: 'fetch the file again, or name a whole one.',
  });
}
