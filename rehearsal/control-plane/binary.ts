import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../core/cache-folder';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { type RunProcess, runProcess } from '../../core/run-process';
import { cachedArtifact } from '../../runtime/engine/cached-artifact';
import type { OnProgress } from '../../runtime/engine/progress';

/** Version of Kubernetes that the binary says it is; go.mod pins the modules. */
export const KUBERNETES_VERSION = 'v1.36.3';
/** What a cold build takes: 750 CPU-seconds, 6 to 7 minutes on two free cores (measured 2026-11-23). */
export const BUILD_TIME = 'about 7 minutes on two free cores, once';

export interface BinaryOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  readonly run?: RunProcess;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Path of the control plane's binary when the cache holds it already; undefined when it would have to be built, or without Go.
 */
export async function findControlPlane(options: BinaryOptions = {}): Promise<string | undefined> {
  const env = options.env ?? process.env;
  const version = await goVersion(options);
  if (version === undefined) return undefined;
  const file = join(folderOf(version, env), FILE);
  return existsSync(file) ? file : undefined;
}

/**
 * Path of the control plane's binary, built from the published Go modules when the cache does not hold it. The cache's folder is named by the
 * hash of go.mod, go.sum, main.go, the build's flags and the Go version, so that a change of any of them builds anew.
 * @throws KitError E_CONTROL_PLANE_TOOL without Go, E_CONTROL_PLANE_BUILD, E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export async function ensureControlPlane(options: BinaryOptions = {}): Promise<string> {
  const version = await goVersion(options);
  if (version === undefined) {
    throw new KitError({
      code: 'E_CONTROL_PLANE_TOOL',
      message: 'go is not on the PATH, so the control plane cannot be built.',
      allowed: 'Go 1.26 or later.',
      next: 'install Go (https://go.dev/doc/install), or name a cluster of your own with --context NAME.',
    });
  }
  const folder = folderOf(version, options.env ?? process.env);
  return cachedArtifact({ what: 'the control plane', folder, fileName: FILE, make: (target) => build(target, options) }, options);
}

const FILE = 'control-plane';
const SOURCES = ['go.mod', 'go.sum', 'main.go'] as const;
/** A busy machine takes many times the minutes of a free one. */
const BUILD_TIMEOUT_MS = 5_400_000;
/** Packages that a cold build compiles, `go list -deps . | wc -l`; for the fraction only. */
const PACKAGES = 2_300;
const VERSION_PACKAGES = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
const LINKER_FLAGS = ['-s', '-w', ...VERSION_PACKAGES.flatMap(versionFlags)].join(' ');
const BUILD_ENV = { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' } as const;

function sourceFolder(): string {
  return fromRoot('rehearsal', 'control-plane');
}

function folderOf(goVersion: string, env: Readonly<Record<string, string | undefined>>): string {
  const hash = createHash('sha256').update(JSON.stringify([goVersion, LINKER_FLAGS, BUILD_ENV]));
  for (const source of SOURCES) hash.update(readFileSync(join(sourceFolder(), source)));
  return join(cacheFolder('engines', env), `control-plane-${KUBERNETES_VERSION}-${hash.digest('hex').slice(0, 12)}`);
}

async function goVersion({ run = runProcess, env = process.env, signal }: BinaryOptions): Promise<string | undefined> {
  try {
    const result = await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { env: { ...env, ...BUILD_ENV }, signal, cwd: sourceFolder() });
    return result.exitCode === 0 ? result.stdout.trim().split(/\s+/).join('-') : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

async function build(folder: string, { run = runProcess, env = process.env, signal, onProgress }: BinaryOptions): Promise<void> {
  const what = `building Kubernetes ${KUBERNETES_VERSION} (${BUILD_TIME})`;
  onProgress?.({ what });
  let packages = 0;
  const result = await run('go', ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', LINKER_FLAGS, '-o', join(folder, FILE), '.'], {
    cwd: sourceFolder(),
    env: { ...env, ...BUILD_ENV },
    signal,
    timeoutMs: BUILD_TIMEOUT_MS,
    onOutput: (piece) => {
      packages += piece.split('\n').length - 1;
      onProgress?.({ what, fraction: Math.min(0.99, packages / PACKAGES) });
    },
  });
  if (result.exitCode === 0) return;
  const words = result.stderr.trim().split('\n').slice(-4).join(' | ');
  throw new KitError({
    code: 'E_CONTROL_PLANE_BUILD',
    message: `the control plane does not build: ${words}`,
    next: 'see that the Go module proxy can be reached, and try again; what is built already is kept by Go.',
  });
}

function versionFlags(name: string): string[] {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(KUBERNETES_VERSION) ?? [];
  const values = { gitVersion: KUBERNETES_VERSION, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${value}`);
}
