import type { Verdict } from '../compliance/verdict';
import type { Plan } from '../planning/plan';
import { ENGINE_PROFILES } from './engine-profile';

/** A file of the weights and the hash that the verdict is about. */
export interface WeightsFile {
  /** Path inside the folder of the weights. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What the init container starts; the script stands in `charts/onevision/files`. */
export const WEIGHTS_COMMAND: readonly string[] = ['/bin/sh', '/opt/onevision-kit/weights.sh'];

/**
 * Files that the engine will open, with the hashes of the evidence lock: the model file itself where the revision is its digest, else all files
 * of the model's repository that the lock holds. Empty when the lock holds none: then nothing can be verified.
 */
export function weightsFiles(plan: Plan, verdict: Pick<Verdict, 'pins'>): readonly WeightsFile[] {
  const { id, revision } = plan.model;
  const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(revision) ?? [];
  if (digest !== undefined) return [{ path: ENGINE_PROFILES[plan.engine.kind].weightsFile, sha256: digest }];
  const prefix = `hf:model/${id}/`;
  return verdict.pins
    .filter((pin) => pin.what === 'file' && pin.algorithm === 'sha256' && pin.name.startsWith(prefix))
    .map((pin) => ({ path: pin.name.slice(prefix.length), sha256: pin.value }))
    .filter((file) => SAFE_PATH.test(file.path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** No spaces, no way out of the folder. */
const SAFE_PATH = /^(?!.*(^|\/)\.\.?(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;

/** The list as sha256sum reads it. */
export function weightsManifest(files: readonly WeightsFile[]): string {
  return files.map((file) => `${file.sha256}  ${file.path}\n`).join('');
}
