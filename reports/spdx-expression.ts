import parse from 'spdx-expression-parse';

/** Longer texts are not parsed; no real licence field comes near it. */
const MAX_CHARACTERS = 500;

/** The text when it is an SPDX expression as it stands, else null: formats that want an expression refuse anything else. */
export function spdxExpression(text: string | null): string | null {
  if (text === null || text.length > MAX_CHARACTERS) return null;
  try {
    parse(text);
    return text;
  } catch {
    return null;
  }
}
