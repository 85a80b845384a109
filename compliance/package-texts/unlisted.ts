import { type Subject, subject } from '../subjects/subject';
import type { PackageTexts } from './record';

/** Key of a package that lies in the archive of another one, whether the package lock lists it or not. */
export function bundledKey(spec: string, integrity: string, folder: string): string {
  return [`npm:${spec}`.replaceAll(/\s/g, '%20'), integrity, folder.replaceAll(/\s/g, '%20')].join(' ');
}

/** Keys of a record that are about packages inside archives of these subjects, and about none of the subjects themselves. */
export function unlistedKeys(
  record: PackageTexts,
  subjects: readonly Subject[],
  keyOf: (subject: Subject) => string | undefined,
): readonly string[] {
  const archives = new Set(subjects.map(({ integrity }) => integrity));
  const listed = new Set(subjects.map(keyOf));
  return Object.keys(record.packages).filter((key) => {
    const [, integrity = '', folder] = key.split(' ');
    return folder !== undefined && archives.has(integrity) && !listed.has(key);
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
