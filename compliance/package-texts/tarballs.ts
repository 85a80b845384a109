import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunProcess } from '../../core/run-process';
import { hashesOf } from '../subjects/integrity';

/** A place that holds packed packages by the hash of their bytes, and can fetch those that it lacks. */
export interface TarballStore {
  /** Path of the archive with this integrity; undefined when the store has none whose bytes have the hash. */
  find(integrity: string): Promise<string | undefined>;
  /** Tries to get packages `name@version`; what it does not get is then not found. */
  fetch(specs: readonly string[]): Promise<void>;
}

/** Packages per call of npm: a command line has an end. */
const AT_ONCE = 40;
const TIMEOUT_MS = 600_000;

/** The cache of npm, which names its files by their hash; `npm cache add` fills it through the registry that is configured. */
export async function npmCache(run: RunProcess, cwd: string, signal?: AbortSignal): Promise<TarballStore> {
  const { stdout } = await run('npm', ['config', 'get', 'cache'], { cwd, signal });
  const content = join(stdout.trim(), '_cacache', 'content-v2');
  return {
    find: async (integrity) => {
      for (const { algorithm, digest } of hashesOf(integrity)) {
        const hex = Buffer.from(digest, 'base64').toString('hex');
        const file = join(content, algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
        if (existsSync(file) && (await hashOfFile(algorithm, file)) === hex) return file;
      }
      return undefined;
    },
    fetch: async (specs) => {
      for (let at = 0; at < specs.length; at += AT_ONCE)
        await run('npm', ['cache', 'add', ...specs.slice(at, at + AT_ONCE)], { cwd, signal, timeoutMs: TIMEOUT_MS });
    },
  };
}

async function hashOfFile(algorithm: string, file: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
