import { z } from 'zod';
import { KitError, type Problem } from './error';
import { didYouMean } from './nearest';
import type { ValuePath, YamlDocument } from './yaml-document';

/**
 * Checks a document against its schema and gives back typed data.
 * Every problem is reported at once, with file, line and column, the allowed values and the nearest spelling.
 *
 * @param code  error code of this kind of file, e.g. E_RELEASE_INVALID
 * @param what  what the file is, for the message ("release.yaml")
 * @throws KitError
 */
export function validateDocument<T extends z.ZodType>(document: YamlDocument, schema: T, code: string, next: string): z.output<T> {
  if (document.value === null) {
    throw new KitError({ code, message: 'the file is empty.', location: { file: document.file }, next });
  }
  const result = schema.safeParse(document.value, { reportInput: true });
  if (result.success) return result.data;
  const problems = flattenIssues(result.error.issues).flatMap((issue) => toProblems(issue, document, schema, code, next));
  throw new KitError(problems.sort(byPosition));
}

type Issue = z.core.$ZodIssue;

/** A union reports one list per branch; the branch that failed last (deepest, fewest issues) is what the writer meant. */
function flattenIssues(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
    const branches = issue.errors.map((branch) => flattenIssues(branch));
    const best = branches.reduce((a, b) => (closeness(b) > closeness(a) ? b : a));
    return best.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue);
  });
}

function closeness(branch: readonly Issue[]): number {
  const depth = Math.max(0, ...branch.map((issue) => issue.path.length));
  const wrongBranch = branch.some((issue) => issue.path.length === 0 || (issue.code === 'invalid_value' && issue.path.length === 1));
  return depth * 10 - branch.length - (wrongBranch ? 100 : 0);
}

function toProblems(issue: Issue, document: YamlDocument, schema: z.ZodType, code: string, next: string): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path, issue.keys);
    return issue.keys.map((key) => ({
      code,
      message: `unknown key "${dotted([...issue.path, key])}".${didYouMean(key, allowed)}`,
      location: document.locate([...issue.path, key], 'key'),
      allowed: allowed.length > 0 ? `${allowed.join(', ')}.` : undefined,
      next,
    }));
  }
  const name = issue.path.length > 0 ? `"${dotted(issue.path)}"` : 'the file';
  const input = issue.input;
  const found = input === undefined ? ' is missing' : ` is ${show(input)}`;
  const custom = issue.code === 'custom';
  const spelling = issue.code === 'invalid_value' && typeof input === 'string' ? didYouMean(input, issue.values.map(String)) : '';
  return [
    {
      code,
      message: `${name}${custom ? ` is ${show(input)}: ${issue.message}` : found}.${spelling}`.replace(/\.\.$/, '.'),
      location: document.locate(issue.path),
      allowed: custom ? undefined : `${expectation(issue)}.`,
      next,
    },
  ];
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'number'
        ? 'a finite number without a unit (the unit stands in the key)'
        : `${article(issue.expected)} ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'too_small':
      return `${issue.origin === 'array' || issue.origin === 'string' ? 'a length of ' : ''}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.origin === 'array' || issue.origin === 'string' ? 'a length of ' : ''}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** Keys that an object schema allows at a path; of several union branches the one that knows most of the given keys. */
function keysAt(schema: z.ZodType, path: ValuePath, given: readonly string[]): string[] {
  let branches = expand(schema);
  for (const step of path) {
    branches = branches.flatMap((branch) => {
      if (branch instanceof z.ZodObject) {
        const child = branch.shape[String(step)] as z.ZodType | undefined;
        return child ? expand(child) : [];
      }
      if (branch instanceof z.ZodArray) return expand(branch.element as z.ZodType);
      if (branch instanceof z.ZodRecord) return expand(branch.valueType as z.ZodType);
      return [];
    });
  }
  const keys = branches.flatMap((branch) => (branch instanceof z.ZodObject ? Object.keys(branch.shape) : []));
  return [...new Set(keys)].filter((key) => !given.includes(key));
}

function expand(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return (schema.options as readonly z.ZodType[]).flatMap(expand);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  ) {
    return expand(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPipe) return expand(schema.in as z.ZodType);
  return [schema];
}

function show(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a';
}

function dotted(path: ValuePath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : String(step)))
    .join('.')
    .replaceAll('.[', '[');
}

function byPosition(a: Problem, b: Problem): number {
  return (
    (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
    (a.location?.column ?? 0) - (b.location?.column ?? 0) ||
    a.message.localeCompare(b.message, 'en')
  );
}
