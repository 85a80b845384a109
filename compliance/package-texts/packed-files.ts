import { createReadStream } from 'node:fs';
import { Parser, type ReadEntry } from 'tar';
import { MANIFEST } from './manifest';

/** A file in the root of a package that says something of its licence: its package.json, or a licence file. */
export interface PackedFile {
  /** Path of the package inside the archive, "" for the package itself, `node_modules/x` for one that is bundled in it. */
  readonly folder: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Larger files are no licence and no manifest; they are read up to here and then differ from every text. */
const MAX_BYTES = 2 ** 20;

/**
 * The manifests and licence files in the archive of an npm package and in the packages that it bundles. A path that stands twice in the
 * archive comes back twice.
 * @param file  path of the archive, gzipped, as npm packs it: one folder in which everything lies
 * @throws Error for bytes that are no such archive
 */
export async function packedFilesOf(file: string): Promise<readonly PackedFile[]> {
  const found: Promise<PackedFile>[] = [];
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({ strict: true, onReadEntry: (entry) => take(entry, found) });
    parser.on('error', reject);
    parser.on('end', resolve);
    createReadStream(file).on('error', reject).pipe(parser);
  });
  return (await Promise.all(found)).sort((a, b) => (`${a.folder}\0${a.name}` < `${b.folder}\0${b.name}` ? -1 : 1));
}

function take(entry: ReadEntry, found: Promise<PackedFile>[]): void {
  // npm leaves out the first folder, whatever it is called, and what leads nowhere.
  const path = entry.path
    .split('/')
    .slice(1)
    .filter((part) => part !== '' && part !== '.');
  const name = path.pop() ?? '';
  const folder = path.join('/');
  const isPackage = folder === '' || /^(?:.+\/)?node_modules\/(?:@[^/]+\/)?[^/]+$/.test(folder);
  const isFile = entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'ContiguousFile';
  if (!isFile || !isPackage || !(name === MANIFEST || isLicenceFile(name))) {
    entry.resume();
    return;
  }
  found.push(
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      entry.on('data', (chunk: Buffer) => {
        if (length < MAX_BYTES) chunks.push(chunk);
        length += chunk.length;
      });
      entry.on('error', reject);
      entry.on('end', () => resolve({ folder, name, bytes: Buffer.concat(chunks) }));
    }),
  );
}

const LICENCE_NAME = /licen[cs]e|^copying|^copyright|^eula|commons.?clause|^terms/i;
/** Texts of what is packed into a package, under their own names and not said to be its licence. */
const OF_OTHERS = /3rd|third|dependenc|vendor|bundled|notices?|credits|acknowledg/i;
/** Code about licences, and their logos. */
const NO_TEXT = /\.(?:[cm]?[jt]sx?|map|json5?|ya?ml|css|svg|png|jpe?g|gif|ico|py|rb|sh|spdx|lock|patch|java|class|xml|pdf|docx?|rs|go)$/i;

/** Whether a file in the root of a package is taken for its licence. */
export function isLicenceFile(name: string): boolean {
  return LICENCE_NAME.test(name) && !OF_OTHERS.test(name) && !NO_TEXT.test(name);
}
