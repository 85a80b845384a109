import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KitError } from '../../core/error';
import { shorten } from '../../core/printable';
import type { OnProgress } from '../engine/progress';
import type { ToolEdges } from '../engine/run-tool';
import type { ContainerEngine } from './container-engine';

export interface ImageJob {
  readonly engine: ContainerEngine;
  /** Folder of the recipe: the build context. */
  readonly folder: string;
  /** Containerfile or Dockerfile, as a path. */
  readonly containerfile: string;
  /** Repository and tag, as `host/name:tag`; a local name when nothing is pushed. */
  readonly reference: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `NAME=VALUE` for ARG lines of the recipe. */
  readonly buildArgs: readonly string[];
}

/** An engine image has gigabytes, and its layers come from far. */
const BUILD_TIMEOUT_MS = 3 * 3_600_000;
const MAX_SHOWN_CHARACTERS = 600;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Builds the image. @returns its id; @throws KitError E_IMAGE_BUILD; the signal's reason on abort */
export async function buildImage(job: ImageJob, edges: ToolEdges, onProgress?: OnProgress): Promise<string> {
  return withScratch(async (scratch) => {
    const idFile = join(scratch, 'image-id');
    const args = [
      'build',
      // OCI manifests have the same digest everywhere; podman and buildah can also write Docker's format
      ...(job.engine === 'docker' ? [] : ['--format', 'oci']),
      ...['--file', job.containerfile, '--tag', job.reference, '--iidfile', idFile],
      ...Object.entries(job.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      ...job.buildArgs.flatMap((each) => ['--build-arg', each]),
      job.folder,
    ];
    onProgress?.({ what: `building ${job.reference} with ${job.engine}` });
    await call(job.engine, args, 'E_IMAGE_BUILD', 'mend what it names and build again.', edges);
    return readLine(idFile, 'E_IMAGE_BUILD', `${job.engine} wrote no image id`);
  });
}

/** Pushes the image that was built. @returns its digest at the registry; @throws KitError E_IMAGE_PUSH, E_IMAGE_DIGEST */
export async function pushImage(job: ImageJob, edges: ToolEdges, onProgress?: OnProgress): Promise<string> {
  return withScratch(async (scratch) => {
    const file = join(scratch, 'digest');
    const next = 'log in to the registry and run the command again; layers that arrived are reused.';
    onProgress?.({ what: `pushing ${job.reference}` });
    if (job.engine !== 'docker') {
      const target = job.engine === 'buildah' ? [job.reference, `docker://${job.reference}`] : [job.reference];
      await call(job.engine, ['push', '--digestfile', file, ...target], 'E_IMAGE_PUSH', next, edges);
      return digestOrThrow(readLine(file, 'E_IMAGE_DIGEST', `${job.engine} wrote no digest`));
    }
    await call('docker', ['push', job.reference], 'E_IMAGE_PUSH', next, edges);
    const inspect = ['image', 'inspect', '--format', '{{json .RepoDigests}}', job.reference];
    return digestOrThrow(repositoryDigest(await call('docker', inspect, 'E_IMAGE_DIGEST', next, edges), job.reference));
  });
}

/** `RepoDigests` lists every repository the image was ever pushed to. */
function repositoryDigest(output: string, reference: string): string {
  const repository = reference.slice(0, reference.lastIndexOf(':'));
  let list: unknown;
  try {
    list = JSON.parse(output);
  } catch {
    return output.trim();
  }
  const found = Array.isArray(list) ? list.find((each) => typeof each === 'string' && each.startsWith(`${repository}@`)) : undefined;
  return typeof found === 'string' ? found.slice(repository.length + 1) : output.trim();
}

function digestOrThrow(found: string): string {
  if (DIGEST.test(found)) return found;
  throw new KitError({
    code: 'E_IMAGE_DIGEST',
    message: `the pushed image has the digest "${shorten(found, MAX_SHOWN_CHARACTERS)}".`,
    allowed: 'sha256: and 64 lower-case hex digits.',
    next: 'look the digest up at the registry.',
  });
}

async function call(
  command: string,
  args: readonly string[],
  code: string,
  next: string,
  { run, env, signal }: ToolEdges,
): Promise<string> {
  let why: string;
  let cause: unknown;
  try {
    const result = await run(command, args, { env, signal, timeoutMs: BUILD_TIMEOUT_MS });
    if (result.exitCode === 0) return result.stdout;
    why = `exit code ${result.exitCode}: ${lastLines(result.stderr.trim() || result.output)}`;
  } catch (error) {
    signal?.throwIfAborted();
    why = error instanceof Error ? error.message : String(error);
    cause = error;
  }
  throw new KitError({ code, message: `${command} ${args[0]} failed: ${why}`, next }, { cause });
}

function lastLines(text: string): string {
  return shorten(text.trim().split('\n').slice(-4).join(' | '), MAX_SHOWN_CHARACTERS);
}

function readLine(file: string, code: string, message: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new KitError(
      { code, message: `${message}.`, next: 'update the container engine, or use another one with --engine-tool.' },
      { cause },
    );
  }
}

async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-image-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
