import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KitError } from '../../core/error';
import { fromRoot, kitVersion } from '../../core/project-root';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { type LoadedRelease, loadRelease } from '../../release/load';
import type { OnProgress } from '../engine/progress';
import type { ToolEdges } from '../engine/run-tool';
import { buildImage, type ImageJob, pushImage } from './build-and-push';
import { type ContainerEngine, findContainerEngine } from './container-engine';
import { withImage } from './write-digest';

export interface ImageBuildRequest {
  readonly releaseFile: string;
  /** Push to the repository and write the digest into the release file. */
  readonly push: boolean;
  /** Registry and repository; null for that of the release. */
  readonly repository: string | null;
  /** docker, podman or buildah; null for the first that answers. */
  readonly engineTool: string | null;
  /** Recipe folder; null for that of the release. */
  readonly recipe: string | null;
  readonly buildArgs: readonly string[];
  readonly now: Date;
  readonly onProgress?: OnProgress;
}

export interface BuiltImage {
  readonly kind: 'image';
  readonly recipe: string;
  readonly engineTool: ContainerEngine;
  readonly reference: string;
  readonly imageId: string;
  /** null when nothing was pushed: an image that is only here has no digest at a registry. */
  readonly digest: string | null;
  readonly repository: string | null;
  /** The release file that the digest was written into. */
  readonly written: string | null;
}

/** As release/schema.ts has it for engine.image.repository. */
const REPOSITORY = /^[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._-]+)+$/;
const RECIPE_FILES = ['Containerfile', 'Dockerfile'] as const;
const LOCAL_HOST = 'localhost';

/**
 * Builds the image of a release from its recipe and, with `push`, brings it to the repository and writes its digest into the release file.
 * The file is touched last and in one rename: when anything before fails, it has the bytes it had.
 * @throws KitError E_IMAGE_*, E_RELEASE_EDIT, and what loading the release throws; the signal's reason on abort
 */
export async function buildReleaseImage(request: ImageBuildRequest, edges: ToolEdges): Promise<BuiltImage> {
  const loaded = loadRelease(request.releaseFile);
  const recipe = recipeOf(loaded, request.recipe);
  const containerfile = containerfileOf(recipe);
  const repository = request.push ? repositoryOf(loaded, request.repository) : null;
  const engine = await findContainerEngine(request.engineTool, edges);
  const folder = fromRoot(recipe);
  const job: ImageJob = {
    engine,
    folder,
    containerfile,
    reference: `${repository ?? `${LOCAL_HOST}/${loaded.release.metadata.name}`}:${tagOf(folder, request.now)}`,
    labels: {
      'org.opencontainers.image.created': request.now.toISOString(),
      'org.opencontainers.image.revision': await sourceRevision(edges),
      'org.opencontainers.image.version': kitVersion(),
    },
    buildArgs: [...(await sourceArgument(containerfile, edges)), ...request.buildArgs],
  };
  const imageId = await buildImage(job, edges, request.onProgress);
  const built = { kind: 'image', recipe, engineTool: engine, reference: job.reference, imageId } as const;
  if (repository === null) return { ...built, digest: null, repository: null, written: null };
  const digest = await pushImage(job, edges, request.onProgress);
  edges.signal?.throwIfAborted();
  // read again: building takes long, and the file may have been edited meanwhile
  const text = readTextFile(request.releaseFile, 'the release file', 'name it with --release FILE.');
  writeFileAtomically(request.releaseFile, withImage(text, { digest, repository }, loaded.file));
  return { ...built, digest, repository, written: loaded.file };
}

function recipeOf({ release, file, locate }: LoadedRelease, given: string | null): string {
  const { image } = release.engine;
  if (given !== null) return given;
  if ('recipe' in image) return image.recipe;
  throw new KitError({
    code: 'E_IMAGE_RELEASE',
    message: 'the release names no recipe: its image is built already, or is a binary on the host.',
    location: { ...locate(['engine', 'image']), file },
    allowed: 'engine.image with "state: unbuilt" and a recipe.',
    next: 'name the recipe with --recipe FOLDER to build it again.',
  });
}

function containerfileOf(recipe: string): string {
  const found = RECIPE_FILES.map((name) => fromRoot(recipe, name)).find((file) => existsSync(file));
  if (found) return found;
  throw new KitError({
    code: 'E_IMAGE_RECIPE',
    message: `${recipe} holds no recipe.`,
    allowed: `a folder of the repository with a ${RECIPE_FILES.join(' or a ')}.`,
    next: 'correct engine.image.recipe.',
  });
}

function repositoryOf({ release }: LoadedRelease, given: string | null): string {
  const { image } = release.engine;
  const repository = given ?? ('repository' in image ? image.repository : undefined);
  if (repository !== undefined && REPOSITORY.test(repository)) return repository;
  throw new KitError({
    code: 'E_IMAGE_REPOSITORY',
    message:
      repository === undefined
        ? 'pushing needs a repository, and neither the release nor --repository names one.'
        : `--repository is "${repository}".`,
    allowed: 'a registry and a repository, without tag or digest.',
    next: 'take the output of the bootstrap stack: `--repository HOST/NAME`.',
  });
}

/** Time and content: a registry with immutable tags never refuses a second build, and equal recipes are seen as such. */
function tagOf(folder: string, now: Date): string {
  const time = now
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')
    .toLowerCase();
  return `${time}-${recipeHash(folder)}`;
}

const SKIPPED = new Set(['.venv', 'node_modules', '__pycache__', '.git', 'golden', 'tests']);

function recipeHash(folder: string): string {
  const hash = createHash('sha256');
  const walk = (inner: string): void => {
    for (const name of readdirSync(join(folder, inner)).sort()) {
      const path = join(inner, name);
      const found = statSync(join(folder, path), { throwIfNoEntry: false });
      if (SKIPPED.has(name) || found === undefined) continue;
      if (found.isDirectory()) walk(path);
      else if (found.isFile()) hash.update(`${path}\0`).update(readFileSync(join(folder, path)));
    }
  };
  walk('');
  return hash.digest('hex').slice(0, 12);
}

/** For a recipe that asks where it comes from, the answer; a value given on the command line comes later and wins. */
async function sourceArgument(containerfile: string, edges: ToolEdges): Promise<readonly string[]> {
  return /^ARG SOURCE\b/m.test(readFileSync(containerfile, 'utf8')) ? [`SOURCE=${await sourceAddress(edges)}`] : [];
}

/** Where git says the kit comes from, without a login that stands in the address; "unknown" for a folder of this machine or outside of git. */
async function sourceAddress({ run, env, signal }: ToolEdges): Promise<string> {
  try {
    const { exitCode, stdout } = await run('git', ['remote', 'get-url', 'origin'], { cwd: fromRoot(), env, signal });
    const url = exitCode === 0 ? stdout.trim().replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, 'https://$1/') : '';
    return /^https?:\/\//.test(url) ? url.replace(/^(https?:\/\/)[^/]*@/, '$1') : 'unknown';
  } catch {
    signal?.throwIfAborted();
    return 'unknown';
  }
}

/** Commit of the kit that builds, with "-dirty" when files differ from it; "unknown" outside of git. */
async function sourceRevision({ run, env, signal }: ToolEdges): Promise<string> {
  try {
    const result = await run('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'], { cwd: fromRoot(), env, signal });
    return result.exitCode === 0 ? result.stdout.trim() : 'unknown';
  } catch {
    signal?.throwIfAborted();
    return 'unknown';
  }
}
