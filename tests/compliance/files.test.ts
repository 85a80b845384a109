import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { checkRelease } from '../../compliance/check-release';
import { loadLock, parseLock } from '../../compliance/lock';
import { loadPolicy } from '../../compliance/policy';
import { termsReader } from '../../compliance/policy-terms';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import { errorOf } from '../core/error-of';
import { AT } from './support';

const TEXT = readFileSync(fromRoot('compliance.lock.json'), 'utf8');
const LOCKS = [
  'compliance.lock.json',
  ...['llava-onevision-1.5-8b', 'qwen3-vl-cpu', 'refused', 'smollm2-cpu'].map((name) => `examples/locks/${name}.lock.json`),
];

describe('the evidence lock', () => {
  it('that is missing is named', () => {
    expect(errorOf(() => loadLock('no-such.lock.json'))).toMatchObject({
      code: 'E_FILE_MISSING',
      message: expect.stringContaining('no-such.lock.json'),
    });
  });

  it.each([0, 1, 50, 1000, 20_000])('that is cut off after %i characters is refused at its end', (length) => {
    const { code, problems } = errorOf(() => parseLock(TEXT.slice(0, length), 'x.lock.json'));
    expect(code).toBe('E_LOCK_INVALID');
    expect(problems[0]?.location?.line).toBe(TEXT.slice(0, length).split('\n').length);
    expect(problems[0]?.location?.column).toBeGreaterThan(0);
  });

  it.each<readonly [string, (text: string) => string]>([
    ['an unknown key', (text) => text.replace('"schemaVersion": 1', '"schemaVersion": 1,\n  "extra": true')],
    [
      'a branch instead of a revision',
      (text) => text.replace('"revision": "ef3fa61007edd3b5d1d7a22b5edd8d4803995610"', '"revision": "main"'),
    ],
    ['a date that is none', (text) => text.replace(/"gathered": "[^"]+"/, '"gathered": "yesterday"')],
    ['an unknown channel', (text) => text.replace('"channel": "documented"', '"channel": "hearsay"')],
    ['a card of something that was not retrieved', (text) => text.replace('"channel": "documented"', '"channel": "card"')],
    ['a claim without a hash', (text) => text.replace(/("channel": "file",[^}]*"sha256": )"[0-9a-f]{64}"/, '$1null')],
    ['no subjects', (text) => JSON.stringify({ ...JSON.parse(text), subjects: [] }, null, 2)],
    ['a prototype key', (text) => text.replace('"kind": "evidence-lock"', '"kind": "evidence-lock",\n  "__proto__": {}')],
  ])('with %s is refused with a place', (_, edit) => {
    const { problems } = errorOf(() => parseLock(edit(TEXT), 'x.lock.json'));
    expect(problems[0]?.location?.line).toBeGreaterThan(0);
  });

  it('with a subject twice is refused', () => {
    const lock = JSON.parse(TEXT);
    expect(errorOf(() => parseLock(JSON.stringify({ ...lock, subjects: [...lock.subjects, lock.subjects[0]] }), 'x')).message).toContain(
      'twice',
    );
  });

  it.each(LOCKS)('%s with any one line said twice is refused', (file) => {
    const lines = readFileSync(fromRoot(file), 'utf8').split('\n');
    const valued = lines.flatMap((line, index) => (/^\s+"[^"]+": [^{[]*,$/.test(line) ? [index] : []));
    expect(valued.length).toBeGreaterThan(100);
    for (const index of valued.filter((_, position) => position % Math.ceil(valued.length / 40) === 0)) {
      const { code, message } = errorOf(() => parseLock(lines.toSpliced(index, 0, lines[index] ?? '').join('\n'), file));
      expect({ code, message }).toEqual({ code: 'E_LOCK_INVALID', message: expect.stringContaining('stands twice') });
    }
  });

  it('of another model is refused', () => {
    const loaded = loadRelease(fromRoot('release.yaml'));
    const release = { ...loaded.release, compliance: { ...loaded.release.compliance, lock: 'examples/locks/smollm2-cpu.lock.json' } };
    expect(errorOf(() => checkRelease({ ...loaded, release }, loadCatalog(), AT)).code).toBe('E_LOCK_OTHER_RELEASE');
  });

  it('of another revision leaves the weights without evidence', () => {
    const loaded = loadRelease(fromRoot('release.yaml'));
    const release = { ...loaded.release, model: { ...loaded.release.model, revision: '6430d15a2580776df68ebc391fbb71f27deea174' } };
    const findings = checkRelease({ ...loaded, release }, loadCatalog(), AT).findings.filter((finding) => finding.rule === 'OVK-EVD-005');
    expect(findings.map((finding) => [finding.subject.split('#')[1] ?? 'weights', finding.state])).toEqual(
      ['weights', 'configs', 'remote-code', 'tensorboard', 'tokenizer'].map((part) => [part, 'unavailable']),
    );
  });

  it.each(LOCKS)('%s keeps every licence text that it names, under its hash', (file) => {
    const texts = loadLock(file).lock.subjects.flatMap((subject) => subject.claims.filter((claim) => claim.channel === 'file'));
    expect(texts.length).toBeGreaterThan(0);
    for (const { sha256 } of texts) expect(sha256Hex(readFileSync(fromRoot('compliance/evidence', `${sha256}.txt`)))).toBe(sha256);
  });

  it.each(LOCKS)('%s invents nothing: what was not retrieved has documented claims only', (file) => {
    for (const subject of loadLock(file).lock.subjects) {
      if (subject.retrieval.status === 'retrieved') continue;
      expect(
        subject.claims.every((claim) => claim.channel === 'documented'),
        subject.id,
      ).toBe(true);
      expect(subject.retrieval.reason, subject.id).toBeTruthy();
      expect(subject.files, subject.id).toEqual([]);
    }
  });

  it('points at the line of a subject', () => {
    const lock = loadLock('compliance.lock.json');
    const id = 'hf:model/DeepGlint-AI/rice-vit-large-patch14-560';
    expect(TEXT.split('\n')[(lock.locate(id).line ?? 0) - 1]).toContain(id);
  });
});

describe('policies', () => {
  it('that do not exist are refused with the nearest name', () => {
    expect(errorOf(() => loadPolicy('produktion'))).toMatchObject({
      code: 'E_POLICY_UNKNOWN',
      message: expect.stringContaining('Did you mean "production"?'),
    });
    expect(errorOf(() => loadPolicy('../../../etc/passwd')).code).toBe('E_POLICY_UNKNOWN');
    expect(errorOf(() => loadPolicy('/etc/passwd')).code).toBe('E_POLICY_UNKNOWN');
  });

  it('that ship can be read', () => {
    expect(['production', 'education', 'rehearsal'].map((name) => loadPolicy(name).name)).toEqual(['production', 'education', 'rehearsal']);
  });

  it('production trusts no key, and rehearsal adds one for rehearsals and nothing else', () => {
    const [production, rehearsal] = [loadPolicy('production'), loadPolicy('rehearsal')];
    expect(production.trustedKeys).toEqual([]);
    expect(rehearsal.trustedKeys.map((key) => key.environments)).toEqual([['rehearsal']]);
    const rules = ({ trustedKeys: _, name: __, description: ___, file: ____, environments: _____, roles, ...rest }: typeof production) => ({
      ...rest,
      terms: JSON.stringify(roles['released-artifact']),
    });
    expect(rules(rehearsal)).toEqual(rules(production));
  });

  it('education takes academic data, production denies it', () => {
    const terms = (name: string) => termsReader(loadPolicy(name))('data', 'hf:dataset/x');
    expect(terms('production').denied.has('LicenseRef-academic-only')).toBe(true);
    expect(terms('education').denied.has('LicenseRef-academic-only')).toBe(false);
    expect(terms('education').allowed.has('LicenseRef-academic-only')).toBe(true);
  });
});
