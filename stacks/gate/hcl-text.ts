/**
 * A text for a string of the synthesised JSON that Terraform and CDKTF both leave as it is.
 * Terraform reads `${` and `%{` in JSON strings as templates; CDKTF replaces whatever looks like one of its own tokens.
 * Source: Terraform language, JSON configuration syntax, "expression mapping"; cdktf 0.21 lib/tokens/private/encoding.
 */
export function hclText(text: string): string {
  return text.replace(TOKEN_BRACKET, '(').replace(/[$%](?=\{)/g, (sign) => sign + sign);
}

/**
 * JSON for an attribute that is itself a JSON or YAML document, e.g. the values of a Helm release.
 * The signs that would start a template or a token are written as JSON escapes, so that the value arrives unchanged.
 */
export function hclJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/[$%#&](?=\{)/g, jsonEscape)
    .replace(TOKEN_BRACKET, jsonEscape);
}

/** The bracket of a text that looks like a token of CDKTF; `leakedTokens` takes one for a fault of the kit. */
const TOKEN_BRACKET = /(?<=TfToken)\[|\[(?=TOKEN\.)/gi;

function jsonEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Cuts a text to a length, with an ellipsis; line breaks become spaces, since the text stands in one line of a terminal. */
export function oneLine(text: string, limit: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  const flat = text.replace(/[\u0000-\u001f\u007f\u2028\u2029\s]+/g, ' ').trim();
  const characters = [...flat];
  return characters.length <= limit
    ? flat
    : `${characters
        .slice(0, limit - 1)
        .join('')
        .trimEnd()}…`;
}
