import type { z } from 'zod';
import { KitError, type Location, type Problem } from '../core/error';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument, type ValuePath } from '../core/yaml-document';

const CODE = 'E_CATALOG_INVALID';
const NEXT = 'mend the file, or take it from git again.';

/**
 * Reads one JSON file of the catalogue and checks it against its schema.
 *
 * The straight way is JSON.parse, which is fast; only a broken file is read again with the YAML parser (JSON is a subset of YAML 1.2),
 * which knows where each value stands.
 *
 * @throws KitError E_CATALOG_INVALID with file, line, column and every reason; E_FILE_MISSING
 */
export function readCatalogFile<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  const text = readTextFile(file, 'a file of the catalogue', 'take it from git again.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw syntaxError(text, file, error as SyntaxError);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  return validateDocument(parseYamlDocument(text, file), schema, CODE, NEXT);
}

/** Where a value of a file stands; the file is read again, so this is for errors only. */
export function locateInCatalogFile(file: string, path: ValuePath): Location {
  return parseYamlDocument(readTextFile(file, 'a file of the catalogue', NEXT), file).locate(path);
}

function syntaxError(text: string, file: string, error: SyntaxError): KitError {
  if (text.trim() === '')
    return new KitError({ code: CODE, message: 'the file is empty.', location: { file }, next: NEXT }, { cause: error });
  const problem: Problem = {
    code: CODE,
    message: `not JSON: ${error.message}.`,
    location: { file, ...positionIn(text, error.message) },
    next: NEXT,
  };
  return new KitError(problem, { cause: error });
}

/** V8 says "at position N", but not for an unexpected token; that one stands behind the longest beginning that could still become JSON. */
function positionIn(text: string, message: string): { line: number; column: number } {
  const stated = /at position (\d+)/.exec(message)?.[1];
  const before = text.slice(0, stated === undefined ? viableLength(text) : Number(stated)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function viableLength(text: string): number {
  let viable = 0;
  let broken = text.length;
  while (broken - viable > 1) {
    const middle = Math.floor((viable + broken) / 2);
    if (couldBecomeJson(text.slice(0, middle))) viable = middle;
    else broken = middle;
  }
  return viable;
}

function couldBecomeJson(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    return message.includes('end of JSON input') || message.includes(`at position ${beginning.length}`);
  }
}
