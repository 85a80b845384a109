import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../core/cache-folder';
import { KitError } from '../../core/error';
import { runProcess } from '../../core/run-process';
import { cachedArtifact } from './cached-artifact';
import type { OnProgress } from './progress';
import { runTool, type ToolEdges } from './run-tool';

/** Programs that the rehearsal and the tests start beside the engine. The first command is the one whose hash seals the cache. */
const PACKAGES = {
  prometheus: { package: 'prometheus', commands: { prometheus: 'usr/bin/prometheus', promtool: 'usr/bin/promtool' }, version: '--version' },
  nginx: { package: 'nginx', commands: { nginx: 'usr/sbin/nginx' }, version: '-v' },
} as const;

export type DebianProgramName = keyof typeof PACKAGES;

/** A program that answered when it was asked for its version. */
export interface DebianProgram {
  readonly found: true;
  /** What to start, by name: `prometheus` and `promtool`, or `nginx`. */
  readonly commands: Readonly<Record<string, string>>;
  /** Environment that it needs on top of the caller's: the folder of libraries that this machine lacks. */
  readonly env: Readonly<Record<string, string>>;
  /** First line that it says of its version. */
  readonly version: string;
  readonly from: 'PATH' | 'Debian package';
}

/** Why there is none; one line that a test title can carry after `NOT RUN:`. */
export interface NoDebianProgram {
  readonly found: false;
  readonly why: string;
}

export interface DebianProgramOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Runs programs. Default: real ones. */
  readonly run?: ToolEdges['run'];
  /** Environment, for OVKIT_CACHE_DIR and PATH. Default: that of this process. */
  readonly env?: ToolEdges['env'];
}

/**
 * Finds a program on the PATH, else takes it out of Debian's package into the cache: fetched by apt-get, which checks Debian's signatures,
 * unpacked with dpkg-deb, nothing installed, no root needed. Libraries that this machine lacks are taken from the packages that it depends on.
 * A machine that is neither gets the reason instead of an error.
 * @throws KitError E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export async function findDebianProgram(
  name: DebianProgramName,
  options: DebianProgramOptions = {},
): Promise<DebianProgram | NoDebianProgram> {
  const edges: ToolEdges = { run: options.run ?? runProcess, env: options.env ?? process.env, signal: options.signal };
  const onPath = await asProgram(name, (command) => command, {}, 'PATH', edges);
  if (onPath) return onPath;
  try {
    const folder = await unpackedPackage(name, edges, options.onProgress);
    const { commands } = PACKAGES[name];
    const inPackage = (command: string) => join(folder, commands[command as keyof typeof commands]);
    const program = await asProgram(name, inPackage, libraryEnv(folder), 'Debian package', edges);
    return program ?? { found: false, why: `${name} of Debian's package does not start on this machine` };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof KitError) || error.code === 'E_CACHE_UNWRITABLE') throw error;
    return { found: false, why: `${name} is not on the PATH, and Debian's package cannot be had: ${error.problems[0]?.message}` };
  }
}

const UNPACKED = 'unpacked';
const FETCH_TIMEOUT_MS = 300_000;

/** Folder that holds the package's files as `usr/…`; fetched only when the cache does not hold it whole. */
async function unpackedPackage(name: DebianProgramName, edges: ToolEdges, onProgress?: OnProgress): Promise<string> {
  const { package: packageName, commands } = PACKAGES[name];
  const folder = join(cacheFolder('engines', edges.env), `debian-${suite()}-${process.arch}-${name}`);
  const main = Object.values(commands)[0] as string;
  await cachedArtifact(
    {
      what: `Debian's ${packageName}`,
      folder,
      fileName: join(UNPACKED, main),
      make: async (partial) => {
        onProgress?.({ what: `fetching Debian's package ${packageName}` });
        const root = join(partial, UNPACKED);
        mkdirSync(root);
        await unpack([packageName], partial, edges);
        if (!(await lacksLibraries(join(root, main), edges))) return;
        onProgress?.({ what: `fetching the libraries of ${packageName}` });
        await unpack(await librariesOf(packageName, partial, edges), partial, edges);
      },
    },
    { signal: edges.signal, onProgress },
  );
  return join(folder, UNPACKED);
}

/** Fetches packages and unpacks them over each other; falls back to package lists of its own where the machine has none. */
async function unpack(packages: readonly string[], partial: string, edges: ToolEdges): Promise<void> {
  const debs = join(partial, 'debs');
  mkdirSync(debs, { recursive: true });
  const download = (options: readonly string[]) =>
    runTool(
      {
        command: 'apt-get',
        args: [...options, 'download', ...packages],
        cwd: debs,
        what: `fetching ${packages.join(', ')}`,
        timeoutMs: FETCH_TIMEOUT_MS,
      },
      edges,
    );
  try {
    await download(QUIET);
  } catch (error) {
    edges.signal?.throwIfAborted();
    if (!(error instanceof KitError) || error.code !== 'E_TOOL_FAILED') throw error;
    const own = ownLists(partial);
    await runTool(
      { command: 'apt-get', args: [...own, 'update'], what: 'reading the package lists of Debian', timeoutMs: FETCH_TIMEOUT_MS },
      edges,
    );
    await download(own);
  }
  for (const deb of readdirSync(debs)) {
    await runTool({ command: 'dpkg-deb', args: ['-x', join(debs, deb), join(partial, UNPACKED)], what: `unpacking ${deb}` }, edges);
  }
  rmSync(debs, { recursive: true, force: true });
  rmSync(join(partial, 'apt'), { recursive: true, force: true });
}

const QUIET = ['-q=2', '-o', 'APT::Sandbox::User='];

/** Settings with which apt-get keeps its lists in a folder of ours, so that it needs no root. */
function ownLists(partial: string): string[] {
  const state = join(partial, 'apt', 'state');
  const cache = join(partial, 'apt', 'cache');
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true });
  const settings = [`Dir::State=${state}`, `Dir::Cache=${cache}`, 'Dir::State::status=/var/lib/dpkg/status'];
  return [...QUIET, ...settings.flatMap((setting) => ['-o', setting])];
}

/** Whether the loader misses a library; a static binary, which ldd refuses, misses none. */
async function lacksLibraries(binary: string, edges: ToolEdges): Promise<boolean> {
  try {
    return (await edges.run('ldd', [binary], { env: edges.env, signal: edges.signal })).output.includes('not found');
  } catch {
    edges.signal?.throwIfAborted();
    return false;
  }
}

/** Packages with shared libraries that a package depends on, but for the C library, which belongs to the machine's loader. */
async function librariesOf(packageName: string, partial: string, edges: ToolEdges): Promise<string[]> {
  const { stdout } = await runTool(
    { command: 'apt-cache', args: ['depends', packageName], cwd: partial, what: `reading what ${packageName} needs` },
    edges,
  );
  const names = [...stdout.matchAll(/^\s*Depends: (lib\S+|zlib\S+)$/gm)].flatMap(([, name]) => name ?? []);
  return [...new Set(names)].filter((name) => name !== 'libc6');
}

/** Debian's multiarch folders of the unpacked libraries, in front of what the caller has. */
function libraryEnv(root: string): Record<string, string> {
  const folders = ['lib', 'usr/lib'].flatMap((base) => subfolders(join(root, base)).filter((folder) => folder.endsWith('-linux-gnu')));
  return folders.length === 0 ? {} : { LD_LIBRARY_PATH: folders.join(':') };
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder).map((entry) => join(folder, entry));
  } catch {
    return [];
  }
}

/** The program when each of its commands says its version. */
async function asProgram(
  name: DebianProgramName,
  pathOf: (command: string) => string,
  env: Readonly<Record<string, string>>,
  from: DebianProgram['from'],
  edges: ToolEdges,
): Promise<DebianProgram | undefined> {
  const { commands, version } = PACKAGES[name];
  const found: Record<string, string> = {};
  let said = '';
  for (const command of Object.keys(commands)) {
    const path = pathOf(command);
    try {
      const result = await edges.run(path, [version], { env: { ...edges.env, ...env }, signal: edges.signal, cwd: tmpdir() });
      if (result.exitCode !== 0) return undefined;
      said ||= result.output.trim().split('\n')[0] ?? '';
    } catch {
      edges.signal?.throwIfAborted();
      return undefined;
    }
    found[command] = path;
  }
  return { found: true, commands: found, env, version: said, from };
}

/** The distribution's code name: packages of one release need not start on another. */
function suite(): string {
  try {
    return /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
