import { cleanText } from './clean';

const ZERO_WIDTH_SPACE = '\u200b';
/** Longest input text in one cell or list item. */
const MAX_CHARACTERS = 300;

/**
 * Input text for GitHub-flavoured Markdown, as words only: no HTML, link, mention, issue reference, autolink, maths, image or table cell can come of it.
 *
 * Every ASCII punctuation that Markdown gives a meaning is escaped with a backslash (CommonMark 2.4). What GitHub looks for in the
 * finished text (`@name`, `#12`, `GH-12`, `www.`, `://`, `user/repo@sha`) is broken by a zero-width space, since an escape would not stop it.
 */
export function markdownText(text: string, maxCharacters = MAX_CHARACTERS): string {
  const clean = cleanText(text).trim();
  const cut =
    clean.length > maxCharacters
      ? `${Array.from(clean)
          .slice(0, maxCharacters - 1)
          .join('')}…`
      : clean;
  return cut
    .replace(/[\\`*_{}[\]()<>#+!|~&@$:=^"]/g, '\\$&')
    .replace(/\\[@#:]/g, `$&${ZERO_WIDTH_SPACE}`)
    .replace(/\b(GH)-(?=\d)/gi, `$1-${ZERO_WIDTH_SPACE}`)
    .replace(/\bwww\./gi, `$&${ZERO_WIDTH_SPACE}`)
    .replace(/[0-9a-f]{7,}/gi, (hex) => hex.replace(/.{6}(?=.)/g, `$&${ZERO_WIDTH_SPACE}`));
}

/** One row of a table; the cells are Markdown already. */
export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
