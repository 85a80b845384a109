import { cacheFolder } from '../core/cache-folder';

/** Folder for the tools of the charts that the kit fetches (Helm). */
export function toolCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  return cacheFolder('tools', env);
}
