import { KitError, type Location } from '../core/error';
import { repeatedKey } from '../core/json-keys';
import { printable, shorten } from '../core/printable';

/**
 * Parses JSON and says where it breaks, or where it says two things under one key.
 * @throws KitError with the given code and line and column
 */
export function parseJsonFile(text: string, file: string, code: string, next: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const message = (cause as Error).message;
    const empty = text.trim() === '';
    const truncated = /end of JSON input|Unterminated/.test(message);
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const what = empty ? 'the file is empty.' : truncated ? 'the file ends in the middle (truncated?).' : 'the file is not JSON.';
    throw new KitError({ code, message: what, location: positionOf(text, file, truncated ? text.length : offset), next }, { cause });
  }
  // what a program wrote in the usual form comes out of its own value letter by letter, which a key that stands twice would not
  const twice = JSON.stringify(value, null, 2) === text.trimEnd() ? undefined : repeatedKey(text);
  if (twice === undefined) return value;
  const what = `the key "${shorten(printable(twice.key), MAX_SHOWN)}" stands twice in one object.`;
  throw new KitError({ code, message: what, location: positionOf(text, file, twice.offset), next });
}

const MAX_SHOWN = 100;

function positionOf(text: string, file: string, offset: number): Location {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
