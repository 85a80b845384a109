import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import type { RunProcess } from '../../core/run-process';
import { ensureControlPlane } from '../../rehearsal/control-plane/binary';
import { ensureGoProgram, findGoProgram, type GoProgram } from '../../rehearsal/go-program';
import { ensureOpenTofu, OPENTOFU_VERSION } from '../../rehearsal/opentofu/binary';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ovk-go-'));
  for (const file of ['go.mod', 'go.sum']) writeFileSync(join(scratch, file), `${file} of a test`);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const program = (): GoProgram => ({
  name: 'show',
  what: 'the show',
  title: 'Show v1',
  version: 'v1',
  folder: scratch,
  sources: ['go.mod', 'go.sum'],
  package: 'example.org/show',
  linkerFlags: '-s',
  buildTime: 'a moment',
  packages: 4,
  failed: (words) => new Error(`does not build: ${words}`),
});
const env = () => ({ OVKIT_CACHE_DIR: join(scratch, 'cache') });

/** A Go of another make: it answers its version and writes a file as its build. */
function fakeGo(version: string, exitCode = 0): { run: RunProcess; builds: (readonly string[])[] } {
  const builds: (readonly string[])[] = [];
  const answer = (stdout: string, stderr = '', code = 0) => ({ exitCode: code, stdout, stderr, output: stdout + stderr });
  return {
    builds,
    run: async (_, args, options) => {
      if (args[0] === 'env') return answer(`${version}\nlinux\namd64\n`);
      builds.push(args);
      options.onOutput?.('a\nb\n');
      if (exitCode === 0) writeFileSync(args[args.indexOf('-o') + 1] ?? '', 'a program');
      return answer('', 'one\ntwo\nthree\nfour\nthe reason\n', exitCode);
    },
  };
}

describe('a program that is built from Go modules', () => {
  it('is built once, with progress, and found afterwards', async () => {
    const go = fakeGo('go1.26.8');
    const fractions: unknown[] = [];
    const options = { env: env(), run: go.run, onProgress: ({ fraction }: { fraction?: number }) => fractions.push(fraction) };
    expect(await findGoProgram(program(), options)).toBeUndefined();
    const file = await ensureGoProgram(program(), options);
    expect(readFileSync(file ?? '', 'utf8')).toBe('a program');
    expect(await ensureGoProgram(program(), options)).toBe(file);
    expect(await findGoProgram(program(), options)).toBe(file);
    expect(go.builds).toHaveLength(1);
    expect(go.builds[0]).toEqual(expect.arrayContaining(['-trimpath', '-ldflags', '-s', 'example.org/show']));
    expect(fractions).toContain(0.5);
  });

  it.each([
    ['another Go', () => undefined, 'go1.27.0'],
    ['another go.sum', () => writeFileSync(join(scratch, 'go.sum'), 'changed'), 'go1.26.8'],
  ])('is built anew for %s', async (_, change, version) => {
    const first = await ensureGoProgram(program(), { env: env(), run: fakeGo('go1.26.8').run });
    change();
    const go = fakeGo(version);
    expect(await ensureGoProgram(program(), { env: env(), run: go.run })).not.toBe(first);
    expect(go.builds).toHaveLength(1);
  });

  it('leaves nothing when it does not build, and gives the last words of Go', async () => {
    await expect(ensureGoProgram(program(), { env: env(), run: fakeGo('go1.26.8', 1).run })).rejects.toThrow(
      'does not build: two | three | four | the reason',
    );
    expect(readdirSync(join(scratch, 'cache', 'engines'))).toEqual([]);
  });

  it('is nothing without Go, and the control plane says so', async () => {
    const run: RunProcess = () => Promise.reject(Object.assign(new Error('spawn go ENOENT'), { code: 'ENOENT' }));
    expect(await ensureGoProgram(program(), { env: env(), run })).toBeUndefined();
    expect(await ensureOpenTofu({ env: env(), run })).toBeUndefined();
    await expect(ensureControlPlane({ env: env(), run })).rejects.toThrow('E_CONTROL_PLANE_TOOL');
    expect(existsSync(join(scratch, 'cache'))).toBe(false);
  });
});

describe('OpenTofu', () => {
  it('is the version that go.mod pins and whose licence is judged', () => {
    const tools: { id: string; pinned: string }[] = JSON.parse(
      readFileSync(fromRoot('compliance', 'subjects', 'operator-tools.json'), 'utf8'),
    );
    expect(tools.find(({ id }) => id.startsWith('tool:opentofu@'))).toEqual({
      id: `tool:opentofu@${OPENTOFU_VERSION.slice(1)}`,
      title: expect.any(String),
      pinned: OPENTOFU_VERSION,
    });
    const modules = readFileSync(fromRoot('rehearsal', 'opentofu', 'go.mod'), 'utf8');
    expect(modules).toMatch(new RegExp(`^\\s*(require )?github.com/opentofu/opentofu ${OPENTOFU_VERSION}\\b`, 'm'));
    // the sum of the module that the compliance record read its licence from
    const { h1 = '' } =
      /tool:opentofu@[\s\S]*?opentofu@v[\d.]+ \((?<h1>h1:[^)]+)\)/.exec(readFileSync(fromRoot('compliance.lock.json'), 'utf8'))?.groups ??
      {};
    expect(h1).not.toBe('');
    expect(readFileSync(fromRoot('rehearsal', 'opentofu', 'go.sum'), 'utf8')).toContain(
      `github.com/opentofu/opentofu ${OPENTOFU_VERSION} ${h1}`,
    );
  });
});
