import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeClaims } from '../../compliance/judge-licence';
import { loadPolicy, type Policy } from '../../compliance/policy';
import { termsReader } from '../../compliance/policy-terms';
import { textClaim } from '../../compliance/refresh/reading';
import { worstState } from '../../compliance/state';
import { readPackageLock } from '../../compliance/subjects/npm';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';

/*
 * The nine ways in which a gate made of `license-checker --onlyAllow` lets something through, each as a small package tree. What
 * license-checker answers is asked of the real program; the table of docs/fail-open.md is compared with both answers.
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

function build(fixture: Fixture, folder: string): void {
  const dependency = { name: 'dependency', version: '1.0.0', ...fixture.dependency };
  const root = { name: 'root', version: '1.0.0', license: 'Apache-2.0', private: fixture.workspace === true };
  const member = { name: 'member', version: '1.0.0', license: 'Apache-2.0', dependencies: { dependency: '1.0.0' } };
  write(
    join(folder, 'package.json'),
    fixture.workspace ? { ...root, workspaces: ['packages/*'] } : { ...root, dependencies: { dependency: '1.0.0' } },
  );
  if (fixture.workspace) write(join(folder, 'packages/member/package.json'), member);
  if (fixture.installed !== false) {
    write(join(folder, 'node_modules/dependency/package.json'), dependency);
    for (const [name, text] of Object.entries(fixture.files ?? {})) write(join(folder, 'node_modules/dependency', name), text);
  }
  const { name: _, ...entry } = dependency;
  write(join(folder, 'package-lock.json'), {
    name: 'root',
    lockfileVersion: 3,
    packages: {
      '': root,
      'node_modules/dependency': {
        ...entry,
        resolved: 'https://registry.example.invalid/dependency/-/dependency-1.0.0.tgz',
        integrity: 'sha512-AAAA',
      },
      ...(fixture.workspace
        ? {
            'node_modules/member': { resolved: 'packages/member', link: true, license: 'Apache-2.0' },
            'packages/member': { version: '1.0.0', license: 'Apache-2.0' },
          }
        : {}),
    },
  });
}

/** Exit code of the real license-checker. */
function licenseChecker(fixture: Fixture, folder: string): number | null {
  const allow = (fixture.allow ?? ['Apache-2.0', 'MIT']).join(';');
  const start = join(folder, fixture.start ?? '');
  const run = spawnSync(
    process.execPath,
    [fromRoot('node_modules/license-checker/bin/license-checker'), '--start', start, '--onlyAllow', allow, ...(fixture.options ?? [])],
    { cwd: start, encoding: 'utf8' },
  );
  return run.status;
}

/** The kit's engine on the same tree: every entry of the lock, and the licence files that came with it. */
function ovkitState(fixture: Fixture, folder: string): string {
  const { subjects } = readPackageLock(readFileSync(join(folder, 'package-lock.json'), 'utf8'), 'package-lock.json');
  const allow = (fixture.allow ?? ['Apache-2.0', 'MIT']).map((expression) => ({
    expression,
    reason: 'test',
    acknowledge: false,
    documented: false,
  }));
  const production = loadPolicy('production');
  const policy: Policy = {
    ...production,
    settlements: [],
    roles: { 'operator-tool': { allow, deny: [] } },
  };
  const terms = termsReader(policy)('operator-tool', 'any');
  const states = subjects.map((subject) => {
    const text = join(folder, subject.claims[0]?.source.split(' ')[1] ?? 'node_modules/dependency', 'LICENSE');
    const bytes = existsSync(text) ? readFileSync(text) : undefined;
    const claims = bytes ? [...subject.claims, textClaim(bytes, text, '2026-11-23T00:00:00Z')] : subject.claims;
    return judgeClaims(subject, claims, terms, policy, new Map(bytes ? [[sha256Hex(bytes), bytes]] : [])).state;
  });
  return worstState(states);
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
    (name, fixture, folder) => {
      build(fixture, folder);
      const [exit, state] = [licenseChecker(fixture, folder), ovkitState(fixture, folder)];
      expect(exit, 'license-checker lets it through').toBe(0);
      expect(['denied', 'unknown', 'conflict']).toContain(state);
      expect(documented.get(name)?.slice(3, 4)).toEqual([`passes (exit ${exit})`]);
      expect(documented.get(name)?.[5]).toBe(state);
    },
  );
});
