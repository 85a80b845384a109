import { type Subject, subject } from '../subjects/subject';
import { packageKey } from './package-key';
import type { PackageTexts } from './record';

/** Keys of a record that are about packages inside archives of these subjects, and about none of the subjects themselves. */
export function unlistedKeys(record: PackageTexts, subjects: readonly Subject[]): readonly string[] {
  const archives = new Set(subjects.map(({ integrity }) => integrity));
  const listed = new Set(subjects.map(packageKey));
  return Object.keys(record.packages).filter((key) => {
    if (listed.has(key)) return false;
    const [, integrity = '', folder] = key.split(' ');
    return folder !== undefined && archives.has(integrity);
  });
}

/**
 * Packages that come along in the archive of another one without a line of their own in the package lock: npm unpacks them all the same, and
 * Node finds them. Each is a subject in the role of the one that brings it.
 */
export function unlistedSubjects(keys: readonly string[], subjects: readonly Subject[]): readonly Subject[] {
  return keys.map((key) => {
    const [id = '', integrity = '', folder = ''] = key.split(' ');
    const outer =
      subjects.find((each) => each.integrity === integrity && (each.archiveFolder ?? '') === '') ??
      subjects.find((each) => each.integrity === integrity);
    return subject({
      id: `${id}#${outer?.title ?? integrity}/${folder}`,
      title: id.slice('npm:'.length),
      role: outer?.role ?? 'operator-tool',
      kind: 'npm-package',
      partOf: outer?.id ?? null,
      pinned: id.slice(id.lastIndexOf('@') + 1),
      integrity,
      archiveFolder: folder,
      lockIds: [id],
      location: outer?.location ?? { file: 'package-lock.json', line: null, column: null },
    });
  });
}
