import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Location, Problem } from './error';

/** Aliases (`*name`) that a file may hold, and values that they may add to it. */
const MAX_ALIASES = 32;
const MAX_EXPANDED_NODES = 2_000;

type Position = (offset: number) => Location;

/** A key that would reach the prototype of the plain objects that a file becomes. */
export function keyProblem(root: Node | null, position: Position): Problem | undefined {
  for (const node of walk(root)) {
    if (!isMap(node)) continue;
    const key = node.items.map((pair) => pair.key).find((candidate) => isScalar(candidate) && candidate.value === '__proto__');
    if (isScalar(key)) {
      return {
        code: 'E_YAML_SYNTAX',
        message: 'the key "__proto__" is not allowed.',
        location: position(key.range?.[0] ?? 0),
        next: 'remove the key.',
      };
    }
  }
  return undefined;
}

/** Aliases that cannot be followed, that contain themselves, or that blow a small file up ("billion laughs"). */
export function aliasProblem(document: Document, position: Position): Problem | undefined {
  const aliases = [...walk(document.contents)].filter(isAlias);
  const problem = (alias: (typeof aliases)[number], message: string): Problem => ({
    code: 'E_YAML_SYNTAX',
    message,
    location: position(alias.range?.[0] ?? 0),
    allowed: `at most ${MAX_ALIASES} aliases, each to an anchor that stands above it.`,
    next: 'write the value out instead of the alias.',
  });
  const sizes = new Map<Node, number>();
  let expanded = 0;
  for (const [index, alias] of aliases.entries()) {
    if (index >= MAX_ALIASES) return problem(alias, `the file holds ${aliases.length} aliases.`);
    const target = alias.resolve(document);
    if (!target) return problem(alias, `the alias "*${alias.source}" has no anchor above it.`);
    if ([...walk(target)].includes(alias)) return problem(alias, `the alias "*${alias.source}" contains itself.`);
    expanded += expandedSize(target, document, sizes);
    if (expanded > MAX_EXPANDED_NODES) {
      return problem(alias, `the alias "*${alias.source}" makes the file grow by more than ${MAX_EXPANDED_NODES} values.`);
    }
  }
  return undefined;
}

/** Nodes below a node with every alias written out; memoised, so that a bomb is weighed and not set off. */
function expandedSize(node: Node, document: Document, sizes: Map<Node, number>): number {
  const known = sizes.get(node);
  if (known !== undefined) return known;
  let size = 0;
  for (const inner of walk(node)) {
    const target = isAlias(inner) ? inner.resolve(document) : undefined;
    size += target ? expandedSize(target, document, sizes) : 1;
  }
  sizes.set(node, size);
  return size;
}

/** Every node below a node, itself included, without following aliases. */
function* walk(root: unknown): Generator<Node> {
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (node === null || node === undefined) continue;
    if (isMap(node)) stack.push(...node.items.flatMap((pair) => [pair.key, pair.value]).reverse());
    else if (isSeq(node)) stack.push(...[...node.items].reverse());
    yield node as Node;
  }
}
