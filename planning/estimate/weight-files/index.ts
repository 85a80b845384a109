import { KitError } from '../../../core/error';
import type { ByteSource } from './byte-source';
import { readGguf } from './gguf';
import { type HttpOptions, httpSource } from './http-source';
import { readSafetensors } from './safetensors';
import type { WeightFile } from './weight-file';

/**
 * Reads the headers of weight files, local or behind https, and never a whole file.
 * @throws KitError E_FILE_MISSING, E_WEIGHTS_HEADER, E_WEIGHTS_TRUNCATED and those of httpSource
 */
export async function readWeightFiles(
  places: readonly string[],
  openLocal: (path: string) => Promise<ByteSource>,
  http: HttpOptions,
): Promise<WeightFile[]> {
  const files: WeightFile[] = [];
  for (const place of places)
    files.push(await readWeightFile(/^https?:\/\//i.test(place) ? await httpSource(place, http) : await openLocal(place)));
  return files;
}

/** The format is told by the first bytes, not by the name. */
async function readWeightFile(source: ByteSource): Promise<WeightFile> {
  if (source.size < 8)
    throw new KitError({ code: 'E_WEIGHTS_HEADER', message: `${source.name} has only ${source.size} bytes.`, next: 'name a weight file.' });
  const magic = new TextDecoder().decode(await source.read(0, 4));
  return magic === 'GGUF' ? readGguf(source) : readSafetensors(source);
}
