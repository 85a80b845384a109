import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ignoresIntegrity } from '../../compliance/subjects/integrity';
import { readPackageLock } from '../../compliance/subjects/npm';
import { readOwnManifest, refusePartialLock } from '../../compliance/subjects/npm-whole';
import { fromRoot } from '../../core/project-root';

const LOCK = readFileSync(fromRoot('package-lock.json'), 'utf8');
const MANIFEST = readFileSync(fromRoot('package.json'), 'utf8');

describe('a package lock that does not list what is installed', () => {
  const lines = new Map([['packages/w', 7]]);
  type Fields = Record<string, Record<string, unknown>>;
  type Packages = Record<string, Fields>;
  /** Message about the kit's own files after a change, or undefined when nothing is said. */
  const complaint = (change: (packages: Packages, manifest: Fields) => unknown): string | undefined => {
    const lock = JSON.parse(LOCK) as { packages: Packages };
    const manifest = JSON.parse(MANIFEST) as Fields;
    change(lock.packages, manifest);
    const read = readPackageLock(JSON.stringify(lock, null, 2), 'package-lock.json');
    try {
      refusePartialLock(read, readOwnManifest(JSON.stringify(manifest)), 'package-lock.json');
      return undefined;
    } catch (error) {
      expect(error).toMatchObject({ code: 'E_PACKAGE_LOCK_INVALID' });
      return (error as Error).message;
    }
  };
  const root = (packages: Packages) => packages[''] as Fields;

  it('is not that of the kit', () => {
    expect(complaint(() => undefined)).toBeUndefined();
  });

  it.each<readonly [string, (packages: Packages, manifest: Fields) => unknown, RegExp]>([
    ['a package is taken out that package.json needs', (packages) => delete packages['node_modules/zod'], /"zod" is missing/],
    [
      'a package is taken out that another one needs',
      (packages) => delete packages['node_modules/fast-deep-equal'],
      /"fast-deep-equal" is missing/,
    ],
    ['a peer is taken out that is not optional', (packages) => delete packages['node_modules/constructs'], /"constructs" is missing/],
    [
      'all but one are taken out',
      (packages) => {
        for (const path of Object.keys(packages)) if (!['', 'node_modules/zod'].includes(path)) delete packages[path];
      },
      /is missing/,
    ],
    [
      'one that runs is called one that builds, in the lock alone',
      (packages) => {
        const { cdktf, ...rest } = root(packages).dependencies as Record<string, unknown>;
        Object.assign(root(packages), { dependencies: rest, devDependencies: { ...root(packages).devDependencies, cdktf } });
        Object.assign(packages['node_modules/cdktf'] as Fields, { dev: true });
      },
      /differ in "dependencies and optionalDependencies|differ in "dependencies/,
    ],
    [
      'package.json asks for one more',
      (_, manifest) => Object.assign(manifest.dependencies as object, { other: '1.0.0' }),
      /differ in "dep/,
    ],
    ['package.json asks for another version', (_, manifest) => Object.assign(manifest.dependencies as object, { zod: '3.0.0' }), /differ/],
    ['package.json states another licence', (_, manifest) => Object.assign(manifest, { license: 'GPL-3.0-only' }), /differ in "license"/],
    ['the lock has no root', (packages) => delete packages[''], /differ/],
  ])('is refused: %s', (_, change, message) => {
    expect(complaint(change)).toMatch(message);
  });

  it('may leave out peers that are optional, and development dependencies of packages', () => {
    const packages = {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { peerDependencies: { b: '1' }, peerDependenciesMeta: { b: { optional: true } }, devDependencies: { c: '1' } },
    };
    const manifest = readOwnManifest('{"dependencies":{"a":"1"}}');
    expect(() => refusePartialLock({ packages, lines }, manifest, 'package-lock.json')).not.toThrow();
    const workspace = { ...packages, 'packages/w': { devDependencies: { d: '1' } } };
    expect(() => refusePartialLock({ packages: workspace, lines }, manifest, 'package-lock.json')).toThrow(
      /^package-lock\.json:7:1: E_PACKAGE_LOCK_INVALID: "d" is missing/,
    );
  });

  it('may leave out what package.json leaves empty, but no workspace', () => {
    const packages = { '': { dependencies: { a: '1' } }, 'node_modules/a': {} };
    const empty = '{"dependencies":{"a":"1"},"devDependencies":{},"optionalDependencies":{},"workspaces":[]}';
    expect(() => refusePartialLock({ packages, lines }, readOwnManifest(empty), 'package-lock.json')).not.toThrow();
    const workspace = readOwnManifest('{"dependencies":{"a":"1"},"workspaces":["packages/*"]}');
    expect(() => refusePartialLock({ packages, lines }, workspace, 'package-lock.json')).toThrow(/"workspaces"/);
  });

  it('takes an optional dependency for what it is, under whichever of the two fields it stands', () => {
    const packages = { '': { optionalDependencies: { a: '1' } }, 'node_modules/a': {} };
    const both = readOwnManifest('{"dependencies":{"a":"1"},"optionalDependencies":{"a":"1"}}');
    expect(() => refusePartialLock({ packages, lines }, both, 'package-lock.json')).not.toThrow();
  });

  it.each(['', '[]', '{"license":"MIT","license":"GPL-3.0-only"}'])('a package.json that is none is refused: %s', (text) => {
    expect(() => readOwnManifest(text)).toThrow(expect.objectContaining({ code: 'E_PACKAGE_LOCK_INVALID' }));
  });
});

/** What npm 11.19 makes of an address: npm-package-arg 13.0.2 was asked for each of them on 2026-11-27. */
describe('an address that npm clones as a repository, whatever integrity stands beside', () => {
  const ignored = (resolved: string) => ignoresIntegrity('node_modules/x', { resolved });

  it.each([
    'https://github.com/o/x.git',
    'https://github.com/o/x',
    'http://github.com/o/x',
    'HTTPS://GitHub.com/o/x',
    'https:github.com/o/x',
    'https://www.github.com/o/x',
    'https://user:word@github.com:443/o/x',
    'https://github.com/o/x.tgz',
    'https://github.com/o/x/tree/main',
    'https://gitlab.com/group/x',
    'https://gitlab.com/group/archive/x',
    'https://bitbucket.org/o/x',
    'https://gist.github.com/o/0123456789abcdef0123456789abcdef',
    'https://git.sr.ht/~o/x',
    'github:o/x',
    'o/x',
    'git+https://example.org/x.tgz',
  ])('%s', (resolved) => {
    expect(ignored(resolved)).toBe(true);
  });

  it.each([
    'https://packages.example/x/-/x-1.0.0.tgz',
    'https://packages.github.com/download/@o/x/1.0.0/0123',
    'https://codeload.github.com/o/x/tar.gz/v1',
    'https://github.com/o/x/archive/v1.tar.gz',
    'https://github.com/o/x/releases/download/v1/x.tgz',
    'http://mirror.example/x',
    'file:packed/x.tgz',
  ])('is not an archive such as %s', (resolved) => {
    expect(ignored(resolved)).toBe(false);
  });
});
