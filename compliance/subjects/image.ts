import type { LoadedRelease } from '../../release/load';
import { type Subject, subject } from './subject';

/** The image that runs, in one of its three shapes: built and pinned, not built yet, or a binary that is on the nodes already. */
export function imageSubject(loaded: LoadedRelease, engineArtifacts: readonly string[]): Subject {
  const { image } = loaded.release.engine;
  const at = loaded.locate(['engine', 'image']);
  const common = { role: 'runtime', kind: 'image', location: { file: at.file, line: at.line ?? null, column: at.column ?? null } } as const;
  if ('digest' in image) {
    return subject({
      ...common,
      id: `oci:${image.digest}`,
      title: `container image ${image.digest.slice(0, 19)}…`,
      pinned: image.digest,
      integrity: image.digest,
    });
  }
  if (image.state === 'unbuilt') {
    return subject({
      ...common,
      id: `image:unbuilt/${image.recipe}`,
      title: `container image of ${image.recipe}, not built yet`,
      lockIds: [],
      obstacle: {
        rule: 'OVK-IMG-001',
        state: 'unavailable',
        message: `the image does not exist yet: recipe ${image.recipe} has not been built, so there is no digest to judge.`,
        closes: `build the recipe, push it, and write "digest: sha256:…" under engine.image.`,
      },
    });
  }
  const known = engineArtifacts.includes(image.source);
  return subject({
    ...common,
    id: `image:host/${image.binary}`.replaceAll(/\s/g, '%20'),
    title: `binary ${image.binary} on the nodes, built from ${image.source}`,
    lockIds: [],
    follows: known ? image.source : null,
    obstacle: known
      ? null
      : {
          rule: 'OVK-IMG-002',
          state: 'unknown',
          message: `the binary is said to be built from ${image.source}, which is not a source of this engine.`,
          closes: `name one of ${engineArtifacts.join(', ')} as engine.image.source.`,
        },
  });
}

/** The image of the proxy, where the release names one; it runs in the same pods. */
export function proxyImageSubjects(loaded: LoadedRelease): readonly Subject[] {
  const image = loaded.release.service?.proxyImage;
  if (image === undefined) return [];
  const at = loaded.locate(['service', 'proxyImage']);
  return [
    subject({
      id: `oci:${image.digest}`,
      title: `container image of the proxy ${image.digest.slice(0, 19)}…`,
      role: 'runtime',
      kind: 'image',
      pinned: image.digest,
      integrity: image.digest,
      location: { file: at.file, line: at.line ?? null, column: at.column ?? null },
    }),
  ];
}
