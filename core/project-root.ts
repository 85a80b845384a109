import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

let cached: string | undefined;

/**
 * Folder of the kit's package.json. Found upwards from this file, so that it is the same from `dist/` and from the sources.
 * Paths inside release.yaml (policy, lock, waivers, recipe) are relative to it.
 */
export function projectRoot(): string {
  cached ??= findRoot(__dirname);
  return cached;
}

/** A path of the repository as an absolute path. */
export function fromRoot(...parts: readonly string[]): string {
  return resolve(projectRoot(), ...parts);
}

/** Version of the kit, from its package.json. */
export function kitVersion(): string {
  return String(JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')).version);
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'onevision-kit') return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json of onevision-kit above ${start}`);
  }
}
