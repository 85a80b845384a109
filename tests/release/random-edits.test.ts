import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { formatProblem } from '../../core/error';
import { loadProblems, VALID_RELEASE } from './support';

type Path = readonly (string | number)[];

const PATHS = pathsOf(parseDocument(VALID_RELEASE).toJS());
const anyPath = fc.constantFrom(...PATHS);
const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.integer(), { maxKeys: 3 }),
);

/** An edit of the tree: delete a key, put another value there, or rename it. */
const treeEdit = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), path: anyPath }),
  fc.record({ kind: fc.constant('set' as const), path: anyPath, value: junk }),
  fc.record({
    kind: fc.constant('rename' as const),
    path: anyPath,
    name: fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '0')),
  }),
);

it('loading a release with random edits succeeds, or reports places that are in the file', () => {
  fc.assert(
    fc.property(fc.array(treeEdit, { minLength: 1, maxLength: 3 }), (edits) => {
      const document = parseDocument(VALID_RELEASE);
      for (const edit of edits) {
        if (!document.hasIn(edit.path)) continue;
        if (edit.kind === 'set') document.setIn(edit.path, edit.value);
        else if (edit.kind === 'delete') document.deleteIn(edit.path);
        else rename(document, edit.path, edit.name);
      }
      expectHonestProblems(document.toString());
    }),
    { numRuns: 300 },
  );
});

it('loading a release with random text in it succeeds, or reports places that are in the file', () => {
  const insertion = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('\t', '\n', '- ', ': ', '"', "'", '[', '}', '&a ', '*a', '!!str ', '---\n', '#', '\r', '\0', '? ', '| ', '> ', '%'),
  );
  fc.assert(
    fc.property(fc.nat({ max: VALID_RELEASE.length }), fc.nat({ max: 40 }), insertion, (at, removed, inserted) => {
      expectHonestProblems(VALID_RELEASE.slice(0, at) + inserted + VALID_RELEASE.slice(at + removed));
    }),
    { numRuns: 500 },
  );
});

/** `loadProblems` lets anything but a KitError through, so that an internal error fails the property. */
function expectHonestProblems(text: string): void {
  const lines = text.split('\n').length;
  for (const problem of loadProblems(text)) {
    expect(problem.location?.line).toBeGreaterThanOrEqual(1);
    expect(problem.location?.line).toBeLessThanOrEqual(lines);
    expect(problem.code).toMatch(/^E_(RELEASE_INVALID|YAML_SYNTAX)$/);
    expect(formatProblem(problem)).not.toMatch(/[\r\n]/);
    expect(formatProblem(problem).length).toBeLessThan(1500);
  }
}

function rename(document: ReturnType<typeof parseDocument>, path: Path, name: string): void {
  const value = document.getIn(path, true);
  document.deleteIn(path);
  const parent = path.slice(0, -1);
  if (typeof path.at(-1) === 'string') document.setIn([...parent, name], value);
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const children = Array.isArray(value) ? value.map((child, index) => [index, child] as const) : Object.entries(value);
  return [...(path.length > 0 ? [path] : []), ...children.flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}
