import type { z } from 'zod';
import { KitError, type Problem } from '../core/error';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument } from '../core/yaml-document';

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

/** V8 says "at position N" or "(line L column C)"; when it says neither (an end that came too early) the end of the text is the place. */
function positionIn(text: string, message: string): { line: number; column: number } {
  const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
