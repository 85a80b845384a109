import { KitError, type Location } from '../core/error';

/**
 * Parses JSON and says where it breaks.
 * @throws KitError with the given code and line and column
 */
export function parseJsonFile(text: string, file: string, code: string, next: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = (cause as Error).message;
    const empty = text.trim() === '';
    const truncated = /end of JSON input|Unterminated/.test(message);
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const what = empty ? 'the file is empty.' : truncated ? 'the file ends in the middle (truncated?).' : 'the file is not JSON.';
    throw new KitError({ code, message: what, location: positionOf(text, file, truncated ? text.length : offset), next }, { cause });
  }
}

function positionOf(text: string, file: string, offset: number): Location {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
