import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, type ParsedNode, parseAllDocuments } from 'yaml';
import { KitError, type Location, type Problem } from './error';

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

const MAX_ALIASES = 32;

/**
 * Parses one YAML 1.2 document with positions.
 * Refuses tabs, duplicate keys, several documents, merge keys, alias bombs and the key `__proto__`.
 * @throws KitError E_YAML_SYNTAX with every syntax error of the file
 */
export function parseYamlDocument(text: string, file: string): YamlDocument {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const position = (offset: number): Location => {
    const at = lines.linePos(offset);
    return { file, line: at.line, column: at.col };
  };
  const problems: Problem[] = documents.flatMap((document) =>
    document.errors.map((error) => ({ code: 'E_YAML_SYNTAX', message: `${firstLine(error.message)}.`, location: position(error.pos[0]) })),
  );
  if (documents.length > 1) {
    problems.push({
      code: 'E_YAML_SYNTAX',
      message: `the file holds ${documents.length} YAML documents, one is allowed.`,
      location: { file },
    });
  }
  if (problems.length > 0) throw new KitError(problems);
  const root = (documents[0]?.contents ?? null) as ParsedNode | null;
  const locate = (path: ValuePath, at: 'key' | 'value' = 'value'): Location => position(offsetOf(root, path, at));
  rejectPrototypeKeys(root, position);
  return { file, value: toPlainValue(documents[0], file), locate };
}

function toPlainValue(document: ReturnType<typeof parseAllDocuments>[number] | undefined, file: string): unknown {
  try {
    return document?.toJS({ maxAliasCount: MAX_ALIASES }) ?? null;
  } catch (error) {
    throw new KitError(
      {
        code: 'E_YAML_SYNTAX',
        message: `${firstLine(String((error as Error).message))}.`,
        location: { file },
        allowed: `at most ${MAX_ALIASES} expanded aliases.`,
      },
      { cause: error },
    );
  }
}

function rejectPrototypeKeys(node: Node | null, position: (offset: number) => Location): void {
  const visit = (current: unknown): void => {
    if (isMap(current)) {
      for (const pair of current.items) {
        if (isScalar(pair.key) && pair.key.value === '__proto__') {
          throw new KitError({
            code: 'E_YAML_SYNTAX',
            message: 'the key "__proto__" is not allowed.',
            location: position(pair.key.range?.[0] ?? 0),
          });
        }
        visit(pair.value);
      }
    } else if (isSeq(current)) {
      current.items.forEach(visit);
    }
  };
  visit(node);
}

function offsetOf(root: Node | null, path: ValuePath, at: 'key' | 'value'): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const pair = childOf(node, step);
    if (pair === undefined) return offset;
    const key = isPair(pair) ? (pair.key as Node | null) : null;
    const value = (isPair(pair) ? pair.value : pair) as Node | null;
    const target = last && at === 'key' && key ? key : (value ?? key);
    offset = target?.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}

function childOf(node: unknown, step: PropertyKey): Pair | Node | undefined {
  if (isMap(node)) return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step));
  if (isSeq(node) && typeof step === 'number') return node.items[step] as Node | undefined;
  return undefined;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/[.:]$/, '');
}
