import { sha256Hex } from '../core/canonical-json';
import { KitError, type Location } from '../core/error';
import { fromRoot } from '../core/project-root';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument } from '../core/yaml-document';
import { parseJsonFile } from './json-file';
import { type EvidenceLock, EvidenceLockSchema, type LockSubject } from './lock-schema';

/** An evidence lock with its digest and the lines of its subjects. */
export interface LoadedLock {
  readonly lock: EvidenceLock;
  readonly file: string;
  readonly digest: string;
  readonly subjects: ReadonlyMap<string, LockSubject>;
  locate(subject: string): Location;
}

const NEXT = 'restore it from git, or write it again with `npx tsx scripts/dev/assemble-lock.ts`.';

/**
 * Reads the evidence lock of a release.
 * @param file  path inside the repository
 * @throws KitError E_FILE_MISSING, E_LOCK_INVALID with line and column
 */
export function loadLock(file: string): LoadedLock {
  return parseLock(readTextFile(fromRoot(file), `evidence lock ${file}`, NEXT), file);
}

/** The same for a text that is at hand. */
export function parseLock(text: string, file: string): LoadedLock {
  const value = parseJsonFile(text, file, 'E_LOCK_INVALID', NEXT);
  const parsed = EvidenceLockSchema.safeParse(value);
  // Positions are only worked out when something is wrong: JSON is YAML, and the YAML reader knows its lines.
  const lock = parsed.success ? parsed.data : validateDocument(parseYamlDocument(text, file), EvidenceLockSchema, 'E_LOCK_INVALID', NEXT);
  const subjects = new Map(lock.subjects.map((subject) => [subject.id, subject]));
  if (subjects.size !== lock.subjects.length) {
    const twice = lock.subjects.find((subject, index) => lock.subjects.findIndex((other) => other.id === subject.id) !== index);
    const message = `the subject "${twice?.id}" stands in it twice.`;
    throw new KitError({ code: 'E_LOCK_INVALID', message, location: placesOf(text, file)(twice?.id ?? ''), next: NEXT });
  }
  return { lock, file, digest: `sha256:${sha256Hex(text)}`, subjects, locate: placesOf(text, file) };
}

/** Places of all subjects, found in one pass and only when somebody asks; what is not found stands at the beginning of the file. */
function placesOf(text: string, file: string): (subject: string) => Location {
  let places: ReadonlyMap<string, Location> | undefined;
  return (subject) => {
    places ??= findPlaces(text, file);
    return places.get(JSON.stringify(subject)) ?? { file, line: 1, column: 1 };
  };
}

const ID = /"id": ("(?:[^"\\]|\\.)*")/g;

function findPlaces(text: string, file: string): ReadonlyMap<string, Location> {
  const places = new Map<string, Location>();
  let line = 1;
  let lineStart = 0;
  for (const match of text.matchAll(ID)) {
    for (let next = text.indexOf('\n', lineStart); next >= 0 && next < match.index; next = text.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = next + 1;
    }
    const [, id = ''] = match;
    if (!places.has(id)) places.set(id, { file, line, column: match.index - lineStart + 1 });
  }
  return places;
}
