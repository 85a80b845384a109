import { findEngine, findModel } from '../../catalog/find';
import type { Catalog } from '../../catalog/schema';
import type { Release } from '../../release/schema';
import type { EvidenceLock } from '../lock-schema';
import { toolSubjects } from '../subjects/tools';
import type { ImagePlace } from './oci';

/** A repository with all subjects of the release that lie in it, and the revision that the release or the engine pins. */
export interface ReadingTask {
  readonly kind: 'hub' | 'github' | 'image' | 'kept';
  readonly ids: readonly string[];
  readonly revision: string | null;
  readonly image: ImagePlace | null;
}

/** Everything the lock of a release has to speak of, grouped by the repository that one reading covers, in a fixed order. */
export function readingTasks(release: Release, catalog: Catalog, old: EvidenceLock | null): readonly ReadingTask[] {
  const { model } = findModel(catalog, release.model.id);
  const engine = findEngine(catalog, release.engine.name);
  const { image } = release.engine;
  const pinned = 'digest' in image ? [`oci:${image.digest}`] : [];
  const named = [...model.artifacts, ...engine.artifacts, ...toolSubjects('')].map(({ id }) => id);
  const ids = new Set([...named, ...pinned, ...(old?.subjects ?? []).map(({ id }) => id)].filter((id) => !id.startsWith('kit:')));
  const groups = new Map<string, string[]>();
  for (const id of [...ids].sort()) {
    const whole = id.split('#')[0] ?? id;
    groups.set(whole, [...(groups.get(whole) ?? []), id]);
  }
  const weights = new Set(model.artifacts.filter((artifact) => artifact.kind === 'weights').map(({ id }) => id));
  return [...groups].map(([whole, members]) => {
    const revision = weights.has(whole) && /^[0-9a-f]{40}$/.test(release.model.revision) ? release.model.revision : null;
    const place = whole.startsWith('oci:') ? placeOf(whole, image, engine.version) : null;
    return { kind: kindOf(whole, place), ids: members, revision, image: place };
  });
}

function kindOf(id: string, place: ImagePlace | null): ReadingTask['kind'] {
  if (/^hf:(?:model|dataset)\//.test(id)) return 'hub';
  if (id.startsWith('git:github.com/')) return 'github';
  return place ? 'image' : 'kept';
}

/** Images whose tag follows the version of the engine. An image that nothing pins is not read: any tag would be a guess. */
const TAG_OF: Readonly<Record<string, (version: string) => string>> = { 'docker.io/vllm/vllm-openai': (version) => `v${version}` };

function placeOf(id: string, image: Release['engine']['image'], version: string): ImagePlace | null {
  const rest = id.slice('oci:'.length);
  if ('digest' in image && rest === image.digest) return image.repository === undefined ? null : split(image.repository, image.digest);
  const [repository = '', digest] = rest.split('@');
  if (digest !== undefined) return split(repository, digest);
  const tag = Object.hasOwn(TAG_OF, repository) ? TAG_OF[repository]?.(version) : undefined;
  return tag === undefined ? null : split(repository, tag);
}

function split(repository: string, reference: string): ImagePlace {
  const slash = repository.indexOf('/');
  return { registry: repository.slice(0, slash), name: repository.slice(slash + 1), reference };
}
