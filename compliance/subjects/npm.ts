import { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { printable, shorten } from '../../core/printable';
import { validateDocument } from '../../core/validate';
import { parseYamlDocument } from '../../core/yaml-document';
import { parseJsonFile } from '../json-file';
import { ignoresIntegrity, integrityProblem } from './integrity';
import { type LockEntry, runtimePaths } from './npm-graph';
import { type Subject, type SubjectClaim, subject } from './subject';

/** What to do about a package lock that is refused. */
export const REWRITE_LOCK = 'write it again with `npm install --package-lock-only`.';

const entrySchema = z.looseObject({
  version: z.string().optional(),
  name: z.string().optional(),
  resolved: z.unknown().optional(),
  integrity: z.string().optional(),
  dev: z.boolean().optional(),
  inBundle: z.boolean().optional(),
  link: z.boolean().optional(),
  license: z.unknown().optional(),
  licenses: z.unknown().optional(),
});
const lockSchema = z.looseObject({ lockfileVersion: z.number(), packages: z.record(z.string(), entrySchema) });
type Entry = z.output<typeof entrySchema>;

export interface PackageLock {
  readonly subjects: readonly Subject[];
  /** All entries by their path, "" is the root. */
  readonly packages: Readonly<Record<string, LockEntry>>;
  /** Line of each entry but the root. */
  readonly lines: ReadonlyMap<string, number>;
  readonly digest: string;
}

/**
 * Every entry of a package-lock.json of version 3, as a subject: also optional packages of other platforms and bundled ones, which
 * tools that look at node_modules never see. Packages that only build are build tools: those that the lock marks so and that nothing which runs
 * needs. The others run on the operator's desk as part of the kit (nothing of npm is in the service's image).
 * @throws KitError E_PACKAGE_LOCK_INVALID, E_NOTHING_CHECKED
 */
export function readPackageLock(text: string, file: string): PackageLock {
  const value = parseJsonFile(text, file, 'E_PACKAGE_LOCK_INVALID', REWRITE_LOCK);
  const parsed = lockSchema.safeParse(value);
  // Positions are only worked out when something is wrong: JSON is YAML, and the YAML reader knows its lines.
  const data = parsed.success
    ? parsed.data
    : validateDocument(parseYamlDocument(text, file), lockSchema, 'E_PACKAGE_LOCK_INVALID', REWRITE_LOCK);
  if (data.lockfileVersion !== 3) {
    const message = `lockfileVersion is ${data.lockfileVersion}.`;
    throw new KitError({ code: 'E_PACKAGE_LOCK_INVALID', message, location: { file }, allowed: 'lockfileVersion 3.', next: REWRITE_LOCK });
  }
  const { packages } = data;
  // A reader may pass over a key such as __proto__; no entry may be lost on the way.
  const written = Object.keys((value as { readonly packages: object }).packages);
  const lost = written.find((path) => !Object.hasOwn(packages, path));
  if (lost !== undefined) {
    const message = `the entry "${shorten(printable(lost), 100)}" is no path of a package.`;
    throw new KitError({ code: 'E_PACKAGE_LOCK_INVALID', message, location: { file }, next: REWRITE_LOCK });
  }
  const paths = Object.keys(packages)
    .filter((path) => path !== '')
    .sort();
  if (paths.length === 0) {
    throw new KitError({
      code: 'E_NOTHING_CHECKED',
      message: 'the package lock lists no package.',
      location: { file },
      next: REWRITE_LOCK,
    });
  }
  const lines = linesOf(text);
  const seen = new Set<string>();
  const runs = runtimePaths(packages);
  const subjects = paths.map((path) => {
    const entry = packages[path] as Entry;
    const plain = `npm:${nameOf(path, entry)}@${entry.version ?? 'unversioned'}`.replaceAll(/\s/g, '%20');
    const id = seen.has(plain) ? `${plain}#${path.replaceAll(/\s/g, '%20')}` : plain;
    seen.add(plain);
    const role = entry.dev === true && !runs.has(path) ? 'build-tool' : 'operator-tool';
    return toSubject(id, plain, role, path, entry, packages, { file, line: lines.get(path) ?? null, column: null });
  });
  return { subjects, packages, lines, digest: `sha256:${sha256Hex(text)}` };
}

function toSubject(
  id: string,
  plain: string,
  role: Subject['role'],
  path: string,
  entry: Entry,
  packages: Readonly<Record<string, Entry>>,
  location: Subject['location'],
): Subject {
  const archive = archiveOf(path, entry, packages);
  const integrity = archive?.integrity ?? null;
  const problem = integrity === null ? 'the package lock pins no integrity for it' : integrityProblem(integrity);
  const source = `${location.file} ${path}`;
  // Two fields that say different things are two claims, and a conflict.
  const claims = [entry.license, entry.licenses]
    .filter((says) => says !== undefined)
    .map((says): SubjectClaim => ({ channel: 'package-lock', says, source, retrieved: null, sha256: null }));
  return subject({
    id,
    title: plain.slice('npm:'.length),
    role,
    kind: 'npm-package',
    pinned: entry.version ?? null,
    integrity,
    ...(archive ? { archiveFolder: archive.folder } : {}),
    claims,
    lockIds: [plain],
    location,
    obstacle:
      problem === undefined
        ? null
        : {
            rule: 'OVK-EVD-006',
            state: 'unknown',
            message: `${problem}, so nobody knows which bytes will be installed.`,
            closes: 'install it from a registry, so that npm records its integrity.',
          },
  });
}

function nameOf(path: string, entry: Entry): string {
  const at = path.lastIndexOf('node_modules/');
  return entry.name ?? (at < 0 ? path : path.slice(at + 'node_modules/'.length));
}

/** The bytes that a package comes in: its own archive, or for a bundled one that of the nearest package around it that has an integrity. */
function archiveOf(
  path: string,
  entry: Entry,
  packages: Readonly<Record<string, Entry>>,
): { readonly integrity: string; readonly folder: string } | undefined {
  if (ignoresIntegrity(path, entry)) return undefined;
  if (entry.integrity) return { integrity: entry.integrity, folder: '' };
  if (!entry.inBundle) return undefined;
  for (let at = path.lastIndexOf('/node_modules/'); at > 0; at = path.lastIndexOf('/node_modules/', at - 1)) {
    const around = packages[path.slice(0, at)];
    if (around && ignoresIntegrity(path.slice(0, at), around)) return undefined;
    if (around?.integrity) return { integrity: around.integrity, folder: path.slice(at + 1) };
  }
  return undefined;
}

function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    const path = /^ {4}"(.+)": \{/.exec(line)?.[1];
    if (path) lines.set(path, index + 1);
  }
  return lines;
}
