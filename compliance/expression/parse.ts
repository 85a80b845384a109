import spdxParse from 'spdx-expression-parse';
import { exceptionId, licenceId } from './licence-ids';

/** One licence of an expression. `key` is what a policy row is compared with. */
export interface Leaf {
  readonly kind: 'leaf';
  /** Canonical text: `Apache-2.0`, `GPL-2.0-or-later`, `Apache-2.0+`, `X WITH Y`, `LicenseRef-x`. */
  readonly key: string;
  /** Id without `+` and exception; for references the whole reference. */
  readonly id: string;
  readonly plus: boolean;
  readonly exception: string | undefined;
  readonly reference: boolean;
}
/** All sides of one AND or OR; a chain `A AND B AND C` is one node. */
export interface Compound {
  readonly kind: 'and' | 'or';
  readonly sides: readonly ExpressionNode[];
}
export type ExpressionNode = Leaf | Compound;
export type ParseResult = { readonly ok: true; readonly root: ExpressionNode } | { readonly ok: false; readonly problem: string };

/** Longest expression that is read, in characters; the parser is quadratic in it. */
export const MAX_CHARACTERS = 8192;
/** Most licences in one expression; the longest in Debian's and npm's archives stay far below. */
export const MAX_LEAVES = 256;
/** Deepest nesting of brackets. */
export const MAX_DEPTH = 32;

/**
 * Reads an SPDX licence expression. Case of ids and operators does not matter, and neither do spaces; nothing is corrected or guessed.
 * Never throws: what is not an expression comes back as a problem in words.
 */
export function parseExpression(text: string): ParseResult {
  if (text.length > MAX_CHARACTERS) return problem(`longer than ${MAX_CHARACTERS} characters`);
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.length === 0) return problem('empty');
  // The parser takes `() MIT` for `MIT`.
  if (tokens.some((token, at) => token === '(' && tokens[at + 1] === ')')) return problem('brackets with nothing in them');
  const folded: string[] = [];
  let depth = 0;
  let leaves = 0;
  for (const token of tokens) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth > MAX_DEPTH) return problem(`nested deeper than ${MAX_DEPTH} brackets`);
    if (depth < 0) return problem('a closing bracket without an opening one');
    const canonical = foldToken(token);
    if (canonical === undefined) return problem(`"${clip(token)}" is not an SPDX licence id`);
    if (!GRAMMAR.has(canonical)) leaves += 1;
    if (leaves > MAX_LEAVES) return problem(`more than ${MAX_LEAVES} licences`);
    folded.push(canonical);
  }
  try {
    return checked(spdxParse(folded.join(' ')));
  } catch {
    // The parser reports a syntax error by throwing, sometimes a TypeError of its own.
    return problem('not a well-formed SPDX expression');
  }
}

/** The expression as the kit writes it, so that two spellings of the same thing compare equal. */
export function formatExpression(node: ExpressionNode, parent: 'and' | 'or' | undefined = undefined): string {
  if (node.kind === 'leaf') return node.key;
  const text = node.sides.map((side) => formatExpression(side, node.kind)).join(` ${node.kind.toUpperCase()} `);
  return parent !== undefined && parent !== node.kind ? `(${text})` : text;
}

/** Brackets, or what stands between ASCII white space; a no-break space or an invisible character is part of its word and makes it unknown. */
const TOKEN = /[()]|[^ \t\r\n\f\v()]+/g;
const GRAMMAR: ReadonlySet<string> = new Set(['(', ')', 'AND', 'OR', 'WITH']);
const REFERENCE = /^(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/;

function foldToken(token: string): string | undefined {
  const upper = token.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  if (GRAMMAR.has(upper)) return upper;
  if (REFERENCE.test(token)) return token;
  const plus = token.endsWith('+') ? '+' : '';
  const id = licenceId(plus ? token.slice(0, -1) : token);
  if (id !== undefined) return id + plus;
  return plus ? undefined : exceptionId(token);
}

type ParsedNode = ReturnType<typeof spdxParse>;

function checked(parsed: ParsedNode): ParseResult {
  const root = convert(parsed);
  return typeof root === 'string' ? problem(root) : { ok: true, root };
}

function convert(node: ParsedNode): ExpressionNode | string {
  if ('conjunction' in node) {
    const kind = node.conjunction;
    const sides: ExpressionNode[] = [];
    for (const part of [node.left, node.right]) {
      const side = convert(part);
      if (typeof side === 'string') return side;
      if (side.kind === kind) sides.push(...side.sides);
      else sides.push(side);
    }
    return { kind, sides };
  }
  const { license: id, exception } = node;
  const plus = node.plus === true;
  if (plus && /-(only|or-later)$/.test(id)) return `"${id}+" says two things about later versions`;
  const orLater = plus ? laterId(id) : undefined;
  const base = orLater ?? (plus ? `${id}+` : id);
  const key = exception === undefined ? base : `${base} WITH ${exception}`;
  return { kind: 'leaf', key, id: orLater ?? id, plus: plus && orLater === undefined, exception, reference: id.includes('LicenseRef-') };
}

/** `GPL-2.0+` is the old spelling of `GPL-2.0-or-later`; SPDX defines them as equal. */
function laterId(id: string): string | undefined {
  return licenceId(`${id}-or-later`);
}

function problem(text: string): ParseResult {
  return { ok: false, problem: text };
}

function clip(token: string): string {
  return token.length > 60 ? `${token.slice(0, 57)}...` : token;
}
