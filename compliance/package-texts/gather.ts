import { sha256Hex } from '../../core/canonical-json';
import { printable, shorten } from '../../core/printable';
import type { Subject } from '../subjects/subject';
import { verifyLicenceText } from '../text/verify';
import { MANIFEST, type Manifest, readManifest, withoutRepeats } from './manifest';
import { bundledKey, packageKey } from './package-key';
import { isLicenceFile, type PackedFile, packedFilesOf } from './packed-files';
import type { PackageTexts } from './record';
import type { TarballStore } from './tarballs';
import { unlistedKeys } from './unlisted';

export interface GatheredTexts {
  readonly record: Pick<PackageTexts, 'texts' | 'packages'>;
  /** Packages whose bytes could not be had or read, with the reason. */
  readonly open: readonly { readonly id: string; readonly reason: string }[];
  /** Packages whose bytes were read in this run; the others were known. */
  readonly read: number;
}

/** Longest reason that is kept with a text, in characters; the difference itself is shown by `ovkit licence-text`. */
const MAX_BECAUSE = 240;

/**
 * Reads the package.json and the licence files of packages in their packed bytes, proven by the integrity that the package lock pins, and says
 * what they are. Bytes that hold no such package, or another one, are as good as none.
 * Packages that `known` holds at the same integrity are not read again: the same bytes hold the same texts. Nothing in the result depends on
 * the machine or the time.
 *
 * @param known  an earlier record; null reads everything again
 */
export async function gatherPackageTexts(
  subjects: readonly Subject[],
  store: TarballStore,
  known: PackageTexts | null,
  onPackage: (id: string, done: number, total: number) => void = () => undefined,
): Promise<GatheredTexts> {
  const texts: Record<string, PackageTexts['texts'][string]> = {};
  const packages: Record<string, PackageTexts['packages'][string]> = {};
  const wanted = new Map<string, Subject[]>();
  const takeOver = (key: string): boolean => {
    const before = known && Object.hasOwn(known.packages, key) ? known.packages[key] : undefined;
    if (!known || !before) return false;
    packages[key] = before;
    for (const [, hash] of before.files) texts[hash] = known.texts[hash] as PackageTexts['texts'][string];
    return true;
  };
  for (const subject of subjects) {
    const key = packageKey(subject);
    if (key === undefined || subject.integrity === null || takeOver(key)) continue;
    wanted.set(subject.integrity, [...(wanted.get(subject.integrity) ?? []), subject]);
  }
  if (known) for (const key of unlistedKeys(known, subjects)) takeOver(key);
  await fetchMissing([...wanted.keys()], subjects, store);
  const open: { id: string; reason: string }[] = [];
  let done = 0;
  for (const [integrity, same] of wanted) {
    done += 1;
    onPackage(same[0]?.title ?? '', done, wanted.size);
    const files = await filesOf(integrity, store);
    if (typeof files === 'string') {
      open.push(...same.map((subject) => ({ id: subject.id, reason: files })));
      continue;
    }
    const keep = (key: string, declares: readonly unknown[], own: readonly PackedFile[]): void => {
      const licences = own.filter((file) => isLicenceFile(file.name));
      packages[key] = { declares: [...declares], files: sorted(licences.map((file): FileEntry => [file.name, sha256Hex(file.bytes)])) };
      for (const file of licences) texts[sha256Hex(file.bytes)] ??= recognise(file.bytes);
    };
    for (const subject of same) {
      const own = files.filter((file) => file.folder === (subject.archiveFolder ?? ''));
      const declares = declaredIn(subject, own);
      if (typeof declares === 'string') open.push({ id: subject.id, reason: declares });
      else keep(packageKey(subject) as string, declares, own);
    }
    const listed = new Set(subjects.filter((each) => each.integrity === integrity).map((each) => each.archiveFolder ?? ''));
    for (const folder of bundledFolders(files).filter((each) => !listed.has(each))) {
      const own = files.filter((file) => file.folder === folder);
      const { spec, declares } = manifestOf(folder, own);
      keep(bundledKey(spec, integrity, folder), declares, own);
    }
  }
  return { record: { texts, packages }, open, read: wanted.size };
}

/** Folders of an archive in which Node finds a package that it brings. */
function bundledFolders(files: readonly PackedFile[]): readonly string[] {
  return [
    ...new Set(files.filter(({ folder, name }) => name === MANIFEST && folder.startsWith('node_modules/')).map(({ folder }) => folder)),
  ];
}

/** Who a package says it is that no line of the package lock is about; one that says nothing readable declares no licence. */
function manifestOf(folder: string, own: readonly PackedFile[]): Manifest {
  try {
    const read = own.filter((file) => file.name === MANIFEST).map((file) => readManifest(file.bytes));
    return { spec: read[0]?.spec ?? '', declares: withoutRepeats(read.flatMap(({ declares }) => declares)) };
  } catch {
    return { spec: `${folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)}@unversioned`, declares: [] };
  }
}

type FileEntry = PackageTexts['packages'][string]['files'][number];

async function fetchMissing(integrities: readonly string[], subjects: readonly Subject[], store: TarballStore): Promise<void> {
  const outer = new Map(subjects.filter((subject) => subject.archiveFolder === '').map((subject) => [subject.integrity, subject.title]));
  const missing: string[] = [];
  for (const integrity of integrities) {
    const spec = outer.get(integrity);
    if (spec !== undefined && (await store.find(integrity)) === undefined) missing.push(spec);
  }
  if (missing.length > 0) await store.fetch([...new Set(missing)].sort());
}

async function filesOf(integrity: string, store: TarballStore): Promise<readonly PackedFile[] | string> {
  const file = await store.find(integrity);
  if (file === undefined) return 'no archive with this integrity could be had';
  try {
    return await packedFilesOf(file);
  } catch (error) {
    return `the archive cannot be read: ${(error as Error).message}`;
  }
}

function recognise(bytes: Uint8Array): PackageTexts['texts'][string] {
  const { state, licence, sameTextAs, because } = verifyLicenceText(bytes);
  return {
    state,
    licences: licence === null ? [] : [licence, ...sameTextAs],
    because: state === 'verified' ? '' : shorten(printable(because), MAX_BECAUSE),
  };
}

/** What the manifests of a package in its archive state, or why it is not the one that the package lock speaks of. */
function declaredIn(subject: Subject, own: readonly PackedFile[]): readonly unknown[] | string {
  const manifests = own.filter((file) => file.name === MANIFEST);
  const place = subject.archiveFolder ? `${MANIFEST} in ${subject.archiveFolder}` : MANIFEST;
  if (manifests.length === 0) return `the archive holds no ${place}`;
  try {
    const read = manifests.map((file) => readManifest(file.bytes));
    const other = read.find(({ spec }) => spec !== subject.title);
    return other ? `${place} of the archive is of ${other.spec}` : withoutRepeats(read.flatMap(({ declares }) => declares));
  } catch (error) {
    return `${place} of the archive cannot be read: ${(error as Error).message}`;
  }
}

/** Each file once, also when its path stands twice in the archive. */
function sorted(files: readonly FileEntry[]): FileEntry[] {
  return [...new Map(files.map((file) => [file.join('\0'), file])).values()].sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1));
}
