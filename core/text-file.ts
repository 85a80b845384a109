import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KitError } from './error';

const MAX_TEXT_BYTES = 64 * 2 ** 20;

const READ_REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ELOOP: 'a loop of symbolic links',
  ERR_INVALID_ARG_VALUE: 'its name holds a NUL character',
};

/**
 * Reads a UTF-8 text file that the user or the release names.
 * @param what  what the file is, for the message ("release file")
 * @param next  the next command when it is missing
 * @throws KitError E_FILE_MISSING, E_FILE_UNREADABLE
 */
export function readTextFile(file: string, what: string, next: string): string {
  return readBinaryFile(file, what, next)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

/** The bytes of such a file. */
export function readBinaryFile(file: string, what: string, next: string): Buffer {
  try {
    const found = statSync(file);
    // A device such as /dev/zero never ends; a pipe (`--release <(command)`) does.
    if (!found.isFile() && !found.isFIFO())
      throw Object.assign(new Error(), { code: found.isDirectory() ? 'EISDIR' : 'not a regular file' });
    if (found.size > MAX_TEXT_BYTES) {
      throw new KitError({
        code: 'E_FILE_UNREADABLE',
        message: `${what} is larger than ${MAX_TEXT_BYTES} bytes.`,
        location: { file },
        next,
      });
    }
    return readFileSync(file);
  } catch (error) {
    if (error instanceof KitError) throw error;
    const reason = (error as NodeJS.ErrnoException).code;
    const missing = reason === 'ENOENT' || reason === 'ENOTDIR';
    throw new KitError(
      {
        code: missing ? 'E_FILE_MISSING' : 'E_FILE_UNREADABLE',
        message: missing ? `${what} does not exist.` : `${what} cannot be read (${READ_REASONS[reason ?? ''] ?? reason ?? String(error)}).`,
        location: { file },
        next,
      },
      { cause: error },
    );
  }
}

/**
 * Writes a file whole or not at all: a neighbour is written first and then renamed over it.
 * @throws KitError E_OUT_UNWRITABLE
 */
export function writeFileAtomically(file: string, content: string | Uint8Array): void {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    makeFolder(dirname(file));
    writeFileSync(partial, content);
    renameSync(partial, file);
  } catch (error) {
    removeIfThere(partial);
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new KitError(
      {
        code: 'E_OUT_UNWRITABLE',
        message: `cannot write the file (${reason}).`,
        location: { file },
        next: 'name a folder you may write to with --out DIR.',
      },
      { cause: error },
    );
  }
}

/**
 * Makes a folder and those above it, one by one. Node's recursive mkdir never returns where a file system answers ENOENT although
 * the parent is there, as /proc does (seen with Node 20.20).
 * @throws the error of mkdir
 */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // another process may have made it meanwhile
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
}

/** Where the neighbour could not even be made, removing it fails in turn; the first reason is the one to report. */
function removeIfThere(partial: string): void {
  try {
    rmSync(partial, { force: true });
  } catch {
    return;
  }
}
