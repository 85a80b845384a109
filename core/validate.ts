import type { z } from 'zod';
import { KitError, type Problem } from './error';
import { describeNode, meaningOf, nodeAt, nodesAt, placesOf, type SchemaNode, schemaTree } from './expectation';
import { didYouMean, nearest } from './nearest';
import { shorten, showValue } from './printable';
import { narrowUnions } from './union-issues';
import type { ValuePath, YamlDocument } from './yaml-document';

/** Problems of one file that are printed; more of them are only counted. */
const MAX_PROBLEMS = 50;
const MAX_KEY_LENGTH = 80;

/**
 * Checks a document against its schema and gives back typed data.
 * Every problem is reported at once, with file, line and column, the allowed values and the nearest spelling.
 *
 * @param code  error code of this kind of file, e.g. E_RELEASE_INVALID
 * @param next  the next step where the problem itself does not name one
 * @throws KitError
 */
export function validateDocument<T extends z.ZodType>(document: YamlDocument, schema: T, code: string, next: string): z.output<T> {
  if (document.value === null) {
    throw new KitError({ code, message: 'the file is empty.', location: { file: document.file, line: 1, column: 1 }, next });
  }
  const result = schema.safeParse(document.value, { reportInput: true });
  if (result.success) return result.data;
  const tree = schemaTree(schema);
  const problems = narrowUnions(result.error.issues)
    .flatMap((issue) => toProblems(issue, document, tree))
    .map((problem) => ({ ...problem, code, next: problem.next ?? next }))
    .sort(byPosition);
  throw new KitError(capped(withoutRepeats(problems), code, document.file));
}

type Issue = z.core.$ZodIssue;
type Finding = Omit<Problem, 'code'>;

function toProblems(issue: Issue, document: YamlDocument, tree: SchemaNode): Finding[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue, key, document, tree));
  const node = nodeAt(tree, issue.path);
  const name = issue.path.length > 0 ? `"${dotted(issue.path)}"` : 'the file';
  const location = document.locate(issue.path);
  if (issue.input === undefined) {
    const allowed = node ? `${describeNode(node)}${meaningOf(node)}.` : undefined;
    return [{ message: `${name} is missing.`, location, allowed, next: addNext(issue.path) }];
  }
  return [
    {
      message: `${name} ${found(issue.input)}${reason(issue)}.${spelling(issue)}`,
      location,
      allowed: expectation(issue, node),
      next: repair(issue, node, isRequired(tree, issue.path)),
    },
  ];
}

function unknownKey(issue: Issue, key: string, document: YamlDocument, tree: SchemaNode): Finding {
  const nodes = nodesAt(tree, issue.path);
  const known = [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
  const here = dotted(issue.path);
  const given = Object.keys((issue.input ?? {}) as object);
  const suggestion =
    suggestKey(
      key,
      known.filter((word) => !given.includes(word)),
    ) ?? placesOf(tree, key).find((place) => place !== dotted([...issue.path, key]));
  const union = nodes.length > 1 ? nodeAt(tree, issue.path) : undefined;
  return {
    message: `unknown key "${dotted([...issue.path, key])}".${suggestion ? ` Did you mean "${suggestion}"?` : ''}`,
    location: document.locate([...issue.path, key], 'key'),
    allowed: union ? `${describeNode(union)}.` : known.length > 0 ? `${here ? `below "${here}": ` : ''}${known.join(', ')}.` : undefined,
    next: suggestion ? `write "${suggestion}", or remove the key.` : 'remove the key.',
  };
}

/** A key that only lacks its unit ("timeToFirstToken") comes before the nearest spelling. */
function suggestKey(typed: string, known: readonly string[]): string | undefined {
  const plain = typed.toLowerCase().replaceAll(/[-_ ]/g, '');
  const withoutUnit = known.filter((word) => plain.length >= 3 && word.toLowerCase().startsWith(plain));
  return withoutUnit.length === 1 ? withoutUnit[0] : (nearest(plain, known) ?? nearest(typed, known));
}

function found(input: unknown): string {
  if (input === null) return 'has no value';
  if (Array.isArray(input)) return `is a list, ${showValue(input, 60)}`;
  return typeof input === 'object' ? `is a block of keys, ${showValue(input, 60)}` : `is ${showValue(input)}`;
}

/** What a rule of the schema itself has to say, beyond what is allowed. */
function reason(issue: Issue): string {
  return issue.code === 'invalid_union' && issue.message !== 'Invalid input' ? `: ${issue.message}` : '';
}

function spelling(issue: Issue): string {
  return issue.code === 'invalid_value' && typeof issue.input === 'string' ? didYouMean(issue.input, issue.values.map(String)) : '';
}

function expectation(issue: Issue, node: SchemaNode | undefined): string {
  if (issue.code === 'invalid_value') return `${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'invalid_format' || issue.code === 'custom') return `${issue.message.replace(/^must be /, '').replace(/\.$/, '')}.`;
  if (!node) return `${issue.message}.`;
  const unit = node.type === 'number' || node.type === 'integer' ? ', without a unit' : '';
  return `${describeNode(node)}${typeof issue.input === 'string' ? unit : ''}${meaningOf(node)}.`;
}

/** The edit that mends the value, where it can be told. */
function repair(issue: Issue, node: SchemaNode | undefined, required: boolean): string | undefined {
  const key = shorten(String(issue.path.at(-1) ?? ''), MAX_KEY_LENGTH);
  if (issue.code === 'invalid_union' && issue.input === null) return `write the block below "${key}:", indented.`;
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === null) {
    const write = node?.properties ? `write its keys below "${key}:", indented` : `write a value behind "${key}:"`;
    return required ? `${write}.` : `${write}, or remove the key.`;
  }
  if (issue.expected === 'array') return 'write a list, one line with "- " per entry.';
  if (issue.expected === 'number' || issue.expected === 'int')
    return typeof issue.input === 'string' ? numberRepair(key, issue.input) : undefined;
  const quotesHelp =
    issue.expected === 'string' && typeof issue.input !== 'object' && new RegExp(node?.pattern ?? '').test(String(issue.input));
  return quotesHelp ? 'put the value in quotes.' : undefined;
}

function numberRepair(key: string, typed: string): string {
  const number = typed.trim() === '' ? Number.NaN : Number(typed);
  return Number.isFinite(number) ? `remove the quotes: "${key}: ${number}".` : 'write the number alone, in the unit that the key names.';
}

function isRequired(tree: SchemaNode, path: ValuePath): boolean {
  return nodesAt(tree, path.slice(0, -1)).some((node) => node.required?.includes(String(path.at(-1))));
}

function addNext(path: ValuePath): string {
  const parent = dotted(path.slice(0, -1));
  return `add "${shorten(String(path.at(-1) ?? ''), MAX_KEY_LENGTH)}:"${parent ? ` below "${parent}:"` : ' at the top level'}.`;
}

function dotted(path: ValuePath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : shorten(showValue(String(step), MAX_KEY_LENGTH).slice(1, -1), MAX_KEY_LENGTH)))
    .join('.')
    .replaceAll('.[', '[');
}

/** By place in the file; problems of one place stay in the order of the schema. */
function byPosition(a: Problem, b: Problem): number {
  return (a.location?.line ?? 0) - (b.location?.line ?? 0) || (a.location?.column ?? 0) - (b.location?.column ?? 0);
}

function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.location, problem.message]);
    return !seen.has(key) && seen.add(key);
  });
}

function capped(problems: readonly Problem[], code: string, file: string): readonly Problem[] {
  const left = problems.length - MAX_PROBLEMS;
  if (left <= 0) return problems;
  const more: Problem = {
    code,
    message: `${left} more problems are not shown.`,
    location: { file, line: problems[MAX_PROBLEMS]?.location?.line },
  };
  return [...problems.slice(0, MAX_PROBLEMS), more];
}
