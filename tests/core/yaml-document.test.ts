import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KitError, type Problem } from '../../core/error';
import { parseYamlDocument } from '../../core/yaml-document';

function problemsOf(text: string): readonly Problem[] {
  try {
    parseYamlDocument(text, 'f.yaml');
  } catch (error) {
    if (error instanceof KitError) return error.problems;
    throw error;
  }
  return [];
}

const onlyProblem = (text: string): Problem => {
  const problems = problemsOf(text);
  expect(problems).toHaveLength(1);
  return problems[0] as Problem;
};

describe('what parses', () => {
  it('gives plain data', () => {
    expect(parseYamlDocument('a: 1\nb:\n  - x\n  - "2"\nc: yes\nd: 0x10\ne: 2024-01-01\n', 'f').value).toEqual({
      a: 1,
      b: ['x', '2'],
      c: 'yes',
      d: 16,
      e: '2024-01-01',
    });
  });

  it('takes CRLF line ends, and gives the same lines', () => {
    const document = parseYamlDocument('a: 1\r\nb:\r\n  c: 2\r\n', 'f');
    expect(document.value).toEqual({ a: 1, b: { c: 2 } });
    expect(document.locate(['b', 'c'])).toEqual({ file: 'f', line: 3, column: 6 });
  });

  it('follows a harmless alias, also for positions', () => {
    const document = parseYamlDocument('a: &x\n  k: 1\nb: *x\n', 'f');
    expect(document.value).toEqual({ a: { k: 1 }, b: { k: 1 } });
    expect(document.locate(['b', 'k'])).toEqual({ file: 'f', line: 2, column: 6 });
  });

  it('gives null for an empty file and for comments alone', () => {
    expect(parseYamlDocument('', 'f').value).toBeNull();
    expect(parseYamlDocument('# nothing\n', 'f').value).toBeNull();
  });

  it('keeps number keys, merge keys and "constructor" as plain text keys', () => {
    expect(parseYamlDocument('1: a\n<<: b\nconstructor: c\n', 'f').value).toEqual({ 1: 'a', '<<': 'b', constructor: 'c' });
  });
});

describe('where things stand', () => {
  const document = parseYamlDocument('top:\n  key: value\n  list:\n    - one\n    - two\n  empty:\n', 'f.yaml');

  it('points at values and at keys', () => {
    expect(document.locate(['top', 'key'])).toEqual({ file: 'f.yaml', line: 2, column: 8 });
    expect(document.locate(['top', 'key'], 'key')).toEqual({ file: 'f.yaml', line: 2, column: 3 });
    expect(document.locate(['top', 'list', 1])).toEqual({ file: 'f.yaml', line: 5, column: 7 });
  });

  it('points at the block that lacks a key, and at the key that lacks a value', () => {
    expect(document.locate(['top', 'missing'])).toEqual({ file: 'f.yaml', line: 1, column: 1 });
    expect(document.locate(['top', 'empty'])).toEqual({ file: 'f.yaml', line: 6, column: 3 });
    expect(document.locate(['nowhere', 'at', 'all'])).toEqual({ file: 'f.yaml', line: 1, column: 1 });
  });
});

describe('what is refused', () => {
  it('says "tab", and nothing of what follows from it', () => {
    for (const text of ['a:\n\tb: 1\n', 'a:\n  b: 1\n  \tc: 2\n', 'a:\n  b: 1\n\tc: 2\n\td: [\n']) {
      const problem = onlyProblem(text);
      expect(problem.message).toContain('tab');
      expect(problem.allowed).toBe('spaces.');
      expect(problem.location?.line).toBe(text.split('\n').findIndex((line) => line.includes('\t')) + 1);
    }
  });

  it('names a duplicate key and its first line', () => {
    const problem = onlyProblem('a:\n  owner: x\n  other: y\n  owner: z\n');
    expect(problem.message).toBe('the key "owner" is given twice, first in line 2.');
    expect(problem.location).toEqual({ file: 'f.yaml', line: 4, column: 3 });
  });

  it('points at the second of two documents', () => {
    const problem = onlyProblem('a: 1\n---\nb: 2\n');
    expect(problem.message).toContain('2 YAML documents');
    expect(problem.location?.line).toBe(2);
  });

  it('weighs an alias bomb without setting it off', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) =>
        `l${i}: &l${i} [${
          i === 0
            ? '"lol"'
            : Array(3)
                .fill(`*l${i - 1}`)
                .join(', ')
        }]`,
    );
    const problem = onlyProblem(`${levels.join('\n')}\n`);
    expect(problem.code).toBe('E_YAML_SYNTAX');
    expect(problem.message).toMatch(/alias "\*l\d" makes the file grow/);
    expect(problem.location?.line).toBeGreaterThan(1);
  });

  it('refuses many aliases, aliases without an anchor, and cycles', () => {
    expect(onlyProblem(`a: &a 1\n${Array.from({ length: 40 }, (_, i) => `k${i}: *a`).join('\n')}\n`).message).toContain('40 aliases');
    expect(onlyProblem('a: *nowhere\n').message).toBe('the alias "*nowhere" has no anchor above it.');
    expect(onlyProblem('a: &a [*a]\n').message).toBe('the alias "*a" contains itself.');
    expect(onlyProblem('a: &a\n  b: &b\n    - *a\n  c: *b\n').message).toBe('the alias "*a" contains itself.');
  });

  it('refuses nesting that would end the process', () => {
    for (const text of ['['.repeat(20_000), '- '.repeat(20_000), `a: ${'{a: '.repeat(3000)}`]) {
      expect(onlyProblem(text).message).toBe('blocks are nested more than 64 deep.');
    }
  });

  it('refuses tags, keys that are no text and the key __proto__', () => {
    expect(onlyProblem('a: !foo 1\n').message).toBe('the tag "!foo" is not known.');
    expect(onlyProblem('a: !!binary aGk=\n').message).toContain('is not known');
    expect(onlyProblem('? [a, b]\n: 1\n').message).toBe('a key is not plain text.');
    expect(onlyProblem('a:\n  - __proto__:\n      x: 1\n')).toMatchObject({
      message: 'the key "__proto__" is not allowed.',
      location: { line: 2, column: 5 },
    });
  });

  it('refuses binary files, with the place', () => {
    expect(onlyProblem('a: 1\nb: x\0y\n')).toMatchObject({
      location: { line: 2, column: 5 },
      message: expect.stringContaining('not plain UTF-8 text'),
    });
    expect(onlyProblem(Buffer.from([0x61, 0x3a, 0x20, 0xe9]).toString('utf8')).message).toContain('bytes that are not UTF-8');
  });

  it('explains a second colon and a line without one in its own words', () => {
    expect(onlyProblem('a: b: c\n').message).toBe('a second ": " stands in the line.');
    expect(onlyProblem('a: 1\nfoo\nb: 2\n').message).toBe('the line has no ":" behind its key.');
    expect(onlyProblem('a: "x\n').message).toBe('a quotation mark is not closed.');
  });
});

it('parses any text, or refuses it with a place in the file', () => {
  const line = fc.constantFrom(
    'a: 1',
    '  b: 2',
    '\tc: 3',
    '- x',
    '  - *r',
    'k: &r [1]',
    '---',
    '? x',
    '!!set',
    '"',
    "'",
    '{',
    ']',
    '#',
    '%YAML 1.1',
    '...',
    'a: |',
    '',
    'é\u2028',
  );
  const text = fc.oneof(
    fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const problem of problemsOf(input)) {
        expect(problem.location?.line).toBeGreaterThanOrEqual(1);
        expect(problem.location?.line).toBeLessThanOrEqual(input.split('\n').length);
      }
    }),
    { numRuns: 500 },
  );
});
