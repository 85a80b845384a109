import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../core/cache-folder';
import { type ProcessResult, type RunProcess, runProcess } from '../core/run-process';
import { cachedArtifact } from '../runtime/engine/cached-artifact';
import type { OnProgress } from '../runtime/engine/progress';

/** A program that is built from published Go modules, pinned by a go.mod and a go.sum of the kit. */
export interface GoProgram {
  /** Name of the file, and the beginning of its folder's name in the cache. */
  readonly name: string;
  /** What it is, for messages, e.g. "the control plane". */
  readonly what: string;
  /** What is built, with its version, e.g. "Kubernetes v1.36.3". */
  readonly title: string;
  readonly version: string;
  /** Folder of go.mod and go.sum. */
  readonly folder: string;
  /** Files in it that the program is made from; a change of any builds anew. */
  readonly sources: readonly string[];
  /** What `go build` is given. */
  readonly package: string;
  readonly linkerFlags: string;
  /** What a cold build takes, in words. */
  readonly buildTime: string;
  /** Packages that a cold build compiles, `go list -deps PACKAGE | wc -l`; for the fraction only. */
  readonly packages: number;
  /** The error of a build that failed, from the last words of Go. */
  readonly failed: (words: string) => Error;
}

export interface GoBuildOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  readonly run?: RunProcess;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Path of the program when the cache holds it already; undefined when it would have to be built, or without Go. */
export async function findGoProgram(program: GoProgram, options: GoBuildOptions = {}): Promise<string | undefined> {
  const version = await goVersion(program, options);
  if (version === undefined) return undefined;
  const file = join(folderOf(program, version, options), program.name);
  return existsSync(file) ? file : undefined;
}

/**
 * Path of the program, built when the cache does not hold it; undefined without Go. The cache's folder is named by the hash of the sources, the
 * build's flags and the Go version, so that a change of any of them builds anew.
 * @throws what `failed` makes, KitError E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export async function ensureGoProgram(program: GoProgram, options: GoBuildOptions = {}): Promise<string | undefined> {
  const version = await goVersion(program, options);
  if (version === undefined) return undefined;
  const folder = folderOf(program, version, options);
  return cachedArtifact({ what: program.what, folder, fileName: program.name, make: (target) => build(program, target, options) }, options);
}

/** What every build of the kit sets: no C, no other Go than the one that is there, no settings of the user. */
export const BUILD_ENV = { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' } as const;
/** A busy machine takes many times the minutes of a free one. */
const BUILD_TIMEOUT_MS = 10_800_000;
const LAST_LINES = 4;

/** Runs `go` with the settings of every build of the kit. */
export function runGo(
  args: readonly string[],
  cwd: string,
  { run = runProcess, env = process.env, signal }: GoBuildOptions,
  onOutput?: (piece: string) => void,
): Promise<ProcessResult> {
  return run('go', args, { cwd, env: { ...env, ...BUILD_ENV }, signal, timeoutMs: BUILD_TIMEOUT_MS, onOutput });
}

/** Version, system and architecture of the Go that is there, e.g. "go1.26.8-linux-amd64"; undefined without Go. */
async function goVersion({ folder }: GoProgram, options: GoBuildOptions): Promise<string | undefined> {
  try {
    const result = await runGo(['env', 'GOVERSION', 'GOOS', 'GOARCH'], folder, options);
    return result.exitCode === 0 ? result.stdout.trim().split(/\s+/).join('-') : undefined;
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}

function folderOf(program: GoProgram, goVersion: string, { env = process.env }: GoBuildOptions): string {
  const hash = createHash('sha256').update(JSON.stringify([goVersion, program.linkerFlags, BUILD_ENV]));
  for (const source of program.sources) hash.update(readFileSync(join(program.folder, source)));
  return join(cacheFolder('engines', env), `${program.name}-${program.version}-${hash.digest('hex').slice(0, 12)}`);
}

async function build(program: GoProgram, target: string, options: GoBuildOptions): Promise<void> {
  const what = `building ${program.title} (${program.buildTime})`;
  options.onProgress?.({ what });
  const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', program.linkerFlags];
  const result = await runGo(
    [...args, '-o', join(target, program.name), program.package],
    program.folder,
    options,
    countPackages(what, program.packages, options),
  );
  if (result.exitCode !== 0) throw program.failed(lastWords(result.stderr));
}

/** Progress of `go build -v`, which writes one line for each package. */
export function countPackages(what: string, packages: number, { onProgress }: GoBuildOptions): (piece: string) => void {
  let built = 0;
  return (piece) => {
    built += piece.split('\n').length - 1;
    onProgress?.({ what, fraction: Math.min(0.99, built / packages) });
  };
}

/** The last lines of what Go said, on one. */
export function lastWords(output: string): string {
  return output.trim().split('\n').slice(-LAST_LINES).join(' | ');
}
