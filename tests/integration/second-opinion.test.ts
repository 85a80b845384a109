import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runLicenseChecker } from '../../compliance/second-opinion/run-license-checker';
import { runProcess } from '../../core/run-process';
import { ovkit } from './ovkit';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-second-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const AT = '2026-12-01T00:00:00Z';
const RELEASE = 'examples/smollm2-cpu.yaml';
const check = (...args: string[]) => ovkit(['check', '--release', RELEASE, '--at', AT, '--out', scratch, ...args]);

describe('the second opinion of license-checker on this tree', () => {
  const plain = check('--json');
  const asked = check('--json', '--second-opinion');

  it('changes neither the bytes nor the exit code of the verdict', () => {
    expect(asked.stdout).toBe(plain.stdout);
    expect([asked.exitCode, plain.exitCode]).toEqual([0, 0]);
    expect(asked.stderr).toContain('second opinion of license-checker');
  });

  it('is written beside it, and sees no package that nobody judged', () => {
    const opinion = JSON.parse(readFileSync(join(scratch, 'second-opinion.json'), 'utf8'));
    expect(opinion.seen).toBeGreaterThan(300);
    expect(opinion.agree).toBeGreaterThan(opinion.seen * 0.95);
    expect(opinion.foreign).toEqual([]);
    expect(opinion.seen + opinion.notSeen.length).toBe(opinion.expected);
  });

  it('is shown below the verdict to people', () => {
    const { stdout } = check('--second-opinion');
    expect(stdout.indexOf('which changes nothing of the verdict')).toBeGreaterThan(stdout.indexOf('digest sha256:'));
  });
});

describe('on a tree of its own', () => {
  const tree = (name: string) => {
    const folder = join(scratch, name);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', license: 'Apache-2.0', dependencies: { a: '*' } }),
    );
    return folder;
  };

  it('without node_modules it has no opinion, though it exits 0', async () => {
    await expect(runLicenseChecker(runProcess, tree('empty'))).rejects.toMatchObject({ code: 'E_SECOND_OPINION_EMPTY' });
  });

  it('reads what is installed', async () => {
    const folder = tree('one');
    mkdirSync(join(folder, 'node_modules', 'a'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', 'a', 'package.json'), JSON.stringify({ name: 'a', version: '2.0.0', license: 'MIT' }));
    expect(await runLicenseChecker(runProcess, folder)).toMatchObject([{ id: 'a@2.0.0', licences: 'MIT' }]);
  });
});
