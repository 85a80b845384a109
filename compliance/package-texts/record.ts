import { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { readTextFile } from '../../core/text-file';
import { parseJsonFile } from '../json-file';
import type { PackageText, Subject } from '../subjects/subject';

/** What the licence files inside the npm packages are, as `ovkit lock packages` read them in the packed bytes. */
export const PACKAGE_TEXTS_FILE = 'compliance/package-texts.lock.json';

const NEXT = 'restore it from git, or write it again with `npx ovkit lock packages`.';
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
  schemaVersion: z.literal(1),
  /** What each text is, by the hash of its bytes. */
  texts: z.record(sha256, recognised),
  /** Licence files of each package, by its id and the integrity of the bytes that it came in. */
  packages: z.record(z.string(), z.array(z.tuple([z.string().min(1), sha256]))),
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
  const parsed = recordSchema.safeParse(parseJsonFile(text, PACKAGE_TEXTS_FILE, 'E_PACKAGE_TEXTS_INVALID', NEXT));
  const unnamed =
    parsed.data &&
    Object.values(parsed.data.packages).flatMap((files) => files.filter(([, hash]) => !Object.hasOwn(parsed.data.texts, hash)));
  if (parsed.success && unnamed?.length === 0) return { record: parsed.data, digest: `sha256:${sha256Hex(text)}` };
  const message = parsed.success
    ? `the text ${unnamed?.[0]?.[1]} of a package stands nowhere under "texts".`
    : `it does not fit its schema: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}.`;
  throw new KitError({ code: 'E_PACKAGE_TEXTS_INVALID', message, location: { file: PACKAGE_TEXTS_FILE }, next: NEXT });
}

/** The record as it is written: one line for each text and each package, so that a change of one dependency is a change of a few lines. */
export function printPackageTexts({ texts, packages }: Pick<PackageTexts, 'texts' | 'packages'>): string {
  const lines = (entries: Readonly<Record<string, unknown>>) =>
    Object.entries(entries)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{\n  "kind": "package-texts",\n  "schemaVersion": 1,\n  "texts": {\n${lines(texts)}\n  },\n  "packages": {\n${lines(packages)}\n  }\n}\n`;
}

/** Key of a package in the record; undefined for one whose bytes nobody pins. */
export function packageKey(subject: Pick<Subject, 'lockIds' | 'integrity'>): string | undefined {
  const [id] = subject.lockIds;
  return id === undefined || subject.integrity === null ? undefined : `${id} ${subject.integrity}`;
}

/** Gives every package the texts that were read in exactly its bytes; null where nobody has read them. */
export function withPackageTexts(subjects: readonly Subject[], record: PackageTexts): readonly Subject[] {
  return subjects.map((subject) => {
    const key = packageKey(subject);
    if (key === undefined) return subject;
    const files = Object.hasOwn(record.packages, key) ? record.packages[key] : undefined;
    return { ...subject, texts: files ? files.map(([file, hash]) => textOf(file, hash, record)) : null };
  });
}

function textOf(file: string, hash: string, record: PackageTexts): PackageText {
  const { state, licences, because } = record.texts[hash] as PackageTexts['texts'][string];
  return { file, sha256: hash, state, licences, because };
}
