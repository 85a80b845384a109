import { relative } from 'node:path';
import type { Location } from '../core/error';
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
  const file = relative(process.cwd(), path) || path;
  const text = readTextFile(path, `release file ${file}`, 'write one with `npx ovkit init`, or name yours with --release FILE.');
  const document = parseYamlDocument(text, file);
  const parsed = validateDocument(document, ReleaseSchema, 'E_RELEASE_INVALID', 'see `npx ovkit explain E_RELEASE_INVALID`.');
  checkReleaseRules(parsed, document);
  const release: Release = options.environment ? { ...parsed, metadata: { ...parsed.metadata, environment: options.environment } } : parsed;
  return { release, file, locate: (valuePath) => document.locate(valuePath) };
}
