import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { create } from 'tar';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { gatherInputs } from '../../compliance/check-release';
import { judge } from '../../compliance/judge';
import { gatherPackageTexts } from '../../compliance/package-texts/gather';
import { withPackageTexts } from '../../compliance/package-texts/record';
import { readPackageLock } from '../../compliance/subjects/npm';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';

/*
 * The nine ways in which a gate made of `license-checker --onlyAllow` lets something through, each as a small package tree. What
 * license-checker and its fork answer is asked of the real programs; the kit judges the same tree by its package lock and the packed bytes of its
 * packages. The table of docs/fail-open.md is compared with all three answers.
 */
const scratch = mkdtempSync(join(tmpdir(), 'ovkit-fail-open-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const spdx = (id: string) =>
  (JSON.parse(readFileSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`), 'utf8')) as { licenseText: string })
    .licenseText;
const COMMONS_CLAUSE = '"Commons Clause" License Condition v1.0\n\nThe License does not grant to you the right to Sell the Software.\n';

interface Fixture {
  readonly name: string;
  /** Fields of the dependency's package.json; the lock holds the same. */
  readonly dependency?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly installed?: boolean;
  readonly workspace?: boolean;
  /** Folder in which license-checker is run, and its further options. */
  readonly start?: string;
  readonly options?: readonly string[];
  readonly allow?: readonly string[];
}

const FIXTURES: readonly Fixture[] = [
  { name: 'Apache-2.0 AND GPL-3.0-only', dependency: { license: 'Apache-2.0 AND GPL-3.0-only' } },
  { name: 'MITNFA', dependency: { license: 'MITNFA' } },
  { name: 'a list of MIT and GPL-3.0', dependency: { licenses: ['MIT', 'GPL-3.0'] } },
  { name: 'says Apache-2.0, ships the AGPL', dependency: { license: 'Apache-2.0' }, files: { LICENSE: spdx('AGPL-3.0-only') } },
  {
    name: 'says Apache-2.0, ships it with the Commons Clause',
    dependency: { license: 'Apache-2.0' },
    files: { LICENSE: `${spdx('Apache-2.0')}\n${COMMONS_CLAUSE}` },
  },
  {
    name: 'states nothing, README "Not under the MIT license"',
    dependency: {},
    files: { 'README.md': 'Not under the MIT license; all rights reserved.\n' },
  },
  { name: 'nothing installed, lock only', dependency: { license: 'MIT' }, installed: false, allow: ['Apache-2.0'] },
  {
    name: 'root of a workspace, production, private left out',
    dependency: { license: 'GPL-3.0-only' },
    workspace: true,
    options: ['--production', '--excludePrivatePackages'],
    allow: ['Apache-2.0'],
  },
  {
    name: 'inside a member of a workspace',
    dependency: { license: 'MIT' },
    workspace: true,
    start: 'packages/member',
    allow: ['Apache-2.0'],
  },
];

const write = (file: string, content: unknown): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
};

/** Writes the tree; the dependency also as npm packs it, by whose hash the lock pins it. */
async function build(fixture: Fixture, folder: string): Promise<{ readonly archive: string; readonly integrity: string }> {
  const dependency = { name: 'dependency', version: '1.0.0', ...fixture.dependency };
  const root = { name: 'root', version: '1.0.0', license: 'Apache-2.0', private: fixture.workspace === true };
  const member = { name: 'member', version: '1.0.0', license: 'Apache-2.0', dependencies: { dependency: '1.0.0' } };
  write(
    join(folder, 'package.json'),
    fixture.workspace ? { ...root, workspaces: ['packages/*'] } : { ...root, dependencies: { dependency: '1.0.0' } },
  );
  if (fixture.workspace) write(join(folder, 'packages/member/package.json'), member);
  const places = [join(folder, '..', `${basename(folder)}-packed`, 'package'), join(folder, 'node_modules/dependency')];
  for (const place of places.slice(0, fixture.installed === false ? 1 : 2)) {
    write(join(place, 'package.json'), dependency);
    for (const [name, text] of Object.entries(fixture.files ?? {})) write(join(place, name), text);
  }
  const archive = `${folder}.tgz`;
  await create({ file: archive, cwd: dirname(places[0] ?? ''), gzip: true }, ['package']);
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  const { name: _, ...entry } = dependency;
  write(join(folder, 'package-lock.json'), {
    name: 'root',
    lockfileVersion: 3,
    packages: {
      '': root,
      'node_modules/dependency': { ...entry, resolved: 'https://registry.example.invalid/dependency/-/dependency-1.0.0.tgz', integrity },
      ...(fixture.workspace
        ? {
            'node_modules/member': { resolved: 'packages/member', link: true, license: 'Apache-2.0' },
            'packages/member': { version: '1.0.0', license: 'Apache-2.0' },
          }
        : {}),
    },
  });
  return { archive, integrity };
}

const CHECKERS = ['license-checker/bin/license-checker', 'license-checker-rseidelsohn/bin/license-checker-rseidelsohn.js'] as const;

/** Exit code of a real license-checker. */
function licenseChecker(program: (typeof CHECKERS)[number], fixture: Fixture, folder: string): number | null {
  const allow = (fixture.allow ?? ['Apache-2.0', 'MIT']).join(';');
  const start = join(folder, fixture.start ?? '');
  const args = [fromRoot('node_modules', program), '--start', start, '--onlyAllow', allow, ...(fixture.options ?? [])];
  return spawnSync(process.execPath, args, { cwd: start, encoding: 'utf8' }).status;
}

const release = gatherInputs(loadRelease(fromRoot('examples/smollm2-cpu.yaml')), loadCatalog());

/** The state of the kit's verdict on the packages of the tree, by the production policy with the licences of the fixture for the roles of npm. */
async function ovkitState(
  fixture: Fixture,
  folder: string,
  packed: { readonly archive: string; readonly integrity: string },
): Promise<string> {
  const { subjects } = readPackageLock(readFileSync(join(folder, 'package-lock.json'), 'utf8'), 'package-lock.json');
  const store = {
    find: async (integrity: string) => (integrity === packed.integrity ? packed.archive : undefined),
    fetch: async () => undefined,
  };
  const { record } = await gatherPackageTexts(subjects, store, null);
  const allow = (fixture.allow ?? ['Apache-2.0', 'MIT']).map((expression) => ({
    expression,
    reason: 'test',
    acknowledge: false,
    documented: false,
  }));
  const verdict = judge(
    {
      ...release,
      subjects: withPackageTexts(subjects, { kind: 'package-texts', schemaVersion: 2, ...record }),
      policy: { ...release.policy, roles: { 'operator-tool': { allow, deny: [] } } },
      waiverFiles: [],
    },
    new Date('2026-12-01T00:00:00Z'),
  );
  return verdict.state;
}

/** Rows of the table in the docs: case, license-checker, its fork, the kit. */
const documented = new Map(
  readFileSync(fromRoot('docs/fail-open.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => [cells[2] ?? '', cells] as const),
);

describe('what a gate made of license-checker lets through', () => {
  it('is nine cases, all of them in the docs', () => expect([...documented.keys()]).toEqual(FIXTURES.map(({ name }) => name)));

  it.each(FIXTURES.map((fixture, index) => [fixture.name, fixture, join(scratch, String(index))] as const))(
    '%s',
    async (name, fixture, folder) => {
      const packed = await build(fixture, folder);
      const exits = CHECKERS.map((program) => licenseChecker(program, fixture, folder));
      const state = await ovkitState(fixture, folder, packed);
      expect(exits, 'both license-checkers let it through').toEqual([0, 0]);
      expect(['denied', 'unknown', 'conflict']).toContain(state);
      expect(documented.get(name)?.slice(3, 6)).toEqual([...exits.map((exit) => `passes (exit ${exit})`), state]);
    },
  );

  it('and the fork one more, which the kit does not know', async () => {
    const fixture: Fixture = {
      name: 'README "Proprietary. Ask for Apache License Version 2.0 exception"',
      dependency: {},
      files: { 'README.md': 'Proprietary. Ask for Apache License Version 2.0 exception\n' },
    };
    const folder = join(scratch, 'more');
    const packed = await build(fixture, folder);
    expect(CHECKERS.map((program) => licenseChecker(program, fixture, folder))).toEqual([1, 0]);
    expect(await ovkitState(fixture, folder, packed)).toBe('unknown');
  });
});
