/**
 * A text that is safe on one line of a terminal: line breaks, control characters, lone surrogates and characters that
 * reorder or hide text (Unicode bidirectional controls) are written as escapes, so that no input can break or forge a message.
 */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value as JSON for a message, on one line and cut when it is long. */
export function showValue(value: unknown, maxLength = MAX_VALUE_LENGTH): string {
  if (typeof value === 'number') return NUMBER_WORDS.get(value) ?? (Number.isNaN(value) ? '.nan' : String(value));
  return shorten(printable(JSON.stringify(value) ?? String(value)), maxLength);
}

/** Cuts a text to a length and says so. */
export function shorten(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
}

/** Characters of a value that a message shows; the location leads to the rest. */
const MAX_VALUE_LENGTH = 120;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** As YAML writes them. */
const NUMBER_WORDS = new Map<number, string>([
  [Number.POSITIVE_INFINITY, '.inf'],
  [Number.NEGATIVE_INFINITY, '-.inf'],
]);

const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be escaped
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
