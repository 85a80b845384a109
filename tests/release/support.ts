import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KitError, type Problem } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';

/** A valid release as text; tests edit it line by line. */
export const VALID_RELEASE = readFileSync(fromRoot('release/template.yaml'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'ovkit-release-'));

/** Writes a release file into a folder of its own kind and gives its path. */
export function releaseFile(content: string | Uint8Array, name = 'release.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** Problems that loading a file reports; none when it loads. Anything but a KitError is a defect and comes through. */
export function loadProblems(content: string | Uint8Array): readonly Problem[] {
  try {
    loadRelease(releaseFile(content));
  } catch (error) {
    if (error instanceof KitError) return error.problems;
    throw error;
  }
  return [];
}

/** The valid release with one piece of text replaced; fails when the piece is not there. */
export function edited(from: string | RegExp, to: string): string {
  const text = VALID_RELEASE.replace(from, to);
  if (text === VALID_RELEASE) throw new Error(`the template has no ${String(from)}`);
  return text;
}
