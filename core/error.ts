import { printable } from './printable';

/** Where in a file a problem stands; line and column count from 1. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One thing that is wrong with what the user gave: what, the value, what is allowed, the next command. */
export interface Problem {
  /** Stable id, documented in the code table of its room (`ovkit explain CODE`). */
  readonly code: string;
  /** What is wrong, with the value that was found. */
  readonly message: string;
  readonly location?: Location;
  /** What would be accepted, in words or as a list of values. */
  readonly allowed?: string;
  /** The next command or edit that mends it. */
  readonly next?: string;
}

/** Exit codes of every command, see the README. */
export const ExitCode = {
  pass: 0,
  violations: 1,
  unknown: 2,
  badInput: 3,
  internal: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * Bad configuration or input (exit code 3). Carries every problem that was found, not only the first,
 * so that a file is mended in one go.
 */
export class KitError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list.map(formatProblem).join('\n'), options);
    this.name = 'KitError';
    this.problems = list;
  }

  /** The code of the first problem. */
  get code(): string {
    return this.problems[0]?.code ?? 'E_INTERNAL';
  }
}

/** `file:line:column` as editors and terminals link it; parts that are not known are left out. */
export function formatLocation(location: Location): string {
  return [location.file, location.line, location.column].filter((part) => part !== undefined).join(':');
}

/** One problem in the kit's one format and on one line: `file:line:column: CODE: what. Allowed: … Next: …` */
export function formatProblem(problem: Problem): string {
  const where = problem.location ? `${formatLocation(problem.location)}: ` : '';
  const allowed = problem.allowed ? ` Allowed: ${problem.allowed}` : '';
  const next = problem.next ? ` Next: ${problem.next}` : '';
  return printable(`${where}${problem.code}: ${problem.message}${allowed}${next}`);
}
