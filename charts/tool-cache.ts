import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * Folder for tools that the kit fetches: `OVKIT_CACHE_DIR/tools`, else `onevision-kit/tools` in the user's cache folder
 * (XDG Base Directory Specification: `XDG_CACHE_HOME` when absolute, else `~/.cache`).
 */
export function toolCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env.OVKIT_CACHE_DIR) return join(resolve(env.OVKIT_CACHE_DIR), 'tools');
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.cache');
  return join(base, 'onevision-kit', 'tools');
}
