import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FindHelmOptions, findHelm } from '../../charts/helm';
import { HELM_PINS } from '../../charts/helm-pins';
import { readTarEntry } from '../../charts/tar-entry';
import { toolCacheFolder } from '../../charts/tool-cache';
import { KitError } from '../../core/error';
import type { RunProcess } from '../../core/run-process';
import { fakeNpm, helmScript, PIN, TARBALL } from './helm-package';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ovkit-helm-test-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const cache = () => join(home, 'cache', 'tools');
const inCache = () => (existsSync(cache()) ? readdirSync(cache()) : []);

function find(run: RunProcess, more: Partial<FindHelmOptions> = {}) {
  const env = { PATH: join(home, 'bin'), OVKIT_CACHE_DIR: join(home, 'cache') };
  return findHelm({ env, platform: 'test-machine', pins: { 'test-machine': PIN }, run, ...more });
}

async function failure(promise: Promise<unknown>): Promise<KitError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KitError);
  return error as KitError;
}

function onPath(script: string): void {
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', 'helm'), script, { mode: 0o755 });
}

describe('findHelm', () => {
  it('takes the Helm of the PATH from 3.18 on, and fetches nothing', async () => {
    const npm = fakeNpm(TARBALL);
    for (const version of ['v3.18.0', 'v3.20.1', 'v4.0.0']) {
      onPath(helmScript(version));
      expect(await find(npm.run)).toEqual({ path: join(home, 'bin', 'helm'), version, origin: 'path' });
    }
    expect(npm.calls).toEqual([]);
  });

  it.each(['v3.17.9', 'v2.17.0'])('does not take Helm %s of the PATH', async (version) => {
    onPath(helmScript(version));
    expect((await find(fakeNpm(TARBALL).run)).origin).toBe('download');
  });

  it('does not take a helm of the PATH that fails', async () => {
    onPath('#!/bin/sh\nexit 3\n');
    expect((await find(fakeNpm(TARBALL).run)).origin).toBe('download');
  });

  it('fetches the pinned one once, says so, and takes it from the cache afterwards', async () => {
    const npm = fakeNpm(TARBALL);
    const said: string[] = [];
    const first = await find(npm.run, { onProgress: (message) => said.push(message) });
    const second = await find(npm.run);
    expect(first).toMatchObject({ version: 'v4.1.4', origin: 'download' });
    expect(second).toEqual({ ...first, origin: 'cache' });
    expect(npm.calls).toHaveLength(1);
    expect(npm.calls[0]).toEqual(expect.arrayContaining(['pack', PIN.npmPackage, '--ignore-scripts']));
    expect(said).toHaveLength(1);
    expect(inCache()).toHaveLength(1);
  });

  it('says what to do when npm cannot reach the registry', async () => {
    const offline: RunProcess = async () => ({ exitCode: 1, stdout: '', stderr: 'npm error code ENOTFOUND\nnpm error more', output: '' });
    const error = await failure(find(offline));
    expect(error.code).toBe('E_HELM_MISSING');
    expect(error.message).toContain('ENOTFOUND');
    expect(error.message).toContain('install Helm');
    expect(inCache()).toEqual([]);
  });

  it('says so when there is no npm', async () => {
    const error = await failure(find(async (command) => Promise.reject(Object.assign(new Error(command), { code: 'ENOENT' }))));
    expect(error.code).toBe('E_HELM_MISSING');
    expect(error.message).toContain('ENOENT');
    expect(inCache()).toEqual([]);
  });

  it('says so on a machine for which no Helm is pinned', async () => {
    const error = await failure(find(fakeNpm(TARBALL).run, { platform: 'darwin-arm64' }));
    expect(error.code).toBe('E_HELM_MISSING');
    expect(error.message).toContain('darwin-arm64');
  });

  it('says so when the cache cannot be written', async () => {
    writeFileSync(join(home, 'cache'), 'a file where the folder should be');
    expect((await failure(find(fakeNpm(TARBALL).run))).code).toBe('E_HELM_MISSING');
  });

  it.each([
    ['is cut off', TARBALL.subarray(0, TARBALL.length - 40)],
    ['is empty', Buffer.alloc(0)],
    ['was changed', Buffer.concat([TARBALL, Buffer.from([0])])],
  ])('refuses a package that %s, and leaves nothing behind', async (_title, bytes) => {
    expect((await failure(find(fakeNpm(bytes).run))).code).toBe('E_HELM_INTEGRITY');
    expect(inCache()).toEqual([]);
  });

  it('refuses another binary in the right package, and a package without it', async () => {
    for (const change of [{ sha256: '0'.repeat(64) }, { entry: 'helm/other' }, { zip: 'package/other.zip' }]) {
      const pins = { 'test-machine': { ...PIN, ...change } };
      expect((await failure(find(fakeNpm(TARBALL).run, { pins }))).code).toBe('E_HELM_INTEGRITY');
      expect(inCache()).toEqual([]);
    }
  });

  it('leaves nothing half-written when it is interrupted, and succeeds the next time', async () => {
    const stop = new AbortController();
    const interrupted = fakeNpm(TARBALL, async (folder) => {
      writeFileSync(join(folder, 'half.tgz'), TARBALL.subarray(0, 100));
      stop.abort(new Error('Ctrl-C'));
    });
    await expect(find(interrupted.run, { signal: stop.signal })).rejects.toThrow('Ctrl-C');
    expect(inCache()).toEqual([]);
    expect((await find(fakeNpm(TARBALL).run)).origin).toBe('download');
  });

  it('ends npm and its children when it is interrupted', async () => {
    mkdirSync(join(home, 'bin'), { recursive: true });
    writeFileSync(join(home, 'bin', 'npm'), `#!/bin/sh\n(/bin/sleep 2; echo late > '${home}/late') &\nwait\n`, { mode: 0o755 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('Ctrl-C')), 200);
    const env = { PATH: join(home, 'bin'), OVKIT_CACHE_DIR: join(home, 'cache') };
    const started = Date.now();
    const search = findHelm({ env, platform: 'test-machine', pins: { 'test-machine': PIN }, signal: stop.signal });
    await expect(search).rejects.toThrow('Ctrl-C');
    expect(Date.now() - started).toBeLessThan(1_900);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(existsSync(join(home, 'late'))).toBe(false);
    expect(inCache()).toEqual([]);
  });

  it('does nothing when it is interrupted beforehand', async () => {
    const npm = fakeNpm(TARBALL);
    await expect(find(npm.run, { signal: AbortSignal.abort(new Error('Ctrl-C')) })).rejects.toThrow('Ctrl-C');
    expect(npm.calls).toEqual([]);
  });

  it('replaces a binary that was cut off', async () => {
    const { path } = await find(fakeNpm(TARBALL).run);
    writeFileSync(path, '#!/bin/sh\n');
    expect(await find(fakeNpm(TARBALL).run)).toEqual({ path, version: 'v4.1.4', origin: 'download' });
  });

  it('gives the same whole binary to several that fetch it at once', async () => {
    const npm = fakeNpm(TARBALL, () => new Promise((resolve) => setTimeout(resolve, 20 * Math.random())));
    const tools = await Promise.all(Array.from({ length: 8 }, () => find(npm.run)));
    expect(new Set(tools.map((tool) => tool.path)).size).toBe(1);
    expect(inCache()).toHaveLength(1);
    expect((await find(npm.run)).origin).toBe('cache');
  });

  it('clears up after a process that was killed, not after one that still works', async () => {
    const [old, young] = [join(cache(), 'helm-x.1.partial'), join(cache(), 'helm-x.2.partial')];
    for (const folder of [old, young]) mkdirSync(folder, { recursive: true });
    const twoHoursAgo = new Date(Date.now() - 7_200_000);
    utimesSync(old, twoHoursAgo, twoHoursAgo);
    await find(fakeNpm(TARBALL).run);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });
});

describe('toolCacheFolder', () => {
  it('follows OVKIT_CACHE_DIR, then XDG_CACHE_HOME when it is absolute, then the home folder', () => {
    expect(toolCacheFolder({ OVKIT_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/c/tools');
    expect(toolCacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/onevision-kit/tools');
    expect(toolCacheFolder({ XDG_CACHE_HOME: 'relative', HOME: '/h' })).toBe('/h/.cache/onevision-kit/tools');
  });
});

describe('readTarEntry', () => {
  const tar = gunzipSync(TARBALL);

  it('finds a file behind others, and nothing in what is cut off or empty', () => {
    expect(Buffer.from(readTarEntry(tar, 'package/README.md') ?? []).toString()).toBe('not what you look for\n');
    expect(readTarEntry(tar, 'package/missing')).toBeUndefined();
    expect(readTarEntry(tar.subarray(0, 1_100), 'package/lib/layer.zip')).toBeUndefined();
    expect(readTarEntry(Buffer.alloc(0), 'package/README.md')).toBeUndefined();
  });
});

describe('the pins', () => {
  it('name one exact package and whole checksums', () => {
    for (const pin of Object.values(HELM_PINS)) {
      expect(pin.npmPackage).toMatch(/^@?[a-z0-9/-]+@\d+\.\d+\.\d+$/);
      expect(pin.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      expect(pin.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
