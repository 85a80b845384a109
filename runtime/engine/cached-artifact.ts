import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KitError } from '../../core/error';
import type { OnProgress } from './progress';

/** A file that is expensive to get, and how to tell that it is whole. */
export interface ArtifactRecipe {
  /** What it is, for messages. */
  readonly what: string;
  /** Folder of this very content: its name carries the hash of everything that the content depends on. */
  readonly folder: string;
  readonly fileName: string;
  /** SHA-256 that the file must have; without it the one that was written down when it was made. */
  readonly sha256?: string;
  /** Makes the file in an empty folder, under `fileName`. */
  readonly make: (folder: string) => Promise<void>;
}

const SEAL = 'sha256';
const WAIT_MS = 1_000;

/**
 * Path of the file, made only when the cache does not hold it whole. One process makes it; others wait for it; a lock of a process that is
 * gone is taken over. The finished folder appears in one rename, so that nobody ever sees half of it.
 * @throws KitError E_CACHE_UNWRITABLE, and whatever `make` throws; the signal's reason on abort
 */
export async function cachedArtifact(
  recipe: ArtifactRecipe,
  edges: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress },
): Promise<string> {
  const file = join(recipe.folder, recipe.fileName);
  const lock = `${recipe.folder}.lock`;
  for (;;) {
    edges.signal?.throwIfAborted();
    if (await isWhole(recipe)) return file;
    if (takeLock(lock)) break;
    edges.onProgress?.({ what: `waiting for another process that makes ${recipe.what}` });
    await sleep(WAIT_MS, undefined, { signal: edges.signal });
  }
  const partial = `${recipe.folder}.${randomUUID()}.partial`;
  try {
    if (await isWhole(recipe)) return file;
    mkdirSync(partial, { recursive: true });
    await recipe.make(partial);
    edges.signal?.throwIfAborted();
    writeFileSync(join(partial, SEAL), await sha256OfFile(join(partial, recipe.fileName)));
    await place(partial, recipe);
    return file;
  } finally {
    rmSync(partial, { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
}

/** Two processes that took over the same dead lock may both be here; the first one's result is as good. */
async function place(partial: string, recipe: ArtifactRecipe): Promise<void> {
  try {
    rmSync(recipe.folder, { recursive: true, force: true });
    renameSync(partial, recipe.folder);
  } catch (error) {
    if (!(await isWhole(recipe))) throw unwritable(dirname(recipe.folder), error);
  }
}

/** SHA-256 of a file of any size, as lower-case hex. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function isWhole(recipe: ArtifactRecipe): Promise<boolean> {
  try {
    const wanted = recipe.sha256 ?? readFileSync(join(recipe.folder, SEAL), 'utf8').trim();
    const file = join(recipe.folder, recipe.fileName);
    return statSync(file).size > 0 && (await sha256OfFile(file)) === wanted;
  } catch {
    return false;
  }
}

/** True when this process now holds the lock. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(dirname(lock), { recursive: true });
  } catch (error) {
    throw unwritable(dirname(lock), error);
  }
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(dirname(lock), error);
  }
  if (isAlive(holderOf(lock))) return false;
  rmSync(lock, { force: true });
  return false;
}

/** A lock that is just being written is empty for a moment; its holder counts as alive while the file is young. */
function holderOf(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid > 0) return pid;
    return Date.now() - statSync(lock).mtimeMs < WAIT_MS ? process.pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unwritable(folder: string, cause: unknown): KitError {
  return new KitError(
    {
      code: 'E_CACHE_UNWRITABLE',
      message: `the cache folder ${folder} cannot be written (${(cause as NodeJS.ErrnoException).code ?? String(cause)}).`,
      next: 'name a folder you may write to in OVKIT_CACHE_DIR.',
    },
    { cause },
  );
}
