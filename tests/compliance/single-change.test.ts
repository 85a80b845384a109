import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { applyWaivers } from '../../compliance/apply-waivers';
import { type JudgeInputs, judge, openPoints } from '../../compliance/judge';
import { parseLock } from '../../compliance/lock';
import { loadPackageTexts, withPackageTexts } from '../../compliance/package-texts/record';
import { loadPolicy } from '../../compliance/policy';
import { readPackageLock } from '../../compliance/subjects/npm';
import { readOwnManifest, refusePartialLock } from '../../compliance/subjects/npm-whole';
import type { Waiver } from '../../compliance/waiver';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { AT, inputsOf, SMOLLM2 } from './support';

/*
 * Every single field of the files that a verdict rests on, taken away, made null, emptied, or exchanged with one beside it. What is allowed
 * stays allowed only where the table says why, and what is not allowed never becomes it.
 */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Change {
  /** Keys down to the field, list indices as *, with the kind of change in front: `null subjects.*.gated`. */
  readonly name: string;
  readonly value: Json;
}

/** All single changes of a value, one at a time. */
function* changesOf(root: Json): Generator<Change> {
  for (const path of pathsOf(root)) {
    const key = path.at(-1) as string | number;
    const edit = (name: 'delete' | 'null' | 'empty' | 'exchange', apply: (parent: Record<string | number, Json>) => void): Change => {
      const value = structuredClone(root);
      apply(path.slice(0, -1).reduce<Json>((at, step) => (at as Record<string | number, Json>)[step] as Json, value) as never);
      return {
        name: `${name} ${path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')}${name === 'delete' ? idOf(root, path) : ''}`,
        value,
      };
    };
    const parent = path.slice(0, -1).reduce<Json>((at, step) => (at as Record<string | number, Json>)[step] as Json, root) as Record<
      string,
      Json
    >;
    const old = parent[key] as Json;
    yield edit('delete', (at) => (Array.isArray(at) ? at.splice(key as number, 1) : delete at[key]));
    if (old !== null)
      yield edit('null', (at) => {
        at[key] = null;
      });
    const empty = emptied(old);
    if (empty !== undefined)
      yield edit('empty', (at) => {
        at[key] = empty;
      });
    const sibling = Object.keys(parent).find(
      (other) => String(key) < other && typeof parent[other] === typeof old && parent[other] !== old,
    );
    if (sibling !== undefined)
      yield edit('exchange', (at) => {
        [at[key], at[sibling]] = [at[sibling] as Json, at[key] as Json];
      });
  }
}

/** Which one, where a whole entry with an id is changed. */
function idOf(root: Json, path: readonly (string | number)[]): string {
  const value = path.reduce<Json>((at, step) => (at as Record<string | number, Json>)[step] as Json, root);
  return value !== null && typeof value === 'object' && !Array.isArray(value) && typeof value.id === 'string' && path.length === 2
    ? ` ${value.id}`
    : '';
}

function* pathsOf(value: Json, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (path.length > 0) yield path;
  if (value === null || typeof value !== 'object') return;
  for (const key of Object.keys(value))
    yield* pathsOf((value as Record<string, Json>)[key] as Json, [...path, Array.isArray(value) ? Number(key) : key]);
}

function emptied(value: Json): Json | undefined {
  if (value === null || value === '' || value === 0 || value === false) return undefined;
  if (typeof value !== 'object') return typeof value === 'string' ? '' : typeof value === 'number' ? 0 : false;
  return Object.keys(value).length === 0 ? undefined : Array.isArray(value) ? [] : {};
}

/** Runs an action on each change; undefined for a change that is refused as an error with a place. */
function outcomes<T>(root: Json, action: (value: Json) => T): readonly { readonly name: string; readonly outcome: T | undefined }[] {
  return [...changesOf(root)].map(({ name, value }) => {
    try {
      return { name, outcome: action(value) };
    } catch (error) {
      if (!(error instanceof KitError)) throw new Error(`${name} ended in ${String(error)}`);
      expect(error.problems[0]?.location?.file, name).toBeTruthy();
      return { name, outcome: undefined };
    }
  });
}

const unlike = (names: readonly string[], free: Readonly<Record<string, string>>) =>
  [...new Set(names)].filter((name) => !Object.hasOwn(free, name)).sort();

describe('the evidence lock of the release that is allowed', () => {
  /** Changes that may leave it allowed, and why. */
  const FREE: Readonly<Record<string, string>> = {
    'delete subjects.* hf:model/HuggingFaceTB/SmolLM2-135M':
      'nothing could be read of it before either; its publisher licensed what is made from it',
    'delete subjects.*.claims.*': 'the other claims say the same, and a licence text is one of them',
    'exchange subjects.*': 'the order of subjects means nothing',
    'exchange subjects.*.claims.*': 'the order of claims means nothing',
    'exchange subjects.*.files.*': 'the order of files means nothing',
    'delete subjects.*.files.*': 'not the file that is pinned; one more or less beside it is another digest of the lock',
    'delete subjects.*.publishers': 'an empty list is its default; the one publisher that counts may not go (see null)',
    'null subjects.*.files.*.bytes': 'a size that is not known; the hash pins the bytes',
    'empty subjects.*.claims.*.says': 'of a licence text, which is judged by its words and not by what is said of it',
    'null subjects.*.claims.*.says': 'a channel that states nothing, beside others that do',
  };

  it('has no other field that may change without effect', () => {
    const base = inputsOf(SMOLLM2);
    const inputs = { ...base, subjects: base.subjects.filter(({ kind }) => kind !== 'npm-package') };
    expect(judge(inputs, AT).state).toBe('allowed');
    const seen = outcomes(
      structuredClone(base.lock.lock) as unknown as Json,
      (value) => judge({ ...inputs, lock: parseLock(JSON.stringify(value), base.lock.file) }, AT).state,
    );
    expect(seen.length).toBeGreaterThan(500);
    expect(
      unlike(
        seen.filter(({ outcome }) => outcome === 'allowed').map(({ name }) => name),
        FREE,
      ),
    ).toEqual([]);
  });
});

const show = inputsOf('release.yaml');

/** Some open subjects of the puppet show for each rule that keeps one open. */
function openSubjects(perRule: number): readonly JudgeInputs['subjects'][number][] {
  const points = openPoints(show, AT).filter(({ mild }) => mild === undefined);
  const chosen = points.filter(({ rule }, index) => points.slice(0, index).filter((other) => other.rule === rule).length < perRule);
  return [...new Set(chosen.map(({ subject }) => subject))].flatMap((id) => show.subjects.find((subject) => subject.id === id) ?? []);
}

/** State of one subject among those that its own depends on. */
function stateAlone(inputs: JudgeInputs, subject: JudgeInputs['subjects'][number]): string | undefined {
  const around = inputs.subjects.filter(({ id }) => id === subject.id || id === subject.partOf || id === subject.follows);
  return judge({ ...inputs, subjects: around, waiverFiles: [] }, AT).subjects.find(({ id }) => id === subject.id)?.state;
}

describe('the evidence of a subject that is open', () => {
  /** Changes that may close a point, and why: none. */
  const FREE: Readonly<Record<string, string>> = {};

  it('closes no point by losing or exchanging a field', () => {
    const locked = openSubjects(6).filter(({ lockIds }) => lockIds.some((id) => show.lock.subjects.has(id)));
    expect(locked.length).toBeGreaterThan(5);
    let read = 0;
    const closed = locked.flatMap((subject) => {
      const id = subject.lockIds.find((each) => show.lock.subjects.has(each)) ?? '';
      expect(stateAlone(show, subject), id).not.toBe('allowed');
      const seen = outcomes(structuredClone(show.lock.subjects.get(id)) as unknown as Json, (value) => {
        const { subjects } = parseLock(JSON.stringify({ ...show.lock.lock, subjects: [value] }), show.lock.file);
        const changed = new Map([...[...show.lock.subjects].filter(([key]) => key !== id), ...subjects]);
        return stateAlone({ ...show, lock: { ...show.lock, subjects: changed } }, subject);
      });
      read += seen.filter(({ outcome }) => outcome !== undefined).length;
      return seen.filter(({ outcome }) => outcome === 'allowed').map(({ name }) => name);
    });
    expect(unlike(closed, FREE)).toEqual([]);
    // Not all changes are refused as errors: many leave a lock that is judged.
    expect(read).toBeGreaterThan(50);
  });
});

describe('the policy', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(fromRoot(), 'out-policy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Changes that may allow more, and why: the policy is the authority, and every change of it is another digest that goes through review. */
  const FREE: Readonly<Record<string, string>> = {
    'delete roles.runtime.allow.*.acknowledge': 'the row then says that nobody has to acknowledge the licence',
    'empty roles.runtime.allow.*.acknowledge': 'the same: false',
  };

  it('allows nothing more by losing or exchanging a field', () => {
    const whole = parse(readFileSync(fromRoot('compliance/policies/production.yaml'), 'utf8')) as Record<string, Json> & {
      roles: Record<string, { allow: { only?: Json }[] }>;
      settlements: Json[];
    };
    const roles = Object.fromEntries(
      Object.entries(whole.roles).map(([role, rows]) => [
        role,
        { ...rows, allow: rows.allow.filter(({ only }, index) => index < 2 || only !== undefined) },
      ]),
    );
    const small = { ...whole, name: 'own', roles, settlements: whole.settlements.slice(0, 3) } as Json;
    const open = openSubjects(1);
    const judged = (value: Json) => {
      writeFileSync(join(folder, 'own.yaml'), stringify(value));
      const inputs = { ...show, policy: loadPolicy(`${basename(folder)}/own.yaml`) };
      return open.filter((subject) => stateAlone(inputs, subject) === 'allowed').map(({ id }) => id);
    };
    expect(judged(small)).toEqual([]);
    const more = outcomes(small, judged).filter(({ outcome }) => outcome !== undefined && outcome.length > 0);
    expect(
      unlike(
        more.map(({ name }) => name),
        FREE,
      ),
    ).toEqual([]);
  });
});

describe('a package lock', () => {
  const { packages } = JSON.parse(readFileSync(fromRoot('package-lock.json'), 'utf8')) as {
    packages: Record<string, Record<string, Json>>;
  };
  const record = loadPackageTexts().record;
  const bundled = Object.keys(packages).find((path) => packages[path]?.inBundle === true) ?? '';
  const around = bundled.slice(0, bundled.indexOf('/node_modules/', 1));
  /** Fields that say which bytes are installed, under which licence and in which role; the others are about where and how they run. */
  const FIELDS = ['name', 'version', 'resolved', 'integrity', 'dev', 'inBundle', 'link', 'license', 'licenses'];
  const chosen = [...new Set(['node_modules/zod', 'node_modules/cdktf', 'node_modules/typescript', around, bundled])];
  const entries = chosen.map((path) => [
    path,
    Object.fromEntries(Object.entries(packages[path] ?? {}).filter(([key]) => FIELDS.includes(key))),
  ]);
  const root = { license: 'Apache-2.0', dependencies: { zod: '*', cdktf: '*' }, devDependencies: { typescript: '*' } };
  const small = { lockfileVersion: 3, packages: { '': root, ...Object.fromEntries(entries) } } as Json;
  const base = inputsOf(SMOLLM2);
  const stateOf = (value: Json) => {
    const lock = readPackageLock(JSON.stringify(value), 'package-lock.json');
    refusePartialLock(lock, readOwnManifest(JSON.stringify(root)), 'package-lock.json');
    return judge({ ...base, subjects: withPackageTexts(lock.subjects, record) }, AT).state;
  };

  /** Changes that may leave its packages allowed, and why. */
  const FREE: Readonly<Record<string, string>> = {
    'delete packages.*': 'the bundled one, which nothing in this small lock asks for; npm-whole.test.ts takes out what something asks for',
    'delete packages.*.dev': 'a package that runs has the stricter list',
    'empty packages.*.dev': 'the same: false',
    'delete packages.*.license': 'the package.json in the packed bytes says it too, as the record has it',
    'null packages.*.license': 'the same',
  };

  it('has no other field that may change without effect', () => {
    expect(bundled).not.toBe('');
    expect(stateOf(small)).toBe('allowed');
    const seen = outcomes(small, stateOf);
    const plain = (name: string) => name.replace(/packages\.node_modules\/[^.]+/, 'packages.*');
    expect(
      unlike(
        seen.filter(({ outcome }) => outcome === 'allowed').map(({ name }) => plain(name)),
        FREE,
      ),
    ).toEqual([]);
  });
});

it('a waiver that exchanged any field with another one excuses nothing', () => {
  const rehearsed = inputsOf('release.yaml', 'rehearsal');
  const open = openPoints(rehearsed, AT);
  const all = rehearsed.waiverFiles.flatMap((file) => file.waivers.map(({ waiver }) => waiver));
  const location = { file: 'w.yaml', line: 1, column: 1 };
  const excused = (some: readonly Waiver[]) =>
    applyWaivers(
      open,
      some.map((waiver) => ({ waiver, location })),
      rehearsed.policy,
      'rehearsal',
      AT,
    ).waived.size;
  const waivers = all.filter((waiver) => excused([waiver]) === 1);
  let exchanged = 0;
  for (const [index, one] of waivers.slice(0, 40).entries()) {
    const other = waivers[index + 1] as Waiver;
    expect(excused([one, other])).toBe(2);
    for (const field of Object.keys(one) as (keyof Waiver)[]) {
      if (JSON.stringify(one[field]) === JSON.stringify(other[field])) continue;
      exchanged += 1;
      const pair = [
        { ...one, [field]: other[field] },
        { ...other, [field]: one[field] },
      ] as Waiver[];
      expect(excused(pair), `${one.id} and ${other.id}: ${field}`).toBe(0);
    }
  }
  expect(exchanged).toBeGreaterThan(100);
});
