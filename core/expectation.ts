import { z } from 'zod';
import { shorten } from './printable';
import type { ValuePath } from './yaml-document';

/** The parts of a JSON Schema that a message is made of. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly description?: string;
}

/** A zod schema as the tree of what may be written in the file. */
export function schemaTree(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
}

/** Nodes that a schema has at a path; several below a union. */
export function nodesAt(root: SchemaNode, path: ValuePath): readonly SchemaNode[] {
  return path.reduce<readonly SchemaNode[]>((nodes, step) => nodes.flatMap((node) => branchesOf(childOf(node, step))), branchesOf(root));
}

/** Node before its union is opened, for a message about the union itself. */
export function nodeAt(root: SchemaNode, path: ValuePath): SchemaNode | undefined {
  if (path.length === 0) return root;
  return nodesAt(root, path.slice(0, -1))
    .map((node) => childOf(node, path[path.length - 1] as PropertyKey))
    .find((node) => node !== undefined);
}

/** What a node accepts, in words: "a finite number, more than 0, at most 744", "a block of keys: name, owner". */
export function describeNode(node: SchemaNode): string {
  if (node.const !== undefined) return String(node.const);
  if (node.enum) return node.enum.map(String).join(', ');
  const branches = node.anyOf ?? node.oneOf;
  if (branches) return describeUnion(branches);
  if (Array.isArray(node.type)) return describeUnion(node.type.map((type) => ({ ...node, type })));
  switch (node.type) {
    case 'object':
      return node.properties ? `a block of keys: ${Object.keys(node.properties).join(', ')}` : 'a block of keys';
    case 'array':
      return `a list${counted(node.minItems, node.maxItems, 'entry', 'entries')}${node.items ? `, each of them ${node.items.enum ? 'one of ' : ''}${describeNode(node.items)}` : ''}`;
    case 'integer':
      return `a whole number${bounded(node)}`;
    case 'number':
      return `a finite number${bounded(node)}`;
    case 'string':
      return `text${counted(node.minLength, node.maxLength, 'character', 'characters')}`;
    case 'boolean':
      return 'true or false';
    default:
      return 'another value';
  }
}

/** The schema's own sentence on a node, to stand in brackets behind what is allowed. */
export function meaningOf(node: SchemaNode): string {
  return node.description ? ` (${shorten(node.description.replace(/\.$/, ''), MAX_MEANING_LENGTH)})` : '';
}

/** Dotted places in the schema where a key of this name is known, such as "budget.monthlyUsd". */
export function placesOf(root: SchemaNode, key: string, prefix = ''): readonly string[] {
  return branchesOf(root).flatMap((node) =>
    Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
      ...(name === key ? [`${prefix}${name}`] : []),
      ...placesOf(child, key, `${prefix}${name}.`),
    ]),
  );
}

const MAX_MEANING_LENGTH = 200;

function branchesOf(node: SchemaNode | undefined): readonly SchemaNode[] {
  if (!node) return [];
  const branches = node.anyOf ?? node.oneOf;
  return branches ? branches.flatMap(branchesOf) : [node];
}

function childOf(node: SchemaNode, step: PropertyKey): SchemaNode | undefined {
  if (typeof step === 'number') return node.items;
  const name = String(step);
  if (node.properties && Object.hasOwn(node.properties, name)) return node.properties[name];
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

function describeUnion(branches: readonly SchemaNode[]): string {
  const shapes = branches.map((branch) => (branch.properties ? blockShape(branch) : describeNode(branch)));
  return shapes.length > 1 && branches.every((branch) => branch.properties)
    ? `one of the blocks ${shapes.join(', ')}`
    : shapes.join(' or ');
}

/** `{digest, repository?}` or `{state: unbuilt, recipe}`: the keys of a block, with the values that are fixed. */
function blockShape(node: SchemaNode): string {
  const keys = Object.entries(node.properties ?? {}).map(([name, child]) => {
    if (child.const !== undefined) return `${name}: ${String(child.const)}`;
    return node.required?.includes(name) ? name : `${name}?`;
  });
  return `{${keys.join(', ')}}`;
}

function bounded(node: SchemaNode): string {
  const bounds: string[] = [];
  if (node.exclusiveMinimum !== undefined) bounds.push(`more than ${node.exclusiveMinimum}`);
  else if (node.minimum !== undefined && node.minimum > Number.MIN_SAFE_INTEGER) bounds.push(`at least ${node.minimum}`);
  if (node.exclusiveMaximum !== undefined) bounds.push(`less than ${node.exclusiveMaximum}`);
  else if (node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER) bounds.push(`at most ${node.maximum}`);
  return bounds.length > 0 ? `, ${bounds.join(', ')}` : '';
}

function counted(min: number | undefined, max: number | undefined, one: string, many: string): string {
  if (max !== undefined) return ` of ${min ?? 0} to ${max} ${many}`;
  return min === undefined ? '' : ` of at least ${min} ${min === 1 ? one : many}`;
}
