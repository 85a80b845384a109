import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type JudgeInputs, judge } from '../../compliance/judge';
import { readPackageLock } from '../../compliance/subjects/npm';
import type { SubjectVerdict } from '../../compliance/verdict';
import { sha256Hex } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { AT, inputsOf, SMOLLM2 } from './support';

const INTEGRITY = `sha512-${'A'.repeat(86)}==`;

function judgePackage(
  entry: Readonly<Record<string, unknown>>,
  text?: { readonly says: string; readonly content: string },
): SubjectVerdict {
  const lock = JSON.stringify(
    { lockfileVersion: 3, packages: { '': {}, 'node_modules/fixture': { version: '1.0.0', integrity: INTEGRITY, ...entry } } },
    null,
    2,
  );
  const { subjects } = readPackageLock(lock, 'package-lock.json');
  const base = inputsOf(SMOLLM2);
  const sha256 = text ? sha256Hex(text.content) : '';
  const claims = text ? [{ channel: 'file' as const, says: text.says, source: 'LICENSE', retrieved: null, sha256 }] : [];
  const inputs: JudgeInputs = {
    ...base,
    subjects: subjects.map((subject) => ({ ...subject, claims: [...subject.claims, ...claims] })),
    evidence: new Map(text ? [[sha256, Buffer.from(text.content)]] : []),
    waiverFiles: [],
  };
  const subject = judge(inputs, AT).subjects[0];
  if (!subject) throw new Error('nothing was judged');
  return subject;
}

const spdx = (id: string) =>
  (JSON.parse(readFileSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`), 'utf8')) as { licenseText: string })
    .licenseText;
const COMMONS_CLAUSE = '\n\n"Commons Clause" License Condition v1.0\nThe License does not include the right to Sell the Software.\n';

/** Packages that the usual tools let through; each must be denied, unknown or in conflict here, as a library of the kit and as a build tool. */
describe('the nine ways in which licence checkers fail open', () => {
  type Fixture = readonly [name: string, entry: Readonly<Record<string, unknown>>, state: string, text?: { says: string; content: string }];
  const fixtures: readonly Fixture[] = [
    ['Apache-2.0 AND GPL-3.0-only', { license: 'Apache-2.0 AND GPL-3.0-only' }, 'denied'],
    ['an id that contains an allowed one', { license: 'MITNFA' }, 'denied'],
    ['a list', { licenses: ['MIT', 'GPL-3.0'] }, 'unknown'],
    ['says Apache-2.0, ships AGPL', { license: 'Apache-2.0' }, 'conflict', { says: 'Apache-2.0', content: spdx('AGPL-3.0-only') }],
    [
      'Apache-2.0 with Commons Clause',
      { license: 'Apache-2.0' },
      'conflict',
      { says: 'Apache-2.0', content: spdx('Apache-2.0') + COMMONS_CLAUSE },
    ],
    ['no field, README "Not under the MIT license"', {}, 'unknown'],
    ['no field, README "Proprietary. Ask for Apache License exception"', {}, 'unknown'],
    ['UNLICENSED', { license: 'UNLICENSED' }, 'denied'],
    ['GPL-3.0-only', { license: 'GPL-3.0-only' }, 'denied'],
  ];
  for (const dev of [false, true]) {
    for (const [name, entry, state, text] of fixtures) {
      it(`${name} (${dev ? 'build tool' : 'library'})`, () => {
        expect(judgePackage({ ...entry, ...(dev ? { dev: true } : {}) }, text).state).toBe(state);
      });
    }
  }

  it.each([['{"lockfileVersion":3,"packages":{"":{}}}'], ['{"lockfileVersion":3,"packages":{}}']])(
    'a lock without packages is an error, not a pass: %s',
    (text) => {
      expect(() => readPackageLock(text, 'package-lock.json')).toThrow(expect.objectContaining({ code: 'E_NOTHING_CHECKED' }));
    },
  );
});

describe('package locks', () => {
  it.each([['{"lockfileVersion":2,"packages":{}}'], ['{"lockfileVersion":3}'], ['[]'], ['{"lockfileVersion":3,"pack'], ['']])(
    'refuses %s',
    (text) => {
      expect(() => readPackageLock(text, 'package-lock.json')).toThrow(KitError);
    },
  );

  it('says which field of which entry is none', () => {
    const text = JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/a': { version: 4 } } }, null, 2);
    expect(() => readPackageLock(text, 'package-lock.json')).toThrow(/"packages\.node_modules\/a\.version" is 4/);
    expect(() => readPackageLock('{"lockfileVersion":"3","packages":{}}', 'package-lock.json')).toThrow(/lockfileVersion" is "3"/);
  });

  it('loses no entry, whatever its name', () => {
    const text = '{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.0.0"},"__proto__":{"license":"GPL-3.0-only"}}}';
    expect(() => readPackageLock(text, 'package-lock.json')).toThrow(expect.objectContaining({ code: 'E_PACKAGE_LOCK_INVALID' }));
    const twice = '{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"license":"GPL-3.0-only"},"node_modules/a":{"license":"MIT"}}}';
    expect(() => readPackageLock(twice, 'package-lock.json')).toThrow(expect.objectContaining({ code: 'E_PACKAGE_LOCK_INVALID' }));
  });

  it('takes every entry of the kit itself, also of other platforms', () => {
    const text = readFileSync(fromRoot('package-lock.json'), 'utf8');
    const entries = Object.keys((JSON.parse(text) as { packages: object }).packages).length - 1;
    const { subjects } = readPackageLock(text, 'package-lock.json');
    expect(subjects).toHaveLength(entries);
    expect(new Set(subjects.map((subject) => subject.id)).size).toBe(entries);
    expect(subjects.some((subject) => subject.id.includes('lightningcss-win32'))).toBe(true);
  });

  it('points at the line of a package', () => {
    const text = readFileSync(fromRoot('package-lock.json'), 'utf8');
    const zod = readPackageLock(text, 'package-lock.json').subjects.find((subject) => subject.id.startsWith('npm:zod@'));
    expect(text.split('\n')[(zod?.location.line ?? 0) - 1]).toMatch(/node_modules\/zod": \{$/);
  });

  it('lets MPL-2.0 in for CDKTF by name, not for another library that the kit runs', () => {
    expect(judgePackage({ license: 'MPL-2.0' }).state).toBe('denied');
    expect(judgePackage({ license: 'MPL-2.0', name: '@cdktf/provider-x' }).state).toBe('allowed');
    expect(judgePackage({ license: 'MPL-2.0', name: 'cdktf-evil' }).state).toBe('denied');
    expect(judgePackage({ license: 'MPL-2.0', dev: true }).state).toBe('allowed');
  });

  it('lets nobody in by BUSL-1.1, which is for Terraform alone', () => {
    expect(judgePackage({ license: 'BUSL-1.1' }).state).toBe('denied');
  });

  it('settles "Public Domain" only for the bytes that a person read', () => {
    expect(judgePackage({ license: 'Public Domain', name: 'jsonify', version: '0.0.1' }).state).toBe('unknown');
    expect(judgePackage({ license: 'Public Domain' }).state).toBe('unknown');
  });

  it('does not know what will be installed without an integrity', () => {
    expect(judgePackage({ license: 'MIT', integrity: undefined, link: true, resolved: '../elsewhere' }).state).toBe('unknown');
  });

  it('carries hostile licence strings as data', () => {
    const evil = '<script>alert(1)</script>\u001b[31m\n::error::owned';
    expect(judgePackage({ license: evil })).toMatchObject({ state: 'unknown', licence: evil });
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('a package or licence named %s is nothing special', (name) => {
    expect(judgePackage({ license: name, name }).state).toBe('unknown');
  });
});

describe('bytes that nobody can know', () => {
  const sha = (algorithm: string, letter: string) => `${algorithm}-${letter.repeat(86)}==`;
  const obstacleOf = (entry: Readonly<Record<string, unknown>>) => {
    const packages = { '': {}, 'node_modules/fixture': { version: '1.0.0', license: 'MIT', integrity: INTEGRITY, ...entry } };
    return readPackageLock(JSON.stringify({ lockfileVersion: 3, packages }), 'package-lock.json').subjects[0]?.obstacle;
  };

  it('an honest pin is none of them', () => {
    expect(obstacleOf({})).toBeNull();
    expect(obstacleOf({ resolved: 'file:../packed/fixture-1.0.0.tgz' })).toBeNull();
    expect(obstacleOf({ integrity: `sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA= ${INTEGRITY}` })).toBeNull();
  });

  it.each([
    ['no integrity', { integrity: undefined }],
    ['an algorithm that npm does not check', { integrity: sha('md5', 'A') }],
    ['SHA-1 alone', { integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }],
    ['two hashes, of which npm takes any', { integrity: `${sha('sha512', 'A')} ${sha('sha512', 'B')}` }],
    ['a link, whose integrity npm ignores', { link: true, resolved: 'packages/fixture' }],
    ['a git repository, whose integrity npm ignores', { resolved: 'git+ssh://git@example.org/fixture.git#0123456' }],
    ['a folder', { resolved: 'file:../fixture' }],
    ['a source that is no text', { resolved: true }],
  ])('%s', (_, entry) => {
    expect(obstacleOf(entry)).toMatchObject({ rule: 'OVK-EVD-006', state: 'unknown' });
    expect(judgePackage({ license: 'MIT', ...entry }).state).toBe('unknown');
  });

  it('two fields that name two licences are two claims', () => {
    expect(judgePackage({ license: 'MIT', licenses: 'GPL-3.0-only' }).state).not.toBe('allowed');
  });
});
