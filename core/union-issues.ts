import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * The issues of the branch of a union that the writer meant, with full paths; the union's own issue when no branch was meant.
 * zod gives one list per branch; printed as they are, they would ask for the keys of every branch at once.
 */
export function narrowUnions(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => (issue.code === 'invalid_union' ? narrow(issue) : [issue]));
}

function narrow(union: z.core.$ZodIssueInvalidUnion): Issue[] {
  const branches = union.errors.map((branch) => narrowUnions(branch));
  const meant = branches.filter((branch) => isMeant(branch, union.input));
  if (meant.length > 0) {
    const best = meant.reduce((a, b) => (closeness(b, union.input) > closeness(a, union.input) ? b : a));
    return best.map((issue) => below(union, issue));
  }
  return wrongLiteral(branches, union) ?? [union];
}

/** A branch is meant when it knows a key of the block and no fixed value of it (such as `state`) is another one. */
function isMeant(branch: readonly Issue[], input: unknown): boolean {
  return (
    knownKeys(branch, input) > 0 &&
    !branch.some((issue) => issue.path.length === 0 && issue.code !== 'unrecognized_keys') &&
    !branch.some(isWrongLiteral)
  );
}

function isWrongLiteral(issue: Issue): boolean {
  return issue.code === 'invalid_value' && issue.path.length === 1 && issue.input !== undefined;
}

function closeness(branch: readonly Issue[], input: unknown): number {
  return knownKeys(branch, input) - branch.length / (branch.length + 1);
}

function knownKeys(branch: readonly Issue[], input: unknown): number {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) return 0;
  const unknown = branch.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []));
  return Object.keys(input).length - unknown.length;
}

/** When each branch that knows a key wants another fixed value of it: one issue with all the values. */
function wrongLiteral(branches: readonly (readonly Issue[])[], union: Issue): Issue[] | undefined {
  const wrong = branches.flat().flatMap((issue) => (issue.code === 'invalid_value' && isWrongLiteral(issue) ? [issue] : []));
  const [first] = wrong;
  if (!first || wrong.some((issue) => issue.path[0] !== first.path[0])) return undefined;
  return [below(union, { ...first, values: wrong.flatMap((issue) => issue.values) })];
}

function below(union: Issue, issue: Issue): Issue {
  return { ...issue, path: [...union.path, ...issue.path] };
}
