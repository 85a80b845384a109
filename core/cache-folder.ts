import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * Folder of one kind of thing that the kit fetches or builds: `OVKIT_CACHE_DIR/KIND`, else `onevision-kit/KIND` in the user's cache folder
 * (XDG Base Directory Specification: `XDG_CACHE_HOME` when absolute, else `~/.cache`). Nothing is made by asking.
 */
export function cacheFolder(kind: string, env: Readonly<Record<string, string | undefined>>): string {
  if (env.OVKIT_CACHE_DIR) return join(resolve(env.OVKIT_CACHE_DIR), kind);
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.cache');
  return join(base, 'onevision-kit', kind);
}
