import { digestOf } from '../core/canonical-json';
import { compare } from './findings';
import type { JudgeInputs } from './judge';
import { PACKAGE_TEXTS_FILE } from './package-texts/record';
import type { Pin } from './verdict';

const SHA256 = /^sha256:([0-9a-f]{64})$/;
const GIT_COMMIT = /^[0-9a-f]{40}$/;

/**
 * Everything that the verdict is about, by digest: the image (its index and, where the lock holds them, its platform manifests), the model's
 * revision, the files of its weights, and what was judged by (lock, record of package texts, package lock, policy, waivers). Sorted, without repetition.
 */
export function pinsOf(inputs: JudgeInputs): readonly Pin[] {
  const { release, lock } = inputs;
  const { image } = release.engine;
  const pins: (Pin | undefined)[] = [
    pin('model', release.model.id, release.model.revision),
    pin('lock', lock.file, lock.digest),
    pin('lock', PACKAGE_TEXTS_FILE, inputs.packageTextsDigest),
    pin('package-lock', 'package-lock.json', inputs.packageLockDigest),
    pin('policy', inputs.policy.file, digestOf(inputs.policy)),
    ...inputs.waiverFiles.map((file) => pin('waivers', file.file, file.digest)),
    ...('digest' in image ? [pin('image', `oci:${image.digest}`, image.digest)] : []),
  ];
  const source = 'source' in image ? image.source : null;
  for (const subject of inputs.subjects) {
    const shipped = subject.kind === 'weights' || subject.kind === 'image' || subject.id === source;
    if (!shipped) continue;
    const entry = subject.lockIds.map((id) => lock.subjects.get(id)).find((found) => found !== undefined);
    const what = subject.kind === 'weights' ? 'file' : 'image';
    for (const file of entry?.files ?? []) pins.push(pin(what, `${subject.id}/${file.path}`, `sha256:${file.sha256}`));
  }
  const known = pins.filter((each) => each !== undefined);
  return [...new Map(known.map((each) => [`${each.what}\0${each.name}\0${each.value}`, each])).values()].sort(
    (a, b) => compare(a.what, b.what) || compare(a.name, b.name) || compare(a.value, b.value),
  );
}

function pin(what: Pin['what'], name: string, digest: string): Pin | undefined {
  const hex = SHA256.exec(digest)?.[1];
  if (hex !== undefined) return { what, name, algorithm: 'sha256', value: hex };
  return GIT_COMMIT.test(digest) ? { what, name, algorithm: 'gitCommit', value: digest } : undefined;
}
