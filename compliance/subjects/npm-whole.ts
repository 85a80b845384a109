import { z } from 'zod';
import { canonicalJson } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { printable, shorten } from '../../core/printable';
import { parseJsonFile } from '../json-file';
import { type PackageLock, REWRITE_LOCK } from './npm';
import { type LockEntry, namesIn, placeOf } from './npm-graph';

const MANIFEST = 'package.json';

/** The fields of the kit's package.json as they stand. */
export type OwnManifest = Readonly<Record<string, unknown>>;

/**
 * Reads the kit's package.json.
 * @throws KitError E_PACKAGE_LOCK_INVALID
 */
export function readOwnManifest(text: string): OwnManifest {
  const parsed = z
    .record(z.string(), z.unknown())
    .safeParse(parseJsonFile(text, MANIFEST, 'E_PACKAGE_LOCK_INVALID', 'restore it from git.'));
  if (parsed.success) return parsed.data;
  throw new KitError({
    code: 'E_PACKAGE_LOCK_INVALID',
    message: 'it is no object.',
    location: { file: MANIFEST },
    next: 'restore it from git.',
  });
}

/**
 * Refuses a package lock that does not list everything that package.json asks for: what is not listed is installed all the same, by the next
 * `npm install`, and nobody has judged it. Says the first package that is missing, or the first field in which the two files differ.
 * @throws KitError E_PACKAGE_LOCK_INVALID
 */
export function refusePartialLock({ packages, lines }: Pick<PackageLock, 'packages' | 'lines'>, manifest: OwnManifest, file: string): void {
  const difference = differenceFromManifest(packages[''], manifest);
  const problem = difference === undefined ? missingPackage(packages) : { message: difference, path: '' };
  if (problem === undefined) return;
  const location = { file, line: lines.get(problem.path) ?? 1, column: 1 };
  throw new KitError({ code: 'E_PACKAGE_LOCK_INVALID', message: problem.message, location, next: REWRITE_LOCK });
}

/** Groups of fields that say together what is needed; npm counts a name that stands under both of the first two once. */
const GROUPS = [['dependencies', 'optionalDependencies'], ['devDependencies'], ['peerDependencies'], ['workspaces'], ['license']] as const;

function differenceFromManifest(root: LockEntry | undefined, manifest: OwnManifest): string | undefined {
  const group = GROUPS.find((names) => canonicalJson(together(names, { ...root })) !== canonicalJson(together(names, manifest)));
  return group && `its root entry and ${MANIFEST} differ in "${group.join('" and "')}".`;
}

/** The value of a field, or of several as one; null where there is none or an empty one, which npm does not copy. */
function together(names: readonly string[], fields: Readonly<Record<string, unknown>>): unknown {
  const values = names.map((name) => fields[name]).filter((value) => value !== undefined && value !== null);
  const [first] = values;
  if (typeof first !== 'object') return first ?? null;
  const all: object = Object.assign({}, ...values);
  return Object.keys(all).length === 0 ? null : all;
}

/** The first that is missing, and the path of what needs it. */
function missingPackage(packages: PackageLock['packages']): { readonly message: string; readonly path: string } | undefined {
  for (const [path, entry] of Object.entries(packages)) {
    const missing = needsOf(entry, path).find((name) => placeOf(packages, name, path) === undefined);
    if (missing === undefined) continue;
    const message = `"${shown(missing)}" is missing in it, which ${path === '' ? MANIFEST : `"${shown(path)}"`} needs, so nobody would have judged it.`;
    return { message, path };
  }
  return undefined;
}

/** Names of what comes along with an entry. Development dependencies come for the root and for workspaces; those of a package never do. */
function needsOf(entry: LockEntry, path: string): readonly string[] {
  const optionalPeers = new Set(
    Object.entries(objectOf(entry.peerDependenciesMeta)).flatMap(([name, meta]) => (objectOf(meta).optional === true ? [name] : [])),
  );
  const own = path.split('/').includes('node_modules') ? [] : namesIn(entry.devDependencies);
  const peers = namesIn(entry.peerDependencies).filter((name) => !optionalPeers.has(name));
  return [...namesIn(entry.dependencies), ...namesIn(entry.optionalDependencies), ...peers, ...own];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function shown(text: string): string {
  return shorten(printable(text), 100);
}
