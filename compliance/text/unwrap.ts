/**
 * A text without the HTML or Markdown that only lays it out. Tags that could hide or strike something (comments, del, style, script,
 * attributes) stay where they are, and so show as words that do not belong to the licence.
 */
export function unwrapMarkup(text: string): string {
  const plain = LOOKS_LIKE_HTML.test(text) ? stripPlainTags(text) : text;
  return plain.replace(/^[ \t>]*(?:`{3,}|~{3,})[ \t]*\w*[ \t]*$/gm, '');
}

const LOOKS_LIKE_HTML = /^\s*(?:<!doctype html[^<>]*>\s*)?<(?:html|body|pre|div|p|h[1-6]|center|article|section|main)\b/i;
const PLAIN_TAG =
  /<!doctype html[^<>]*>|<\/?(?:html|head|title|body|article|section|main|pre|code|tt|p|br|hr|div|span|center|h[1-6]|b|i|em|strong|ul|ol|li|dl|dt|dd|blockquote)(?: lang="[a-z-]+")? ?\/?>|<meta charset="?[\w-]+"? ?\/?>/gi;
const BLOCK = /^<\/?(?:title|p|br|hr|div|h[1-6]|li|pre|ul|ol|dt|dd|blockquote|center|article|section|main)\b/i;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  ldquo: '"',
  rdquo: '"',
  lsquo: "'",
  rsquo: "'",
  mdash: '-',
  ndash: '-',
};

function stripPlainTags(text: string): string {
  return text
    .replace(PLAIN_TAG, (tag) => (BLOCK.test(tag) ? '\n' : ''))
    .replace(/&#(\d{2,5});/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, (all, name: string) => (Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] as string) : all));
}
