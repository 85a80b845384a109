import type { Artifact, ArtifactKind, Engine, Model } from '../../catalog/schema';
import type { LoadedRelease } from '../../release/load';
import type { Policy } from '../policy';
import type { Role } from '../verdict';
import { type Obstacle, type Subject, subject } from './subject';

const ROLE_OF: Readonly<Record<ArtifactKind, Role>> = {
  weights: 'released-artifact',
  tokenizer: 'released-artifact',
  'remote-code': 'released-artifact',
  'base-model': 'upstream-artifact',
  'vision-tower': 'upstream-artifact',
  dataset: 'data',
  'data-source': 'data',
  'training-code': 'recipe-and-logs',
  'training-recipe': 'recipe-and-logs',
  configs: 'recipe-and-logs',
  'training-logs': 'recipe-and-logs',
  paper: 'recipe-and-logs',
  'engine-source': 'runtime',
  'base-image': 'runtime',
};

/** The lineage of a release, split by what its claim of openness needs. */
export interface Lineage {
  readonly subjects: readonly Subject[];
  /** Artifacts that the lineage names but the claim does not need. */
  readonly beyond: readonly Artifact[];
  /** Kinds that the claim needs and the lineage does not name. */
  readonly absent: readonly ArtifactKind[];
}

/**
 * What an evidence lock holds of models and data that no lineage names: the lock was gathered for a lineage that named it, so that it was left
 * out since. Tools, charts and images come and go with the settings of a release, and are not looked at.
 * @param lockIds  ids of all subjects of the lock
 */
export function strayIds(lockIds: readonly string[], model: Model, engine: Engine): readonly string[] {
  const named = new Set([...model.artifacts, ...engine.artifacts].flatMap(({ id, formerIds }) => [id, id.split('#')[0], ...formerIds]));
  return lockIds.filter((id) => /^(?:hf|data|arxiv):/.test(id) && !named.has(id)).sort();
}

/**
 * The artifacts behind a release: those of the model that its claim of openness needs, and all of its engine.
 * A part of a repository (`…#tokenizer`) is looked up under its own id first and then under that of the whole.
 */
export function lineageOf(loaded: LoadedRelease, model: Model, engine: Engine, policy: Policy): Lineage {
  const level = policy.openness[loaded.release.compliance.requires];
  const judged = new Set<ArtifactKind>([...level.judged, 'engine-source', 'base-image']);
  const revision = loaded.release.model.revision;
  const location = (path: readonly string[]): Subject['location'] => {
    const at = loaded.locate(path);
    return { file: at.file, line: at.line ?? null, column: at.column ?? null };
  };
  const own = new Set(model.artifacts.filter((artifact) => artifact.kind === 'weights').map((artifact) => artifact.id));
  const { precision } = loaded.release.model;
  const offered = model.weights.map((weights) => weights.precision);
  const toSubject = (artifact: Artifact, at: Subject['location']): Subject => {
    const whole = artifact.id.split('#')[0] ?? artifact.id;
    return subject({
      id: artifact.id,
      title: artifact.title,
      role: ROLE_OF[artifact.kind],
      kind: artifact.kind,
      partOf: artifact.partOf ?? null,
      // The release pins the repository of its weights; everything else is pinned by the lock alone.
      pinned: own.has(whole) ? revision : null,
      lockIds: whole === artifact.id ? [artifact.id] : [artifact.id, whole],
      location: at,
      obstacle: artifact.kind === 'weights' && !offered.includes(precision) ? notOffered(model.id, precision, offered) : null,
    });
  };
  const wanted = model.artifacts.filter((artifact) => judged.has(artifact.kind));
  return {
    subjects: [
      ...wanted.map((artifact) => toSubject(artifact, location(['model', 'id']))),
      ...engine.artifacts.map((artifact) => toSubject(artifact, location(['engine', 'name']))),
    ],
    beyond: model.artifacts.filter((artifact) => !judged.has(artifact.kind)),
    absent: level.mustExist.filter((kind) => !wanted.some((artifact) => artifact.kind === kind)),
  };
}

/** Nobody knows the file that would be served, so that there is no hash to hold the evidence against. */
function notOffered(model: string, precision: string, offered: readonly string[]): Obstacle {
  return {
    rule: 'OVK-EVD-008',
    state: 'conflict',
    message: `the catalog knows no weights of ${model} in ${precision}.`,
    closes: `set model.precision to ${offered.join(' or ')}.`,
  };
}
