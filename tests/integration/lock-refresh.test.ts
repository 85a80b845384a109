import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { type Exchange, get, hubExchanges, writeRecording } from '../compliance/recordings';
import { ovkit } from './ovkit';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-lock-cli-'));
const LOCK = `out/test-lock-${process.pid}.json`;
mkdirSync(fromRoot('out'), { recursive: true });
const BACK = [LOCK, `${LOCK}.partial`];
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  for (const file of BACK) rmSync(fromRoot(file), { force: true });
});

const SHA = 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610';
const NAME = 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct';
const model = {
  name: NAME,
  sha: SHA,
  license: 'apache-2.0',
  texts: { 'README.md': '---\nlicense: apache-2.0\n---\n' },
  lfs: { 'model.safetensors': [9, '1'.repeat(64)] as const },
};
const release = join(scratch, 'release.yaml');
writeFileSync(release, readFileSync(fromRoot('release.yaml'), 'utf8').replace(/lock: .*/, `lock: ${LOCK}`));
const record = (name: string, exchanges: readonly Exchange[]) => writeRecording(join(scratch, name), exchanges);
const lock = (verb: string, ...args: string[]) => {
  const run = ovkit(['lock', verb, '--release', release, '--json', ...args]);
  return { ...run, json: JSON.parse(run.stdout) };
};

describe('ovkit lock', () => {
  it('refresh replays a recording, writes the lock once, and says what changed', () => {
    copyFileSync(fromRoot('compliance.lock.json'), fromRoot(LOCK));
    const markdown = join(scratch, 'evidence.md');
    const run = lock('refresh', '--replay', record('first', hubExchanges({ ...model, pinned: true })), '--markdown', markdown);
    expect(run.exitCode).toBe(2);
    expect(run.json).toMatchObject({ kind: 'lock-refresh', lock: LOCK, written: true });
    expect(run.json.changes).toContainEqual(expect.objectContaining({ kind: 'appeared', subject: `hf:model/${NAME}` }));
    expect(run.stderr).toMatch(/\[1\/\d+\]/);
    expect(readFileSync(markdown, 'utf8')).toContain(`| \`appeared\` | \`hf:model/${NAME}\` |`);
    expect(existsSync(fromRoot(`${LOCK}.partial`))).toBe(false);
    const subjects = JSON.parse(readFileSync(fromRoot(LOCK), 'utf8')).subjects as { id: string; retrieval: { status: string } }[];
    expect(subjects.find(({ id }) => id === `hf:model/${NAME}`)?.retrieval.status).toBe('retrieved');
  });

  it('refresh --dry-run writes nothing', () => {
    const before = readFileSync(fromRoot(LOCK), 'utf8');
    const run = lock('refresh', '--dry-run', '--replay', record('dry', hubExchanges({ ...model, pinned: true, gated: 'manual' })));
    expect(new Set(run.json.changes.map(({ kind }: { kind: string }) => kind))).toEqual(new Set(['gated']));
    expect(readFileSync(fromRoot(LOCK), 'utf8')).toBe(before);
  });

  it('drift ends with 1 when upstream changed, and 2 when it cannot tell', () => {
    const changed = lock('drift', '--replay', record('drift', hubExchanges({ ...model, license: 'other' })));
    expect([changed.exitCode, changed.json.state]).toEqual([1, 'drift']);
    expect(changed.json.changes).toMatchObject([{ kind: 'licence-changed', before: 'apache-2.0', after: 'other' }]);
    const silent = lock('drift', '--replay', record('silent', [get('https://example.org/', { status: 200 })]));
    expect([silent.exitCode, silent.json.state]).toEqual([2, 'unknown']);
  });

  it('diff compares two files', () => {
    expect(lock('diff', fromRoot(LOCK), fromRoot(LOCK))).toMatchObject({ exitCode: 0, json: { changes: [] } });
    expect(lock('diff', fromRoot('compliance.lock.json'), fromRoot(LOCK)).exitCode).toBe(1);
  });

  it('refuses a recording that is none, and an unknown verb', () => {
    expect(ovkit(['lock', 'refresh', '--release', release, '--replay', join(scratch, 'nothing')])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('E_RECORDING_INVALID'),
    });
    expect(ovkit(['lock', 'refesh'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('refresh') });
  });
});

describe('ovkit check', () => {
  const guard = join(scratch, 'no-network.cjs');
  writeFileSync(
    guard,
    `const Module = require('node:module');
     const load = Module._load;
     const forbidden = /^(?:node:)?(?:http|https|http2|net|tls|dns|dgram|dns\\/promises)$/;
     const isOurs = (parent) => parent && parent.filename && !parent.filename.includes('node_modules');
     Module._load = function (name, parent, ...rest) {
       if (forbidden.test(name) && isOurs(parent)) { console.error('LOADED ' + name + ' from ' + parent.filename); process.exit(99); }
       return load.call(this, name, parent, ...rest);
     };
     const stop = (what) => () => { console.error('USED ' + what); process.exit(99); };
     globalThis.fetch = stop('fetch');
     for (const [name, methods] of Object.entries({ net: ['connect', 'createConnection'], http: ['request', 'get'], https: ['request', 'get'], tls: ['connect'], dgram: ['createSocket'], dns: ['lookup', 'resolve'] }))
       for (const method of methods) load.call(Module, name, null, false)[method] = stop(name + '.' + method);
     load.call(Module, 'net', null, false).Socket.prototype.connect = stop('Socket.connect');`,
  );

  it.each([
    ['examples/smollm2-cpu.yaml', 0],
    ['release.yaml', 2],
  ])('judges %s without touching the network', (file, exitCode) => {
    const run = ovkit(['check', '--release', file, '--json'], { NODE_OPTIONS: `--require ${guard}` });
    expect(run.stderr).toBe('');
    expect(run.exitCode).toBe(exitCode);
  });

  it('would be caught if it did', () => {
    expect(ovkit(['lock', 'drift'], { NODE_OPTIONS: `--require ${guard}` })).toMatchObject({
      exitCode: 99,
      stderr: expect.stringMatching(/^LOADED (?:node:)?(?:http|dns)/),
    });
  });
});
