import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatProblem, KitError, type Problem } from '../../core/error';
import { validateDocument } from '../../core/validate';
import { parseYamlDocument } from '../../core/yaml-document';

const Schema = z.strictObject({
  kind: z.enum(['small', 'large']).optional(),
  size: z
    .strictObject({ widthPx: z.int().min(1).max(100).describe('Width in pixels.'), latencyMs: z.number().positive().optional() })
    .optional(),
  names: z.array(z.string().min(1).max(5)).min(1).optional(),
  code: z
    .string()
    .regex(/^[0-9a-f]{4}$/, 'must be 4 hex digits')
    .optional(),
  image: z
    .union([
      z.strictObject({ digest: z.string().startsWith('sha256:'), registry: z.string().optional() }),
      z.strictObject({ state: z.literal('unbuilt'), recipe: z.string() }),
      z.strictObject({ state: z.literal('host'), binary: z.string() }),
    ])
    .optional(),
  amount: z.union([z.string(), z.number()]).optional(),
  table: z.record(z.string(), z.strictObject({ widthPx: z.number() })).optional(),
});

function problemsOf(text: string): readonly Problem[] {
  try {
    validateDocument(parseYamlDocument(text, 'f.yaml'), Schema, 'E_TEST', 'see the handbook.');
  } catch (error) {
    if (error instanceof KitError) return error.problems;
    throw error;
  }
  return [];
}

const only = (text: string): Problem => {
  const problems = problemsOf(text);
  expect(problems.map((problem) => problem.message)).toHaveLength(1);
  return problems[0] as Problem;
};

it('gives the typed data of a valid document', () => {
  expect(validateDocument(parseYamlDocument('kind: small\n', 'f'), Schema, 'E_TEST', '')).toEqual({ kind: 'small' });
});

describe('unknown keys', () => {
  it('suggest the nearest spelling', () => {
    const problem = only('size:\n  widthPx: 3\n  latencyMS: 3\n');
    expect(problem).toMatchObject({
      code: 'E_TEST',
      message: 'unknown key "size.latencyMS". Did you mean "latencyMs"?',
      location: { line: 3, column: 3 },
    });
    expect(problem.allowed).toBe('below "size": widthPx, latencyMs.');
  });

  it('suggest the key that only lacks its unit', () => {
    expect(only('size:\n  widthPx: 3\n  latency: 3\n').message).toContain('Did you mean "latencyMs"?');
    expect(only('size:\n  width: 3\n  widthPx: 3\n').message).not.toContain('widthPx');
  });

  it('say where a misplaced key belongs', () => {
    expect(only('widthPx: 3\n').message).toBe('unknown key "widthPx". Did you mean "size.widthPx"?');
  });

  it('are named below records and lists too', () => {
    expect(only('table:\n  one:\n    widthPx: 1\n    x: 1\n')).toMatchObject({
      message: 'unknown key "table.one.x".',
      allowed: 'below "table.one": widthPx.',
    });
  });
});

describe('values', () => {
  it('show what was found, what is allowed with its unit, and the edit', () => {
    const problem = only('size:\n  widthPx: 3 px\n');
    expect(problem.message).toBe('"size.widthPx" is "3 px".');
    expect(problem.allowed).toBe('a whole number, at least 1, at most 100, without a unit (Width in pixels).');
    expect(problem.next).toBe('write the number alone, in the unit that the key names.');
  });

  it('tell a quoted number from a number', () => {
    expect(only('size:\n  widthPx: "3"\n').next).toBe('remove the quotes: "widthPx: 3".');
  });

  it('refuse .nan, .inf and numbers out of range', () => {
    expect(only('size:\n  widthPx: .nan\n').message).toBe('"size.widthPx" is .nan.');
    expect(only('size:\n  widthPx: -.inf\n').message).toBe('"size.widthPx" is -.inf.');
    expect(only('size:\n  widthPx: 1e300\n').message).toBe('"size.widthPx" is 1e+300.');
    expect(only('size:\n  widthPx: 1.5\n').allowed).toContain('a whole number');
  });

  it('that are null are called missing values, not null', () => {
    expect(only('size:\n')).toMatchObject({
      message: '"size" has no value.',
      next: 'write its keys below "size:", indented, or remove the key.',
    });
    expect(only('size:\n  widthPx:\n')).toMatchObject({
      message: '"size.widthPx" has no value.',
      next: 'write a value behind "widthPx:".',
    });
  });

  it('that are missing are reported at their block', () => {
    expect(only('size: {}\n')).toMatchObject({
      message: '"size.widthPx" is missing.',
      next: 'add "widthPx:" below "size:".',
      location: { line: 1, column: 1 },
    });
  });

  it('of an enum get the nearest word', () => {
    expect(only('kind: Smal\n')).toMatchObject({ message: '"kind" is "Smal". Did you mean "small"?', allowed: 'small, large.' });
  });

  it('of a pattern get its sentence', () => {
    expect(only('code: zz\n').allowed).toBe('4 hex digits.');
    expect(only('code: 1234\n').message).toBe('"code" is 1234.');
  });

  it('that should be lists say so', () => {
    expect(only('names: a\n')).toMatchObject({
      allowed: 'a list of at least 1 entry, each of them text of 1 to 5 characters.',
      next: 'write a list, one line with "- " per entry.',
    });
    expect(only('names:\n  - abcdefgh\n')).toMatchObject({ message: '"names[0]" is "abcdefgh".', location: { line: 2, column: 5 } });
    expect(only('kind: [a]\n').message).toBe('"kind" is a list, ["a"].');
  });

  it('of a file that is a list or a word', () => {
    expect(only('- a\n').message).toBe('the file is a list, ["a"].');
    expect(only('hello\n').message).toBe('the file is "hello".');
    expect(only('').message).toBe('the file is empty.');
  });
});

describe('unions', () => {
  const shapes = 'one of the blocks {digest, registry?}, {state: unbuilt, recipe}, {state: host, binary}';

  it('explain all shapes when none was meant', () => {
    for (const text of ['image: repo:tag\n', 'image: {}\n', 'image: [a]\n', 'image:\n', 'image: 3\n', 'image: {foo: 1}\n']) {
      expect(only(text).allowed).toBe(`${shapes}.`);
    }
  });

  it('follow the shape whose keys are there', () => {
    expect(only('image: {digest: latest}\n').message).toBe('"image.digest" is "latest".');
    expect(only('image: {state: unbuilt}\n').message).toBe('"image.recipe" is missing.');
    expect(only('image: {recipe: x}\n').message).toBe('"image.state" is missing.');
    expect(only('image: {digest: "sha256:a", tag: v1}\n')).toMatchObject({ message: 'unknown key "image.tag".', allowed: `${shapes}.` });
  });

  it('gather the fixed values of all shapes', () => {
    expect(only('image: {state: unbuild, recipe: x}\n')).toMatchObject({
      message: '"image.state" is "unbuild". Did you mean "unbuilt"?',
      allowed: 'unbuilt, host.',
    });
  });

  it('of plain values name both', () => {
    expect(only('amount: true\n').allowed).toBe('text or a finite number.');
  });
});

describe('messages', () => {
  it('list every problem, in the order of the file', () => {
    expect(problemsOf('kind: x\nsize:\n  widthPx: 0\nextra: 1\n').map((problem) => problem.location?.line)).toEqual([1, 3, 4]);
  });

  it('stay on one line and free of terminal controls, whatever the input holds', () => {
    const text = 'kind: "a\\nb\\e[31m\\u202e\\u2028"\n"ke\\ny\\e[0m": 1\n';
    for (const problem of problemsOf(text)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not come through
      expect(formatProblem(problem)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    }
  });

  it('cut long values and keys', () => {
    expect(only(`kind: ${'x'.repeat(10_000)}\n`).message.length).toBeLessThan(200);
    expect(only(`${'x'.repeat(900)}: 1\n`).message.length).toBeLessThan(200);
    expect(only(`names:\n  - [${'"word", '.repeat(5000)}]\n`).message.length).toBeLessThan(200);
  });

  it('stop after fifty problems and count the rest', () => {
    const problems = problemsOf(Array.from({ length: 200 }, (_, i) => `key${i}: 1\n`).join(''));
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)?.message).toBe('150 more problems are not shown.');
  });
});
