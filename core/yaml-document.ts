import { Composer, type Document, isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, type ParsedNode, Parser } from 'yaml';
import { KitError, type Location, type Problem } from './error';
import { controlCharacterProblem, nestingProblem, syntaxProblems } from './yaml-syntax';
import { aliasProblem, keyProblem } from './yaml-tree';

/** Keys from the root to a value, as zod reports them. */
export type ValuePath = readonly PropertyKey[];

/** A parsed YAML file that still knows where each value stands. */
export interface YamlDocument {
  readonly file: string;
  /** Plain JSON data: maps have no prototype tricks, since `__proto__` is refused as a key. */
  readonly value: unknown;
  /** Where a value (or its key, with `at: 'key'`) stands; the nearest existing ancestor when it is missing. */
  locate(path: ValuePath, at?: 'key' | 'value'): Location;
}

/** Plain YAML 1.2: no other tags than the core ones, no merge keys, keys are text. */
const YAML_OPTIONS = {
  version: '1.2',
  schema: 'core',
  resolveKnownTags: false,
  stringKeys: true,
  uniqueKeys: true,
  merge: false,
  prettyErrors: false,
} as const;

/**
 * Parses one YAML 1.2 document with positions.
 * Refuses bytes that are not text, tabs, duplicate keys, several documents, unknown tags, alias bombs, cycles,
 * nesting that no configuration has, and the key `__proto__`.
 * @throws KitError E_YAML_SYNTAX with every syntax error of the file
 */
export function parseYamlDocument(text: string, file: string): YamlDocument {
  refuse(controlCharacterProblem(text, file));
  const lines = new LineCounter();
  const position = (offset: number): Location => {
    const at = lines.linePos(offset);
    return { file, line: Math.max(1, at.line), column: Math.max(1, at.col) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  // The composer recurses, and a deep enough file ends the whole process inside it, so that depth is measured before.
  refuse(nestingProblem(tokens, position));
  const documents = [...new Composer({ ...YAML_OPTIONS, lineCounter: lines }).compose(tokens)];
  refuse(syntaxProblems(text, documents, position));
  const [document] = documents;
  const root = (document?.contents ?? null) as ParsedNode | null;
  if (document) refuse(keyProblem(root, position) ?? aliasProblem(document, position));
  return {
    file,
    value: document?.toJS({ maxAliasCount: -1 }) ?? null,
    locate: (path, at = 'value') => position(offsetOf(root, path, at, document)),
  };
}

function refuse(problems: Problem | readonly Problem[] | undefined): void {
  if (problems !== undefined && (!Array.isArray(problems) || problems.length > 0)) throw new KitError(problems);
}

function offsetOf(root: Node | null, path: ValuePath, at: 'key' | 'value', document: Document | undefined): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const pair = childOf(node, step);
    if (pair === undefined) return offset;
    const key = isPair(pair) ? (pair.key as Node | null) : null;
    const value = (isPair(pair) ? pair.value : pair) as Node | null;
    // A missing child of a block is reported at the block's key, an empty value at its own key.
    const target = last && at === 'value' && !isEmpty(value) ? value : (key ?? value);
    offset = target?.range?.[0] ?? offset;
    node = document && value ? (resolveAlias(value, document) ?? value) : value;
  }
  return offset;
}

function isEmpty(value: Node | null): boolean {
  return value === null || (isScalar(value) && value.value === null && value.source === '');
}

function resolveAlias(value: Node, document: Document): Node | undefined {
  return 'resolve' in value && typeof value.resolve === 'function' ? (value.resolve(document) as Node | undefined) : undefined;
}

function childOf(node: unknown, step: PropertyKey): Pair | Node | undefined {
  if (isMap(node)) return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step));
  if (isSeq(node) && typeof step === 'number') return node.items[step] as Node | undefined;
  return undefined;
}
