import { KitError } from '../../core/error';

/** The KitError that a piece of work throws; anything else it throws comes through, and throwing nothing is an error. */
export function errorOf(work: () => unknown): KitError {
  try {
    work();
  } catch (error) {
    if (error instanceof KitError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
