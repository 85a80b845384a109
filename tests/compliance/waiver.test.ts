import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { applyWaivers } from '../../compliance/apply-waivers';
import type { OpenPoint } from '../../compliance/open-point';
import type { TrustedKey } from '../../compliance/policy';
import { keyId, parseWaivers, signedBytes, type Waiver } from '../../compliance/waiver';
import type { Environment } from '../../release/schema';

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

describe('waiver files', () => {
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
