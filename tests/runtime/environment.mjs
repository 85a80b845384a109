// Makes the Python environments of the runtime's tests from the committed locks, once per lock, and says how far it is.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const PROJECT = resolve(import.meta.dirname, '../../runtimes/vllm-onevision');
const LOCKS = join(PROJECT, 'locks');
// vLLM 0.32's wheels for the CPU carry AVX2 code for this platform, and the lock was resolved for this Python.
const PYTHON = '3.11';
const PROGRESS_MS = 20_000;

/** Folder for everything that can be made again: OVKIT_CACHE_DIR, else the XDG cache. */
export function cacheFolder() {
  const base = process.env.OVKIT_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'onevision-kit');
  return resolve(base);
}

/** A Python that can make a virtual environment, or undefined. */
export function findPython() {
  return [`python${PYTHON}`, 'python3', 'python'].find(
    (name) => spawnSync(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))'], { stdio: 'ignore' }).status === 0,
  );
}

/** Path of uv in a virtual environment of its own. */
export async function ensureUv(python) {
  const folder = await ensure('uv', join(LOCKS, 'uv.lock.txt'), 'uv', async (made) => {
    await run(python, ['-m', 'venv', made]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
    await run(join(made, 'bin/python'), [...pip, '-r', join(LOCKS, 'uv.lock.txt')]);
  });
  return join(folder, 'bin/uv');
}

/** Path of the Python of an environment with the packages of <locks>/<name>.lock.txt; throws when it cannot be installed. */
export async function ensureEnvironment(uv, name, what, locks = LOCKS) {
  const lock = join(locks, `${name}.lock.txt`);
  const folder = await ensure(name, lock, what, async (made) => {
    await run(uv, ['venv', '--quiet', '--relocatable', '--python', PYTHON, made]);
    await run(uv, ['pip', 'sync', '--python', join(made, 'bin/python'), '--require-hashes', lock]);
  });
  return join(folder, 'bin/python');
}

/** Installs the plugin, as a wheel built from the checkout, into `target`, with its metadata (vLLM looks for the entry point there). */
export async function installPlugin(uv, python, target) {
  const options = ['--quiet', '--offline', '--no-deps', '--no-build-isolation', '--target', target];
  await run(uv, ['pip', 'install', '--python', python, ...options, PROJECT]);
}

/** The folder for this content of the locks: made beside its place and moved there when it is whole, so that two runs do not meet. */
async function ensure(name, lock, what, make) {
  const hash = createHash('sha256').update(PYTHON).update(readFileSync(lock));
  const parent = join(cacheFolder(), 'runtime');
  const folder = join(parent, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  mkdirSync(parent, { recursive: true });
  const made = `${folder}.${process.pid}`;
  rmSync(made, { recursive: true, force: true });
  console.error(`== runtime: installing ${what} into ${folder}`);
  const started = Date.now();
  const progress = setInterval(() => console.error(`== runtime: still installing, ${seconds(started)} s`), PROGRESS_MS);
  try {
    await make(made);
    writeFileSync(join(made, 'complete'), '');
    if (existsSync(folder)) rmSync(made, { recursive: true, force: true });
    else renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw error;
  } finally {
    clearInterval(progress);
  }
  console.error(`== runtime: installed in ${seconds(started)} s`);
  return folder;
}

function run(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', process.stderr, 'inherit'] });
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`${command} ${args.join(' ')} ended with ${code}`))));
  });
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1000);
}
