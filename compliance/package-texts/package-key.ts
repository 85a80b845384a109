import type { Subject } from '../subjects/subject';

type PackedSubject = Pick<Subject, 'lockIds' | 'integrity' | 'archiveFolder'>;

/** Key of a package in the record, with its folder where another one bundles it; undefined for one whose bytes nobody pins. */
export function packageKey({ lockIds: [id], integrity, archiveFolder = '' }: PackedSubject): string | undefined {
  return id === undefined || integrity === null ? undefined : keyOf(id, integrity, archiveFolder);
}

/** The same for a package that lies in the archive of another one, by what its own package.json and its folder say. */
export function bundledKey(spec: string, integrity: string, folder: string): string {
  return keyOf(withoutBlanks(`npm:${spec}`), integrity, withoutBlanks(folder));
}

function keyOf(id: string, integrity: string, folder: string): string {
  return [id, integrity, folder].filter((part) => part !== '').join(' ');
}

function withoutBlanks(text: string): string {
  return text.replaceAll(/\s/g, '%20');
}
