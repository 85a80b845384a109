import { type CST, type Document, isMap, isScalar, type ParsedNode, visit, type YAMLError } from 'yaml';
import type { Location, Problem } from './error';
import { printable, shorten } from './printable';

/** Blocks within blocks that a file may have; the kit's own files stay below 10. */
const MAX_DEPTH = 64;
/** Syntax problems of one file that are printed; the rest is mostly their consequence. */
const MAX_PROBLEMS = 20;

type Position = (offset: number) => Location;

/** A character that text files do not have: the file is binary, UTF-16, or not valid UTF-8. */
export function controlCharacterProblem(text: string, file: string): Problem | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that YAML 1.2 refuses (5.1), and the mark of undecodable bytes
  const at = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd\ufffe\uffff]/);
  if (at < 0) return undefined;
  const before = text.slice(0, at).split('\n');
  return {
    code: 'E_YAML_SYNTAX',
    message: `the file is not plain UTF-8 text: it holds ${text[at] === '\ufffd' ? 'bytes that are not UTF-8' : `the control character ${printable(text[at] ?? '')}`}.`,
    location: { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
    allowed: 'YAML text in UTF-8.',
    next: 'check that this is the file you meant, and save it as UTF-8.',
  };
}

/** Nesting beyond any configuration. */
export function nestingProblem(tokens: readonly CST.Token[], position: Position): Problem | undefined {
  const stack: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { token, depth } = entry;
    if (depth > MAX_DEPTH) {
      return {
        code: 'E_YAML_SYNTAX',
        message: `blocks are nested more than ${MAX_DEPTH} deep.`,
        location: position(token.offset),
        next: 'write the file as plain blocks of keys and lists.',
      };
    }
    for (const child of childTokens(token)) stack.push({ token: child, depth: depth + 1 });
  }
  return undefined;
}

function childTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) =>
    ['key' in item ? item.key : undefined, item.value].filter((child) => child !== undefined && child !== null),
  );
}

/** What the YAML parser found, in the kit's words; unknown tags, which it only warns of, count as errors. */
export function syntaxProblems(text: string, documents: readonly Document.Parsed[], position: Position): readonly Problem[] {
  const tab = documents.some((document) => document.errors.length > 0) ? indentationTab(text) : -1;
  const problems = documents.flatMap((document) =>
    [...document.errors, ...document.warnings]
      .filter((error) => tab < 0 || error.pos[0] < tab)
      .map((error) => ({ code: 'E_YAML_SYNTAX', location: position(error.pos[0]), ...explain(error, text, document, position) })),
  );
  if (tab >= 0) problems.push({ code: 'E_YAML_SYNTAX', location: position(tab), ...TAB });
  const second = documents[1];
  if (second) {
    problems.push({
      code: 'E_YAML_SYNTAX',
      message: `the file holds ${documents.length} YAML documents, one is allowed.`,
      location: position(second.range[0]),
      next: 'remove the line "---" and what does not belong to the file.',
    });
  }
  return problems.slice(0, MAX_PROBLEMS);
}

const TAB = { message: 'a tab is used to indent the line.', allowed: 'spaces.', next: 'replace the tab by spaces.' };

/** Offset of the first tab in front of a line's text; what the parser says of the lines behind it is its consequence. */
function indentationTab(text: string): number {
  const match = /^ *\t[ \t]*[^\s#]/m.exec(text);
  return match ? match.index + match[0].indexOf('\t') : -1;
}

type Explained = Pick<Problem, 'message' | 'allowed' | 'next'>;

function explain(error: YAMLError, text: string, document: Document.Parsed, position: Position): Explained {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return TAB;
    case 'DUPLICATE_KEY':
      return duplicateKey(error.pos[0], document, position);
    case 'TAG_RESOLVE_FAILED':
      return {
        message: `the tag "${shown(text.slice(error.pos[0], error.pos[1]))}" is not known.`,
        allowed: 'plain values without tags.',
        next: 'remove the tag; put quotes around a value that starts with "!".',
      };
    case 'NON_STRING_KEY':
      return { message: 'a key is not plain text.', allowed: 'one word or quoted text as a key.', next: 'rename the key.' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { message: 'a second ": " stands in the line.', next: 'put the value in quotes.' };
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'the line has no ":" behind its key.', next: 'write "key: value", or indent the line below its key.' };
    case 'BAD_SCALAR_START':
      return { message: `${parserWords(error)}.`, next: 'put the value in quotes.' };
    default:
      return {
        message: error.message.startsWith('Missing closing') ? 'a quotation mark is not closed.' : `${parserWords(error)}.`,
        next: 'mend the line; quote values that hold ": " or " #".',
      };
  }
}

function parserWords(error: YAMLError): string {
  const words = (error.message.split('\n')[0] ?? '').replace(/[.:]$/, '');
  return shown(`${words.charAt(0).toLowerCase()}${words.slice(1)}`);
}

function duplicateKey(offset: number, document: Document.Parsed, position: Position): Explained {
  let name = '';
  let firstLine: number | undefined;
  visit(document, {
    Pair: (_step, pair, path) => {
      const key = pair.key as ParsedNode | null;
      if (!isScalar(key) || key.range[0] !== offset) return undefined;
      const map = path.at(-1);
      const first = isMap(map)
        ? (map.items.find((other) => isScalar(other.key) && other.key.value === key.value)?.key as ParsedNode | undefined)
        : undefined;
      name = String(key.value);
      firstLine = first ? position(first.range[0]).line : undefined;
      return visit.BREAK;
    },
  });
  return {
    message: `the key "${shown(name)}" is given twice${firstLine ? `, first in line ${firstLine}` : ''}.`,
    next: 'keep one of the two lines.',
  };
}

function shown(text: string): string {
  return shorten(printable(text), 100);
}
