import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { afterAll, describe, expect, it } from 'vitest';
import { type JudgeInputs, judge, openPoints } from '../../compliance/judge';
import { gatherPackageTexts } from '../../compliance/package-texts/gather';
import { packageKey } from '../../compliance/package-texts/package-key';
import { isLicenceFile, packedFilesOf } from '../../compliance/package-texts/packed-files';
import {
  loadPackageTexts,
  PACKAGE_TEXTS_FILE,
  parsePackageTexts,
  printPackageTexts,
  withPackageTexts,
} from '../../compliance/package-texts/record';
import type { TarballStore } from '../../compliance/package-texts/tarballs';
import type { Policy } from '../../compliance/policy';
import { hashesOf } from '../../compliance/subjects/integrity';
import { readPackageLock } from '../../compliance/subjects/npm';
import { verifyLicenceText } from '../../compliance/text/verify';
import { fromRoot } from '../../core/project-root';
import { AT, inputsOf, SMOLLM2 } from './support';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-package-texts-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const spdx = (id: string) =>
  (JSON.parse(readFileSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`), 'utf8')) as { licenseText: string })
    .licenseText;
const COMMONS_CLAUSE = '\n\n"Commons Clause" License Condition v1.0\nThe License does not include the right to Sell the Software.\n';

const manifest = (spec: string, more: object = {}) => {
  const at = spec.lastIndexOf('@');
  return JSON.stringify({ name: spec.slice(0, at), version: spec.slice(at + 1), ...more });
};

/** A packed package with the given files, and its integrity. */
let packs = 0;
async function pack(
  files: Readonly<Record<string, string>>,
  root = 'package',
): Promise<{ readonly file: string; readonly integrity: string }> {
  packs += 1;
  const folder = join(scratch, `pack-${packs}`);
  for (const [name, text] of Object.entries({ 'package.json': manifest('fixture@1.0.0', { license: 'MIT' }), ...files })) {
    mkdirSync(dirname(join(folder, root, name)), { recursive: true });
    writeFileSync(join(folder, root, name), text);
  }
  const file = `${folder}.tgz`;
  await create({ file, cwd: folder, gzip: true }, [root]);
  return { file, integrity: `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}` };
}

/** A store that holds these archives, and gets `later` when it is asked to fetch. */
function storeOf(
  archives: readonly { readonly file: string; readonly integrity: string }[],
  later: typeof archives = [],
): TarballStore & { readonly asked: string[] } {
  const known = new Map(archives.map(({ file, integrity }) => [integrity, file]));
  const asked: string[] = [];
  return {
    asked,
    find: async (integrity) => known.get(integrity),
    fetch: async (specs) => {
      asked.push(...specs);
      for (const { file, integrity } of later) known.set(integrity, file);
    },
  };
}

const lockText = (packages: Readonly<Record<string, object>>) =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } }, null, 2);
const subjectsOf = (packages: Readonly<Record<string, object>>) => readPackageLock(lockText(packages), 'package-lock.json').subjects;

/** The whole way: pack, lock, gather, judge by the real policy. The package.json states what the entry of the lock does, unless it is among the files. */
async function judged(
  entry: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>>,
  change: (policy: Policy) => Policy = (policy) => policy,
) {
  const archive = await pack({ 'package.json': manifest('fixture@1.0.0', { license: entry.license }), ...files });
  const subjects = subjectsOf({ 'node_modules/fixture': { version: '1.0.0', integrity: archive.integrity, ...entry } });
  const { record } = await gatherPackageTexts(subjects, storeOf([archive]), null);
  const read = parsePackageTexts(printPackageTexts(record));
  const base = inputsOf(SMOLLM2);
  const inputs: JudgeInputs = { ...base, policy: change(base.policy), subjects: withPackageTexts(subjects, read.record), waiverFiles: [] };
  const verdict = judge(inputs, AT);
  const rules = verdict.findings.filter(({ subject }) => subject.startsWith('npm:')).map(({ rule, severity }) => `${rule} ${severity}`);
  const { state, strength, because, evidence } = verdict.subjects[0] as (typeof verdict.subjects)[number];
  return { state, strength, because, evidence, rules };
}

describe('a package is judged by the licence files in its bytes', () => {
  type Row = readonly [
    name: string,
    says: unknown,
    files: Readonly<Record<string, string>>,
    state: string,
    strength: string,
    rules?: readonly string[],
  ];
  const rows: readonly Row[] = [
    ['the licence that it declares', 'Apache-2.0', { LICENSE: spdx('Apache-2.0') }, 'allowed', 'verified'],
    ['another licence', 'Apache-2.0', { LICENSE: spdx('AGPL-3.0-only') }, 'conflict', 'declared', ['OVK-LIC-004 error']],
    ['another licence that would be allowed too', 'MIT', { LICENSE: spdx('Apache-2.0') }, 'conflict', 'declared', ['OVK-LIC-004 error']],
    [
      'the Commons Clause behind it',
      'Apache-2.0',
      { LICENSE: spdx('Apache-2.0') + COMMONS_CLAUSE },
      'unknown',
      'declared',
      ['OVK-LIC-008 error'],
    ],
    [
      'the Commons Clause in front of it',
      'Apache-2.0',
      { LICENSE: COMMONS_CLAUSE + spdx('Apache-2.0') },
      'unknown',
      'declared',
      ['OVK-LIC-008 error'],
    ],
    [
      'the Commons Clause in a file of its own',
      'MIT',
      { LICENSE: spdx('MIT'), 'COMMONS-CLAUSE.txt': COMMONS_CLAUSE },
      'unknown',
      'declared',
      ['OVK-LIC-008 error'],
    ],
    [
      'a word that was changed',
      'MIT',
      { 'license.md': spdx('MIT').replace('without restriction', 'with restriction') },
      'unknown',
      'declared',
      ['OVK-LIC-008 error'],
    ],
    ['something else', 'MIT', { LICENSE: 'All of this is ours.' }, 'unknown', 'declared', ['OVK-LIC-008 error']],
    ['an empty file', 'MIT', { LICENSE: '' }, 'unknown', 'declared', ['OVK-LIC-008 error']],
    [
      'two licences of which it declares one',
      'MIT',
      { LICENSE: spdx('MIT'), COPYING: spdx('GPL-3.0-only') },
      'conflict',
      'declared',
      ['OVK-LIC-004 error'],
    ],
    [
      'both sides of a choice',
      'MIT OR Apache-2.0',
      { 'LICENSE-MIT': spdx('MIT'), 'LICENSE-APACHE': spdx('Apache-2.0') },
      'allowed',
      'verified',
    ],
    ['one side of a choice', 'MIT OR Apache-2.0', { 'LICENSE-MIT': spdx('MIT') }, 'allowed', 'declared'],
    ['one of two that both hold', 'MIT AND ISC', { LICENSE: spdx('MIT') }, 'allowed', 'declared'],
    [
      'the text of a licence with an exception',
      'Apache-2.0 WITH LLVM-exception',
      { LICENSE: spdx('Apache-2.0') },
      'denied',
      'declared',
      ['OVK-LIC-001 error'],
    ],
    ['no licence file', 'MIT', {}, 'allowed', 'declared'],
    ['a README that talks about one', 'MIT', { 'README.md': 'Not under the MIT license.' }, 'allowed', 'declared'],
    ['nothing stated, and a text', undefined, { LICENSE: spdx('MIT') }, 'allowed', 'verified'],
    [
      'nothing stated, and a changed text',
      undefined,
      { LICENSE: `${spdx('MIT')}\nNot for sale.` },
      'unknown',
      'none',
      ['OVK-LIC-003 error'],
    ],
    ['nothing stated, and two texts', undefined, { LICENSE: spdx('MIT'), COPYING: spdx('ISC') }, 'unknown', 'none', ['OVK-LIC-003 error']],
    ['a pointer to its text', 'SEE LICENSE IN LICENSE.md', { 'LICENSE.md': spdx('MIT') }, 'allowed', 'verified'],
    ['a pointer to another file', 'SEE LICENSE IN EULA.txt', { 'LICENSE.md': spdx('MIT') }, 'unknown', 'declared', ['OVK-LIC-002 error']],
    [
      'a pointer to a denied licence',
      'SEE LICENSE IN LICENSE',
      { LICENSE: spdx('AGPL-3.0-only') },
      'denied',
      'declared',
      ['OVK-LIC-001 error'],
    ],
    [
      'words that are no expression, and a text',
      'Apache 2.0 (non-commercial)',
      { LICENSE: spdx('Apache-2.0') },
      'unknown',
      'declared',
      ['OVK-LIC-002 error'],
    ],
    [
      'a denied licence with a text that would be allowed',
      'GPL-3.0-only',
      { LICENSE: spdx('MIT') },
      'denied',
      'declared',
      ['OVK-LIC-001 error'],
    ],
    ['UNLICENSED with a text that would be allowed', 'UNLICENSED', { LICENSE: spdx('MIT') }, 'denied', 'declared', ['OVK-LIC-001 error']],
  ];
  it.each(rows.map((row) => [row[0], row] as const))('%s', async (_, [, says, files, state, strength, rules = []]) => {
    expect(await judged(says === undefined ? {} : { license: says }, files)).toMatchObject({ state, strength, rules });
  });

  it('and shows each file with its hash as evidence', async () => {
    const { evidence, because } = await judged({ license: 'MIT' }, { LICENSE: spdx('ISC') });
    expect(evidence[1]).toMatchObject({
      channel: 'package-text',
      says: 'verified ISC',
      source: 'LICENSE of fixture@1.0.0',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(because).toBe('it declares MIT; LICENSE: ISC.');
  });

  it('as the policy says where nobody has read them, or there are none', async () => {
    const subjects = withPackageTexts(
      subjectsOf({ 'node_modules/fixture': { version: '1.0.0', integrity: 'sha512-AAAA', license: 'MIT' } }),
      { ...loadPackageTexts().record },
    );
    const verdict = (packageTexts: Policy['packageTexts']) => {
      const base = inputsOf(SMOLLM2);
      const { state, findings } = judge({ ...base, policy: { ...base.policy, packageTexts }, subjects, waiverFiles: [] }, AT);
      return [state, ...findings.filter(({ subject }) => subject.startsWith('npm:')).map(({ rule, severity }) => `${rule} ${severity}`)];
    };
    expect(verdict({ notRead: 'error', none: 'accept' })).toEqual(['unavailable', 'OVK-EVD-009 error']);
    expect(verdict({ notRead: 'warning', none: 'accept' })).toEqual(['allowed', 'OVK-EVD-009 warning']);
    const none = async (value: Policy['packageTexts']['none']) =>
      judged({ license: 'MIT' }, {}, (policy) => ({ ...policy, packageTexts: { notRead: 'error', none: value } }));
    expect(await none('error')).toMatchObject({ state: 'unknown', rules: ['OVK-LIC-009 error'] });
    expect(await none('warning')).toMatchObject({ state: 'allowed', rules: ['OVK-LIC-009 warning'] });
  });

  it('and a text may be settled by its bytes, for the packages that the row names, and for no other text', async () => {
    const text = `${spdx('MIT')}\nThis is a fork of another library.`;
    const settle =
      (subject: string, of = text) =>
      (policy: Policy): Policy => ({
        ...policy,
        settlements: [{ subject, textSha256: createHash('sha256').update(of).digest('hex'), as: 'MIT', reason: 'test' }],
      });
    const state = async (change: (policy: Policy) => Policy) => (await judged({ license: 'MIT' }, { LICENSE: text }, change)).state;
    expect(await state(settle('npm:fixture@*'))).toBe('allowed');
    expect(await state(settle('npm:fixture@1.0.0'))).toBe('allowed');
    expect(await state(settle('npm:fixture@2.0.0'))).toBe('unknown');
    expect(await state(settle('npm:fixtures@*'))).toBe('unknown');
    expect(await state(settle('npm:fixture@*', `${text} `))).toBe('unknown');
    expect((await judged({ license: 'ISC' }, { LICENSE: text }, settle('npm:fixture@*'))).state).toBe('conflict');
  });

  it('a waiver for such a point names the text by its hash', async () => {
    const archive = await pack({ LICENSE: `${spdx('MIT')}\nMore.` });
    const subjects = subjectsOf({ 'node_modules/fixture': { version: '1.0.0', integrity: archive.integrity, license: 'MIT' } });
    const { record } = await gatherPackageTexts(subjects, storeOf([archive]), null);
    const points = openPoints(
      { ...inputsOf(SMOLLM2), subjects: withPackageTexts(subjects, { kind: 'package-texts', schemaVersion: 2, ...record }) },
      AT,
    );
    expect(points.find(({ rule }) => rule === 'OVK-LIC-008')?.licence).toMatch(/^MIT, LICENSE sha256:[0-9a-f]{64}$/);
  });
});

describe('a package is judged by its own package.json too', () => {
  type Row = readonly [name: string, lock: object, own: object, state: string, because: RegExp];
  const rows: readonly Row[] = [
    [
      'a line of the lock that was edited',
      { license: 'MIT' },
      { license: 'GPL-3.0-only' },
      'conflict',
      /package-lock: MIT; package-manifest: GPL-3/,
    ],
    [
      'a package.json that states nothing',
      { license: 'MIT' },
      {},
      'conflict',
      /package-lock: MIT; package.json of fixture@1.0.0 states no licence/,
    ],
    ['an empty statement', { license: 'MIT' }, { license: '' }, 'conflict', /states no licence/],
    ['an empty list', { license: 'MIT' }, { licenses: [] }, 'conflict', /states no licence/],
    ['a second statement in it', { license: 'MIT' }, { license: 'MIT', licenses: [{ type: 'AGPL-3.0-only' }] }, 'conflict', /AGPL/],
    ['a list of several', {}, { licenses: [{ type: 'MIT' }, { type: 'GPL-2.0-only' }] }, 'unknown', /all or any/],
    ['UNLICENSED', { license: 'MIT' }, { license: 'UNLICENSED' }, 'conflict', /UNLICENSED/],
    ['a pointer that the lock does not have', { license: 'MIT' }, { license: 'SEE LICENSE IN EULA' }, 'conflict', /SEE LICENSE IN EULA/],
    ['the old form of one', { license: 'MIT' }, { license: { type: 'MIT', url: 'https://example.org' } }, 'allowed', /MIT/],
    ['the older form of one', {}, { licenses: [{ type: 'MIT' }] }, 'allowed', /MIT/],
    ['both forms of one', { license: 'MIT' }, { license: 'MIT', licenses: [{ type: 'MIT' }] }, 'allowed', /MIT/],
    ['an object without a type', { license: 'MIT' }, { license: { name: 'MIT' } }, 'conflict', /MIT/],
  ];
  it.each(rows)('%s', async (_, lock, own, state, because) => {
    const verdict = await judged(lock as Record<string, unknown>, { 'package.json': manifest('fixture@1.0.0', own) });
    expect(verdict).toMatchObject({ state, because: expect.stringMatching(because) });
  });

  it.each([
    ['another package', manifest('other@1.0.0', { license: 'MIT' }), 'package.json of the archive is of other@1.0.0'],
    ['another version', manifest('fixture@1.0.1', { license: 'MIT' }), 'package.json of the archive is of fixture@1.0.1'],
    ['no JSON', '{"name": ', 'cannot be read'],
    ['no name', '{"license": "MIT"}', 'it has no name and version'],
    ['a list', '[]', 'it is no object'],
  ])('and not at all when it is %s', async (_, text, reason) => {
    const archive = await pack({ 'package.json': text });
    const subjects = subjectsOf({ 'node_modules/fixture': { version: '1.0.0', integrity: archive.integrity, license: 'MIT' } });
    const { record, open } = await gatherPackageTexts(subjects, storeOf([archive]), null);
    expect([record.packages, open.map((each) => each.reason)]).toEqual([{}, [expect.stringContaining(reason)]]);
    const [subject] = withPackageTexts(subjects, parsePackageTexts(printPackageTexts(record)).record);
    expect(subject?.texts).toBeNull();
  });

  it('and that of a bundled package only where the archive holds it', async () => {
    const archive = await pack({ 'package.json': manifest('outer@1.0.0'), 'node_modules/inner/package.json': manifest('inner@2.0.0') });
    const bundled = { version: '2.0.0', inBundle: true, license: 'MIT' };
    const subjects = subjectsOf({
      'node_modules/outer': { version: '1.0.0', integrity: archive.integrity },
      'node_modules/outer/node_modules/inner': bundled,
      'node_modules/outer/node_modules/more/node_modules/inner': bundled,
    });
    const { record, open } = await gatherPackageTexts(subjects, storeOf([archive]), null);
    expect(Object.keys(record.packages).map((key) => key.split(' ')[2])).toEqual([undefined, 'node_modules/inner']);
    expect(open.map(({ reason }) => reason)).toEqual(['the archive holds no package.json in node_modules/more/node_modules/inner']);
  });

  it('also when the archive holds a second one at a path that npm takes for the same', async () => {
    const folder = join(scratch, 'twice');
    for (const [at, license] of [
      ['package', 'MIT'],
      ['other', 'GPL-3.0-only'],
    ] as const) {
      mkdirSync(join(folder, at), { recursive: true });
      writeFileSync(join(folder, at, 'package.json'), manifest('fixture@1.0.0', { license }));
    }
    const file = `${folder}.tgz`;
    await create({ file, cwd: folder, gzip: true }, ['package/package.json', 'other/package.json']);
    const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    const subjects = subjectsOf({ 'node_modules/fixture': { version: '1.0.0', integrity, license: 'MIT' } });
    const { record } = await gatherPackageTexts(subjects, storeOf([{ file, integrity }]), null);
    expect(Object.values(record.packages).map(({ declares }) => declares)).toEqual([['MIT', 'GPL-3.0-only']]);
  });
});

describe('gathering', () => {
  it('finds what lies in an archive and has no line in the package lock, and judges it with the rest', async () => {
    const files = {
      'package.json': manifest('outer@1.0.0', { license: 'MIT' }),
      LICENSE: spdx('MIT'),
      'node_modules/hidden/package.json': manifest('hidden@2.0.0', { license: 'GPL-3.0-only' }),
      'node_modules/@o/mute/package.json': '{"private":true}',
      'node_modules/fine/package.json': manifest('fine@3.0.0', { license: 'MIT' }),
      'test/node_modules/fixture/package.json': manifest('fixture@1.0.0', { license: 'GPL-3.0-only' }),
    };
    const archive = await pack(files);
    const packages = { 'node_modules/outer': { version: '1.0.0', integrity: archive.integrity, license: 'MIT', dev: true } };
    const subjects = subjectsOf(packages);
    const { record } = await gatherPackageTexts(subjects, storeOf([archive]), null);
    const read = parsePackageTexts(printPackageTexts(record)).record;
    const judgedAll = judge({ ...inputsOf(SMOLLM2), subjects: withPackageTexts(subjects, read), waiverFiles: [] }, AT).subjects;
    expect(judgedAll.map(({ id, role, state }) => [id, role, state])).toEqual([
      ['npm:@o/mute@unversioned#outer@1.0.0/node_modules/@o/mute', 'build-tool', 'unknown'],
      ['npm:fine@3.0.0#outer@1.0.0/node_modules/fine', 'build-tool', 'allowed'],
      ['npm:hidden@2.0.0#outer@1.0.0/node_modules/hidden', 'build-tool', 'denied'],
      ['npm:outer@1.0.0', 'build-tool', 'allowed'],
    ]);
    // a record that is known is kept whole, and a lock that lists them makes nothing twice
    expect((await gatherPackageTexts(subjects, storeOf([]), read)).record).toEqual(record);
    const hidden = { version: '2.0.0', inBundle: true, license: 'GPL-3.0-only', dev: true };
    const listed = subjectsOf({ ...packages, 'node_modules/outer/node_modules/hidden': hidden });
    expect(withPackageTexts(listed, read).filter(({ title }) => title === 'hidden@2.0.0')).toHaveLength(1);
  });

  it('reads bundled packages in the archive that brings them', async () => {
    const archive = await pack({
      LICENSE: spdx('MIT'),
      'package.json': manifest('outer@1.0.0'),
      'node_modules/inner/package.json': manifest('inner@2.0.0'),
      'node_modules/inner/LICENSE': spdx('ISC'),
      'node_modules/@scope/deep/package.json': manifest('@scope/deep@3.0.0'),
      'node_modules/@scope/deep/COPYING': spdx('0BSD'),
      'lib/LICENSE': 'no',
    });
    const subjects = subjectsOf({
      'node_modules/outer': { version: '1.0.0', integrity: archive.integrity, license: 'MIT' },
      'node_modules/outer/node_modules/inner': { version: '2.0.0', inBundle: true, license: 'ISC' },
      'node_modules/outer/node_modules/@scope/deep': { version: '3.0.0', inBundle: true, license: '0BSD' },
    });
    const { record, open } = await gatherPackageTexts(subjects, storeOf([archive]), null);
    const files = Object.fromEntries(
      Object.entries(record.packages).map(([key, read]) => [
        key.split(' ')[0],
        read.files.map(([name, hash]) => [name, record.texts[hash]?.licences[0]]),
      ]),
    );
    expect(open).toEqual([]);
    expect(files).toEqual({
      'npm:outer@1.0.0': [['LICENSE', 'MIT']],
      'npm:inner@2.0.0': [['LICENSE', 'ISC']],
      'npm:@scope/deep@3.0.0': [['COPYING', '0BSD']],
    });
  });

  it('fetches only what it lacks, reads nothing twice, and gives the same bytes each time', async () => {
    const [first, second] = [
      await pack({ 'package.json': manifest('a@1.0.0'), LICENSE: spdx('MIT') }),
      await pack({ 'package.json': manifest('b@1.0.0'), LICENCE: spdx('ISC') }, 'other-root'),
    ];
    const subjects = subjectsOf({
      'node_modules/a': { version: '1.0.0', integrity: first.integrity, license: 'MIT' },
      'node_modules/b': { version: '1.0.0', integrity: second.integrity, license: 'ISC' },
    });
    const store = storeOf([first], [second]);
    const once = await gatherPackageTexts(subjects, store, null);
    expect([store.asked, once.read, once.open]).toEqual([['b@1.0.0'], 2, []]);
    const known = parsePackageTexts(printPackageTexts(once.record)).record;
    const again = await gatherPackageTexts(subjects, storeOf([]), known);
    expect([again.read, printPackageTexts(again.record)]).toEqual([0, printPackageTexts(once.record)]);
    const without = await gatherPackageTexts(subjects.slice(0, 1), storeOf([]), known);
    expect(Object.keys(without.record.packages)).toHaveLength(1);
  });

  it('says which bytes could not be had or read, and records nothing of them', async () => {
    const broken = join(scratch, 'broken.tgz');
    writeFileSync(broken, readFileSync((await pack({ LICENSE: spdx('MIT') })).file).subarray(0, 300));
    const subjects = subjectsOf({
      'node_modules/gone': { version: '1.0.0', integrity: 'sha512-AAAA', license: 'MIT' },
      'node_modules/broken': { version: '1.0.0', integrity: 'sha512-BBBB', license: 'MIT' },
    });
    const { record, open } = await gatherPackageTexts(subjects, storeOf([{ file: broken, integrity: 'sha512-BBBB' }]), null);
    expect(record.packages).toEqual({});
    expect(open.map(({ id }) => id)).toEqual(['npm:broken@1.0.0', 'npm:gone@1.0.0']);
  });

  it('takes licence files by their name, and neither code nor the texts of others', () => {
    const taken = [
      'LICENSE',
      'license.md',
      'LICENCE.txt',
      'MIT-LICENSE',
      'LICENSE-APACHE',
      'UNLICENSE',
      'COPYING.LESSER',
      'EULA.txt',
      'LICENSE.BSD',
      'copyright',
    ];
    const left = [
      'license.js',
      'license-checker.ts',
      'LICENSE-3RD-PARTY.txt',
      'ThirdPartyLicenses.txt',
      'NOTICE',
      'licenses.json',
      'license.svg',
      'README.md',
    ];
    expect(taken.filter((name) => !isLicenceFile(name))).toEqual([]);
    expect(left.filter(isLicenceFile)).toEqual([]);
  });

  it('reads names that need an extension of the archive format', async () => {
    const deep = `node_modules/${'a'.repeat(120)}`;
    const { file } = await pack({ [`${deep}/LICENSE`]: 'x' });
    expect((await packedFilesOf(file)).map(({ folder, name }) => `${folder}/${name}`)).toEqual(['/package.json', `${deep}/LICENSE`]);
  });

  it('trusts only hashes that are hashes, and of those the strongest, as npm does', () => {
    const [weak, strong] = [
      { algorithm: 'sha1', digest: 'abc' },
      { algorithm: 'sha512', digest: 'abc=' },
    ];
    expect(hashesOf('sha1-abc md5-abc sha512-../../x')).toEqual([weak]);
    expect(hashesOf('sha1-abc sha512-abc=?an-option md5-abc')).toEqual([strong]);
    expect(hashesOf('sha512-abc= sha384-abc sha512-def')).toEqual([strong, { algorithm: 'sha512', digest: 'def' }]);
    expect(hashesOf('md5-abc')).toEqual([]);
  });
});

describe('the committed record', () => {
  const { record } = loadPackageTexts();
  const { subjects } = readPackageLock(readFileSync(fromRoot('package-lock.json'), 'utf8'), 'package-lock.json');

  it('holds every package of the lock, and no other', () => {
    const keys = new Set(subjects.flatMap((subject) => packageKey(subject) ?? []));
    expect(
      [...keys].filter((key) => !Object.hasOwn(record.packages, key)),
      'run `npx ovkit lock packages`',
    ).toEqual([]);
    expect(
      Object.keys(record.packages).filter((key) => !keys.has(key)),
      'run `npx ovkit lock packages`',
    ).toEqual([]);
    expect(readFileSync(fromRoot(PACKAGE_TEXTS_FILE), 'utf8')).toBe(printPackageTexts(record));
  });

  it('says of every text that is installed here what the comparison says today', () => {
    const { packages } = JSON.parse(readFileSync(fromRoot('package-lock.json'), 'utf8')) as { packages: Readonly<Record<string, unknown>> };
    const folders = Object.keys(packages).filter((path) => path !== '' && existsSync(fromRoot(path)));
    const files = folders.flatMap((folder) =>
      readdirSync(fromRoot(folder), { withFileTypes: true })
        .filter((entry) => entry.isFile() && isLicenceFile(entry.name))
        .map((entry) => fromRoot(folder, entry.name)),
    );
    const texts = new Map(
      files.map((file) => readFileSync(file)).map((bytes) => [createHash('sha256').update(bytes).digest('hex'), bytes]),
    );
    const other = [...texts].filter(([hash, bytes]) => {
      const recorded = record.texts[hash];
      const { state, licence } = verifyLicenceText(bytes);
      return recorded && (recorded.state !== state || recorded.licences[0] !== (licence ?? undefined));
    });
    expect(texts.size).toBeGreaterThan(200);
    expect(
      other.map(([hash]) => hash),
      'run `npx ovkit lock packages --again`',
    ).toEqual([]);
  });

  it('settles no text that no package has', () => {
    const { policy } = inputsOf('release.yaml');
    const hashes = new Set(Object.keys(record.texts));
    expect(policy.settlements.filter((row) => row.subject.startsWith('npm:') && row.textSha256 && !hashes.has(row.textSha256))).toEqual([]);
  });

  it.each([
    printPackageTexts({
      texts: { ...record.texts, ['0'.repeat(63)]: { state: 'verified', licences: ['MIT'], because: '' } },
      packages: {},
    }),
    printPackageTexts({ texts: { ['0'.repeat(64)]: { state: 'verified', licences: [], because: '' } }, packages: {} }),
    printPackageTexts({ texts: {}, packages: { 'npm:x@1 sha512-A': { declares: [], files: [['LICENSE', 'toString']] } } }),
    printPackageTexts({ texts: {}, packages: {} }).replace('"kind"', '"more": 1, "kind"'),
    printPackageTexts({ texts: {}, packages: {} }).replace('"package-texts"', '"evidence-lock"'),
    printPackageTexts({ texts: {}, packages: {} }).replace('"schemaVersion": 2', '"schemaVersion": 1'),
    printPackageTexts({ texts: {}, packages: { 'npm:x@1 sha512-A': { declares: ['MIT'], files: [] } } }).replace('"declares":["MIT"],', ''),
    printPackageTexts({ texts: {}, packages: { 'npm:x@1 sha512-A': { declares: ['MIT'], files: [] } } }).replace('["MIT"]', '"MIT"'),
    '{',
    '{}',
    '[]',
    printPackageTexts(record).replace('"verified"', '"approved"'),
    printPackageTexts({ texts: {}, packages: record.packages }),
  ])('is refused when it is broken: %#', (text) => {
    expect(() => parsePackageTexts(text)).toThrow(expect.objectContaining({ code: 'E_PACKAGE_TEXTS_INVALID' }));
  });
});
