import { createRequire } from 'node:module';

/**
 * Spares the time of loading a module that a library requires at its start and this program does not use: the library gets `exports`
 * instead. Only for speed, and only before the library is loaded; where the module cannot be found, nothing happens.
 *
 * @param path  the packages from here to the module, each as the one before it requires it, e.g. `['cdktf', 'archiver']`
 * @param exports  must load the real module, by `load`, when it is used after all
 */
export function spareModule(path: readonly string[], exports: (load: () => unknown) => unknown): void {
  const cache = createRequire(__filename).cache;
  let file = __filename;
  try {
    for (const name of path) file = createRequire(file).resolve(name);
  } catch {
    return;
  }
  if (cache[file]) return;
  const load = (): unknown => {
    delete cache[file];
    return createRequire(__filename)(file);
  };
  const spared = { id: file, filename: file, path: file, loaded: true, exports: exports(load), children: [], paths: [], parent: null };
  cache[file] = spared as unknown as NodeJS.Module;
}
