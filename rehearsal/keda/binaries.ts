import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../core/cache-folder';
import { sha256Hex } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { cachedArtifact } from '../../runtime/engine/cached-artifact';
import { BUILD_ENV, countPackages, type GoBuildOptions, lastWords, runGo } from '../go-program';

/** The release of KEDA that the kit installs on AWS (stacks/workloads/addons/keda.ts), as the Go module proxy gives it; its sum stands in `charts/custom-resources/provenance.json` as well. */
export const KEDA = {
  module: 'github.com/kedacore/keda/v2',
  version: 'v2.20.2',
  sum: 'h1:SR60v8uIcelbveS8n/1jcl8tLdBBIbHMxmdOHw8tKqA=',
} as const;
/** What a cold build takes: 870 CPU-seconds for both (measured 2026-11-23). */
const BUILD_TIME = 'about 8 minutes on two free cores, once';
const LINKER_FLAGS = '-s -w';
/** Packages that a cold build compiles, `go list -deps`; for the fraction only. */
const PACKAGES = 3_700;
const PROGRAMS = ['operator', 'adapter'] as const;

/** KEDA on this machine. */
export interface KedaBinaries {
  readonly operator: string;
  readonly adapter: string;
  /** Its CustomResourceDefinitions and its cluster role, as YAML texts. */
  readonly definitions: readonly string[];
}

/**
 * KEDA's operator and metrics adapter, built from the published Go module with its own go.mod and go.sum when the cache does not hold them.
 * @returns undefined without Go
 * @throws KitError E_KEDA_BUILD, E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export async function findKeda(options: GoBuildOptions = {}): Promise<KedaBinaries | undefined> {
  const env = options.env ?? process.env;
  const go = await runGo(['env', 'GOVERSION', 'GOOS', 'GOARCH'], tmpdir(), options).catch(() => undefined);
  if (go === undefined || go.exitCode !== 0) return undefined;
  const key = sha256Hex(JSON.stringify([go.stdout, KEDA, LINKER_FLAGS, BUILD_ENV])).slice(0, 12);
  const folder = join(cacheFolder('engines', env), `keda-${KEDA.version}-${key}`);
  await cachedArtifact({ what: 'KEDA', folder, fileName: PROGRAMS[0], make: (target) => build(target, options) }, options);
  const texts = readdirSync(join(folder, 'config')).map((file) => readFileSync(join(folder, 'config', file), 'utf8'));
  return { operator: join(folder, 'operator'), adapter: join(folder, 'adapter'), definitions: texts };
}

async function build(folder: string, options: GoBuildOptions): Promise<void> {
  const what = `building KEDA ${KEDA.version} (${BUILD_TIME})`;
  options.onProgress?.({ what });
  const source = await fetchSource(options);
  const programs = PROGRAMS.map((name) => `./cmd/${name}`);
  const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', LINKER_FLAGS, '-o', `${folder}/`, ...programs];
  const result = await runGo(args, source, options, countPackages(what, PACKAGES, options));
  if (result.exitCode !== 0) throw failed(result.stderr);
  mkdirSync(join(folder, 'config'));
  const definitions = join(source, 'config', 'crd', 'bases');
  for (const file of readdirSync(definitions)) copyFileSync(join(definitions, file), join(folder, 'config', file));
}

/** Folder of the module's source; the Go tool checks it against the sum data base, and we against the sum that we pin. */
async function fetchSource(options: GoBuildOptions): Promise<string> {
  const result = await runGo(['mod', 'download', '-json', `${KEDA.module}@${KEDA.version}`], tmpdir(), options);
  if (result.exitCode !== 0) throw failed(result.stderr || result.stdout);
  const { Dir, Sum } = JSON.parse(result.stdout) as { Dir: string; Sum: string };
  if (Sum !== KEDA.sum) throw failed(`the module has the sum ${Sum}, not ${KEDA.sum}`);
  return Dir;
}

function failed(words: string): KitError {
  return new KitError({
    code: 'E_KEDA_BUILD',
    message: `KEDA does not build: ${lastWords(words)}`,
    next: 'see that the Go module proxy can be reached, and try again; what is built already is kept by Go.',
  });
}
