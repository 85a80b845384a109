import { relative } from 'node:path';
import { KitError, type Location } from '../core/error';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument, type ValuePath } from '../core/yaml-document';
import { checkReleaseRules } from './rules';
import { type Environment, type Release, ReleaseSchema } from './schema';

/** A release with the places its values came from, for findings that point into the file. */
export interface LoadedRelease {
  readonly release: Release;
  /** The file as the user would name it: relative to the working folder. */
  readonly file: string;
  locate(path: ValuePath): Location;
}

export interface LoadReleaseOptions {
  /** Replaces `metadata.environment`, e.g. to rehearse a production release. */
  readonly environment?: Environment;
}

/**
 * Reads, parses and validates a release file.
 * @throws KitError E_FILE_MISSING, E_YAML_SYNTAX, E_RELEASE_INVALID with every problem of the file
 */
export function loadRelease(path: string, options: LoadReleaseOptions = {}): LoadedRelease {
  const file = nameOf(path);
  const text = readTextFile(path, 'the release file', 'write one with `npx ovkit init`, or name yours with --release FILE.');
  refuseOversized(text, file);
  const document = parseYamlDocument(text, file);
  const parsed = validateDocument(document, ReleaseSchema, 'E_RELEASE_INVALID', 'see `npx ovkit explain E_RELEASE_INVALID`.');
  const release: Release = options.environment ? { ...parsed, metadata: { ...parsed.metadata, environment: options.environment } } : parsed;
  checkReleaseRules(release, document);
  return { release, file, locate: (valuePath) => document.locate(valuePath) };
}

/** Relative to the working folder for files in it, else as it was given. */
function nameOf(path: string): string {
  const name = relative(process.cwd(), path);
  return name === '' || name.startsWith('..') ? path : name;
}

/** A release is a page of text; the shipped ones have about 2 KiB. */
const MAX_RELEASE_CHARACTERS = 256 * 1024;

function refuseOversized(text: string, file: string): void {
  if (text.length <= MAX_RELEASE_CHARACTERS) return;
  throw new KitError({
    code: 'E_RELEASE_INVALID',
    message: `the file has ${text.length} characters, too many for a release.`,
    location: { file, line: 1, column: 1 },
    allowed: `at most ${MAX_RELEASE_CHARACTERS} characters.`,
    next: 'check that this is the release file you meant.',
  });
}
