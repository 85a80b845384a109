import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { readTextFile } from '../../core/text-file';
import { parseJsonFile } from '../json-file';
import type { PackageText, Subject, SubjectClaim } from '../subjects/subject';
import { MANIFEST } from './manifest';
import { packageKey } from './package-key';
import { unlistedKeys, unlistedSubjects } from './unlisted';

/** What the npm packages declare and what the licence files in them are, as `ovkit lock packages` read it in the packed bytes. */
export const PACKAGE_TEXTS_FILE = 'compliance/package-texts.lock.json';

const NEXT = 'restore it from git, or write it again with `npx ovkit lock packages --again`.';
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const recognised = z
  .strictObject({
    state: z.enum(['verified', 'modified', 'unrecognised']),
    /** Licences whose text it is (verified), or that it was made from (modified). */
    licences: z.array(z.string().min(1)),
    because: z.string(),
  })
  .refine((text) => text.state === 'unrecognised' || text.licences.length > 0, 'a text that is or was a licence names it');
const recordSchema = z.strictObject({
  kind: z.literal('package-texts'),
  schemaVersion: z.literal(2),
  /** What each text is, by the hash of its bytes. */
  texts: z.record(sha256, recognised),
  /** Of each package, by its id and the integrity of the bytes that it came in: the licences that its package.json states, and its licence files. */
  packages: z.record(z.string(), z.strictObject({ declares: z.array(z.unknown()), files: z.array(z.tuple([z.string().min(1), sha256])) })),
});
export type PackageTexts = Readonly<z.output<typeof recordSchema>>;

export interface LoadedPackageTexts {
  readonly record: PackageTexts;
  readonly digest: string;
}

/**
 * Reads the committed record.
 * @throws KitError E_FILE_MISSING, E_PACKAGE_TEXTS_INVALID
 */
export function loadPackageTexts(): LoadedPackageTexts {
  return parsePackageTexts(readTextFile(fromRoot(PACKAGE_TEXTS_FILE), `record ${PACKAGE_TEXTS_FILE}`, NEXT));
}

/** The same for a text that is at hand. */
export function parsePackageTexts(text: string): LoadedPackageTexts {
  const value = parseJsonFile(text, PACKAGE_TEXTS_FILE, 'E_PACKAGE_TEXTS_INVALID', NEXT);
  if (isRecord(value)) return { record: value, digest: `sha256:${sha256Hex(text)}` };
  const issue = recordSchema.safeParse(value).error?.issues[0];
  const message = issue
    ? `it does not fit its schema: ${issue.path.join('.')}: ${issue.message}.`
    : 'a text of a package stands nowhere under "texts", or a name in it is reserved.';
  throw new KitError({ code: 'E_PACKAGE_TEXTS_INVALID', message, location: { file: PACKAGE_TEXTS_FILE }, next: NEXT });
}

/** The schema by hand, and that every text is there: thousands of entries are read for every check, and the schema reader takes ten times as long. */
function isRecord(value: unknown): value is PackageTexts {
  if (!isObject(value, ['kind', 'schemaVersion', 'texts', 'packages']) || value.kind !== 'package-texts' || value.schemaVersion !== 2)
    return false;
  const { texts, packages } = value;
  if (!isObject(texts) || !isObject(packages)) return false;
  const isEntry = (entry: unknown): boolean =>
    Array.isArray(entry) &&
    entry.length === 2 &&
    typeof entry[0] === 'string' &&
    entry[0] !== '' &&
    Object.hasOwn(texts, entry[1] as PropertyKey);
  return (
    Object.entries(texts).every(([hash, recognised]) => HASH.test(hash) && isRecognised(recognised)) &&
    Object.values(packages).every(
      (read) =>
        isObject(read, ['declares', 'files']) && Array.isArray(read.declares) && Array.isArray(read.files) && read.files.every(isEntry),
    )
  );
}

const HASH = /^[0-9a-f]{64}$/;
const STATES: ReadonlySet<unknown> = new Set(['verified', 'modified', 'unrecognised']);

function isRecognised(value: unknown): boolean {
  if (!isObject(value, ['state', 'licences', 'because']) || typeof value.because !== 'string' || !STATES.has(value.state)) return false;
  const { licences, state } = value;
  if (!Array.isArray(licences) || !licences.every((id) => typeof id === 'string' && id !== '')) return false;
  return state === 'unrecognised' || licences.length > 0;
}

/** An object with exactly these keys, or with any. */
function isObject(value: unknown, keys?: readonly string[]): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return keys === undefined || (Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key)));
}

/** The record as it is written: one line for each text and each package, so that a change of one dependency is a change of a few lines. */
export function printPackageTexts({ texts, packages }: Pick<PackageTexts, 'texts' | 'packages'>): string {
  const lines = (entries: Readonly<Record<string, unknown>>) =>
    Object.entries(entries)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{\n  "kind": "package-texts",\n  "schemaVersion": 2,\n  "texts": {\n${lines(texts)}\n  },\n  "packages": {\n${lines(packages)}\n  }\n}\n`;
}

/**
 * Gives every package what was read in exactly its bytes: its texts, null where nobody has read them, and what its package.json declares.
 * What else was read in the same archives comes behind them.
 */
export function withPackageTexts(subjects: readonly Subject[], record: PackageTexts): readonly Subject[] {
  const unlisted = unlistedSubjects(unlistedKeys(record, subjects), subjects);
  return [...subjects, ...unlisted].map((subject) => {
    const key = packageKey(subject);
    if (key === undefined) return subject;
    const read = Object.hasOwn(record.packages, key) ? record.packages[key] : undefined;
    if (!read) return { ...subject, texts: null };
    const claims = [...subject.claims, ...manifestClaims(subject, read.declares)];
    return { ...subject, claims, texts: read.files.map(([file, hash]) => textOf(file, hash, record)) };
  });
}

/** What the manifest of a package says beyond its line in the package lock, which npm copies from the registry and anybody can edit. */
function manifestClaims({ claims, title }: Subject, declares: readonly unknown[]): readonly SubjectClaim[] {
  const known = new Set(claims.map(({ says }) => canonicalJson(says)));
  const more = declares.filter((says) => !known.has(canonicalJson(says)));
  const silent = declares.length === 0 && claims.length > 0 ? [null] : [];
  return [...more, ...silent].map((says) => ({
    channel: 'package-manifest',
    says,
    source: `${MANIFEST} of ${title}`,
    retrieved: null,
    sha256: null,
  }));
}

function textOf(file: string, hash: string, record: PackageTexts): PackageText {
  const { state, licences, because } = record.texts[hash] as PackageTexts['texts'][string];
  return { file, sha256: hash, state, licences, because };
}
