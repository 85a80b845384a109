import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openEnvelope, preAuthenticationEncoding, signEnvelope } from '../../compliance/attestation/dsse';
import { expectedOf } from '../../compliance/attestation/expected';
import { readPrivateKey, readPublicKey } from '../../compliance/attestation/keys';
import { PAYLOAD_TYPE, StatementSchema, statementOf } from '../../compliance/attestation/statement';
import { verifyAttestation } from '../../compliance/attestation/verify';
import { type JudgeInputs, judge } from '../../compliance/judge';
import type { Verdict } from '../../compliance/verdict';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { AT, inputsOf, SMOLLM2 } from './support';

const ED25519 = generateKeyPairSync('ed25519');
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const scratch = mkdtempSync(join(tmpdir(), 'ovkit-keys-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const bytesOf = (verdict: Verdict) => Buffer.from(`${JSON.stringify(verdict, null, 2)}\n`);
const verdict = judge(inputsOf(SMOLLM2), AT);
const bytes = bytesOf(verdict);
const expected = expectedOf(inputsOf(SMOLLM2));
const attest = (of: Verdict, key: KeyObject = ED25519.privateKey) =>
  JSON.stringify(
    signEnvelope(
      PAYLOAD_TYPE,
      Buffer.from(JSON.stringify(statementOf(of, { name: 'verdict.json', bytes: bytesOf(of) }, AT))),
      key,
      'a hint',
    ),
  );
const envelope = attest(verdict);
const check = (
  text = envelope,
  file: Uint8Array = bytes,
  key: KeyObject = ED25519.publicKey,
  against: typeof expected | null = expected,
  at = AT,
) => verifyAttestation(text, file, key, against, at);

describe('the envelope', () => {
  // The example of the DSSE protocol: secure-systems-lab/dsse@0110cc2e, protocol.md, "Test Vectors".
  const X = 46950820868899156662930047687818585632848591499744589407958293238635476079160n;
  const Y = 5640078356564379163099075877009565129882514886557779369047442380624545832820n;
  const coordinate = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url');
  const specKey = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: coordinate(X), y: coordinate(Y) } });
  const specEnvelope = {
    payload: 'aGVsbG8gd29ybGQ=',
    payloadType: 'http://example.com/HelloWorld',
    signatures: [{ sig: 'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==' }],
  };

  it('encodes as the specification does, lengths in bytes', () => {
    expect(preAuthenticationEncoding(specEnvelope.payloadType, Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    expect(preAuthenticationEncoding('ä', Buffer.from('ö')).toString()).toBe('DSSEv1 2 ä 2 ö');
  });

  it('opens the example of the specification, in either alphabet of base64', () => {
    expect(openEnvelope(specEnvelope, specKey)?.toString()).toBe('hello world');
    const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');
    const other = { ...specEnvelope, signatures: [{ sig: urlSafe(specEnvelope.signatures[0]?.sig ?? '') }] };
    expect(openEnvelope(other, specKey)?.toString()).toBe('hello world');
  });

  it('does not open for another type, another payload, or another key, whatever keyid says', () => {
    expect(openEnvelope({ ...specEnvelope, payloadType: 'http://example.com/HelloWorlds' }, specKey)).toBeUndefined();
    expect(openEnvelope({ ...specEnvelope, payload: 'aGVsbG8gd29ybGQh' }, specKey)).toBeUndefined();
    expect(openEnvelope(specEnvelope, P256.publicKey)).toBeUndefined();
  });

  it.each([
    ['ed25519', ED25519],
    ['ECDSA P-256', P256],
  ])('signed by %s opens with its public half, for any bytes', (_, pair) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (payload, type) => {
        const made = signEnvelope(`t${type}`, payload, pair.privateKey, 'k');
        expect(openEnvelope(made, pair.publicKey)).toEqual(Buffer.from(payload));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the statement', () => {
  const statement = statementOf(verdict, { name: 'verdict.json', bytes }, AT);

  it('names the model, every file of the weights, what serves them, lock, package lock and policy, each by digest', () => {
    const kinds = new Set(statement.subject.map((subject) => subject.name.slice(0, subject.name.indexOf(':'))));
    expect([...kinds].sort()).toEqual(['file', 'image', 'lock', 'model', 'package-lock', 'policy']);
    for (const subject of statement.subject) expect(Object.values(subject.digest).join()).toMatch(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
    const weights = statement.subject.filter((subject) => subject.digest.sha256 === verdict.model.revision.slice('sha256:'.length));
    expect(weights.length).toBeGreaterThan(1);
  });

  it('carries the digest of the whole verdict, a result, and levels of the kit only', () => {
    expect(statement.predicate.inputAttestations).toEqual([{ uri: 'verdict.json', digest: { sha256: sha256Hex(bytes) } }]);
    expect(statement.predicate.verificationResult).toBe('PASSED');
    expect(statement.predicate.verifiedLevels).toEqual(['ONEVISION_ALLOWED_OPEN_WEIGHTS', 'ONEVISION_WITHOUT_WAIVERS']);
    expect(StatementSchema.safeParse(JSON.parse(JSON.stringify(statement))).success).toBe(true);
  });

  it('says FAILED of what is not allowed, and names the environment in its resource', () => {
    const open = judge(inputsOf('release.yaml'), AT);
    const failed = statementOf(open, { name: 'verdict.json', bytes: bytesOf(open) }, AT).predicate;
    expect([failed.verificationResult, failed.verifiedLevels]).toEqual(['FAILED', ['FAILED']]);
    const rehearsal = judge(inputsOf('release.yaml', 'rehearsal'), AT);
    const passed = statementOf(rehearsal, { name: 'verdict.json', bytes: bytesOf(rehearsal) }, AT).predicate;
    expect(passed.verifiedLevels).toEqual(['ONEVISION_REHEARSAL_ONLY']);
    expect(passed.resourceUri).not.toBe(failed.resourceUri);
  });
});

describe('verification', () => {
  it('passes for what was signed, as long as it holds', () => {
    expect(check()).toMatchObject({ state: 'valid', problems: [] });
    expect(check(attest(verdict, P256.privateKey), bytes, P256.publicKey).state).toBe('valid');
    expect(check(envelope, bytes, ED25519.publicKey, expected, new Date(new Date(verdict.expires).getTime() - 1)).state).toBe('valid');
    expect(check(envelope, bytes, ED25519.publicKey, expected, new Date(verdict.expires)).state).toBe('expired');
  });

  it('takes one good signature among others, and none of others', () => {
    const parsed = JSON.parse(envelope);
    const foreign = JSON.parse(attest(verdict, P256.privateKey)).signatures[0];
    const withSignatures = (...signatures: readonly unknown[]) => check(JSON.stringify({ ...parsed, signatures })).state;
    expect(withSignatures(foreign, parsed.signatures[0])).toBe('valid');
    expect(withSignatures(foreign, { ...foreign, keyid: parsed.signatures[0].keyid })).toBe('invalid');
    expect(withSignatures({ ...foreign, sig: '' }, { sig: 'AA==' })).toBe('invalid');
    expect(withSignatures()).toBe('invalid');
    expect(withSignatures([parsed.signatures[0]])).toBe('invalid');
  });

  it('takes no statement that was signed as something else, and nothing else that was signed as a statement', () => {
    const statement = Buffer.from(JSON.stringify(statementOf(verdict, { name: 'verdict.json', bytes }, AT)));
    const signedAs = (type: string, payload: Uint8Array) => JSON.stringify(signEnvelope(type, payload, ED25519.privateKey, 'k'));
    const relabelled = (text: string) => JSON.stringify({ ...JSON.parse(text), payloadType: PAYLOAD_TYPE });
    expect(check(signedAs(PAYLOAD_TYPE, statement)).state).toBe('valid');
    for (const type of ['application/json', `${PAYLOAD_TYPE} `, PAYLOAD_TYPE.toUpperCase(), `${PAYLOAD_TYPE};v=1`, 'x']) {
      expect([type, check(signedAs(type, statement)).state]).toEqual([type, 'invalid']);
      expect([type, check(relabelled(signedAs(type, statement))).state]).toEqual([type, 'invalid']);
    }
    for (const payload of [bytes, Buffer.from('{}'), Buffer.from('hello world'), Buffer.from(`[${statement}]`)])
      expect(check(signedAs(PAYLOAD_TYPE, payload)).state).toBe('invalid');
  });

  it('takes nothing that says two things under one key', () => {
    const twice = (text: string, key: string, value: string) => text.replace(/^\{/, `{${JSON.stringify(key)}:${value},`);
    const other = JSON.stringify(JSON.parse(envelope).payload.replace(/^./, 'A'));
    expect(check(twice(envelope, 'payload', other)).state).toBe('invalid');
    const statement = JSON.stringify(statementOf(verdict, { name: 'verdict.json', bytes }, AT));
    const resigned = (text: string) => JSON.stringify(signEnvelope(PAYLOAD_TYPE, Buffer.from(text), ED25519.privateKey, 'k'));
    expect(check(resigned(statement)).state).toBe('valid');
    expect(check(resigned(twice(statement, 'subject', '[]'))).state).toBe('invalid');
    const file = Buffer.from(twice(bytes.toString(), 'state', '"denied"'));
    const about = JSON.stringify(statementOf(verdict, { name: 'verdict.json', bytes: file }, AT));
    expect(check(resigned(about), file).state).toBe('invalid');
  });

  it('catches a changed byte anywhere in the verdict', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const changed = Buffer.from(bytes);
        changed[position] = (changed[position] as number) ^ change;
        expect(check(envelope, changed).state).toBe('invalid');
      }),
      { numRuns: 200 },
    );
    expect(check(envelope, Buffer.concat([Buffer.from('\ufeff'), bytes])).state).toBe('invalid');
  });

  it('catches a changed character anywhere in payload, type and signature of the envelope', () => {
    const parsed = JSON.parse(envelope);
    const texts = [parsed.payload, parsed.payloadType, parsed.signatures[0].sig] as const;
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), fc.nat(), fc.integer({ min: 33, max: 126 }), (which, at, code) => {
        const text = texts[which] as string;
        const position = at % text.length;
        const changed = text.slice(0, position) + String.fromCharCode(code) + text.slice(position + 1);
        fc.pre(changed !== text);
        const parts = texts.map((own, index) => (index === which ? changed : own));
        const broken = JSON.stringify({ payload: parts[0], payloadType: parts[1], signatures: [{ sig: parts[2] }] });
        // One `+` or `/` written in the other alphabet is the same signature of the same bytes, as the specification wants it.
        const same = changed.replaceAll('-', '+').replaceAll('_', '/') === text && which !== 1;
        fc.pre(!same);
        expect(check(broken).state).toBe('invalid');
      }),
      { numRuns: 400 },
    );
  });

  it('refuses a verdict that is not allowed, however well it is signed', () => {
    const open = judge(inputsOf('release.yaml'), AT);
    const outcome = verifyAttestation(attest(open), bytesOf(open), ED25519.publicKey, null, AT);
    expect(outcome).toMatchObject({ state: 'invalid', problems: [`the verdict is "${open.state}", not "allowed".`] });
  });

  it('refuses a statement that says more than the verdict it names', () => {
    const open = judge(inputsOf('release.yaml'), AT);
    const honest = statementOf(open, { name: 'verdict.json', bytes: bytesOf(open) }, AT);
    const lie = statementOf({ ...open, state: 'allowed' }, { name: 'verdict.json', bytes: bytesOf(open) }, AT);
    const sealed = (statement: unknown) =>
      JSON.stringify(signEnvelope(PAYLOAD_TYPE, Buffer.from(JSON.stringify(statement)), ED25519.privateKey, 'k'));
    expect(honest.subject).toEqual(lie.subject);
    expect(verifyAttestation(sealed(lie), bytesOf(open), ED25519.publicKey, null, AT).problems).toEqual([
      'the statement does not say what the verdict says.',
    ]);
  });

  it('refuses a rehearsal where production is asked, and the other way round', () => {
    const rehearsal = judge(inputsOf('release.yaml', 'rehearsal'), AT);
    const against = (environment: 'production' | 'rehearsal') =>
      verifyAttestation(
        attest(rehearsal),
        bytesOf(rehearsal),
        ED25519.publicKey,
        { ...expectedOf(inputsOf('release.yaml', 'rehearsal')), verdict: { ...rehearsal, environment } },
        AT,
      ).state;
    expect(against('rehearsal')).toBe('valid');
    expect(against('production')).toBe('invalid');
  });

  it('names every pin that is not what lies here', () => {
    fc.assert(
      fc.property(fc.nat(expected.pins.length - 1), fc.nat(39), (index, digit) => {
        const pins = expected.pins.map((pin, at) => {
          if (at !== index) return pin;
          const value = pin.value.slice(0, digit) + (pin.value[digit] === '0' ? '1' : '0') + pin.value.slice(digit + 1);
          return { ...pin, value };
        });
        const outcome = check(envelope, bytes, ED25519.publicKey, { ...expected, pins });
        expect(outcome.state).toBe('invalid');
        expect(outcome.problems).toHaveLength(2);
      }),
    );
    expect(check(envelope, bytes, ED25519.publicKey, { ...expected, pins: [] }).state).toBe('invalid');
  });

  const inputs = inputsOf(SMOLLM2);
  const changed = (change: (release: JudgeInputs['release']) => object) => ({
    ...inputs,
    release: { ...inputs.release, ...change(inputs.release) },
  });
  it.each<readonly [string, JudgeInputs]>([
    ['a higher claim of openness', changed(({ compliance }) => ({ compliance: { ...compliance, requires: 'open-science' } }))],
    ['another precision', changed(({ model }) => ({ model: { ...model, precision: 'Q8_0' } }))],
    ['another binary', changed(({ engine }) => ({ engine: { ...engine, image: { ...engine.image, binary: 'other' } } }))],
    ['another catalog', { ...inputs, catalogDigest: 'sha256:0' }],
    ['another version of the kit', { ...inputs, kitVersion: '9.9.9' }],
    ['a licence text that is gone', { ...inputs, evidence: new Map() }],
    ['a subject less', { ...inputs, subjects: inputs.subjects.slice(0, -1) }],
    [
      'a name for a subject that is another one',
      { ...inputs, subjects: inputs.subjects.map((each, at) => (at === 3 ? { ...each, title: 'x' } : each)) },
    ],
  ])('refuses %s, though every pin is the same', (_, other) => {
    expect(expectedOf(other).pins).toEqual(expected.pins);
    expect(check(envelope, bytes, ED25519.publicKey, expectedOf(other))).toMatchObject({
      state: 'invalid',
      problems: [expect.stringContaining('is judged otherwise')],
    });
  });

  it('holds when it is verified from another folder, or later', () => {
    const elsewhere = expectedOf({ ...inputs, releaseFile: '/elsewhere/release.yaml' });
    expect(check(envelope, bytes, ED25519.publicKey, elsewhere, new Date(AT.getTime() + 86_400_000)).state).toBe('valid');
  });

  it('shows nothing of what nobody signed', () => {
    expect(check(envelope, bytes, P256.publicKey)).toMatchObject({ state: 'invalid', statement: null });
    for (const text of ['', '{}', '[]', 'null', '{"payload":"","payloadType":"x","signatures":[]}']) {
      expect(check(text)).toMatchObject({ state: 'invalid', statement: null });
    }
    const empty = signEnvelope(PAYLOAD_TYPE, Buffer.from('{}'), ED25519.privateKey, 'k');
    expect(check(JSON.stringify(empty)).problems).toEqual(['what was signed is not a verification summary of the kit.']);
  });

  it('does not take a statement from the future', () => {
    expect(check(envelope, bytes, ED25519.publicKey, expected, new Date(AT.getTime() - 1)).state).toBe('invalid');
  });
});

describe('keys', () => {
  const written = (name: string, pem: string | Buffer) => {
    const file = join(scratch, name);
    writeFileSync(file, pem);
    return file;
  };
  const pem = (key: KeyObject) => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' });
  const encrypted = ED25519.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' });

  it('have the same name in both halves', () => {
    const secret = readPrivateKey(written('ed.pem', pem(ED25519.privateKey)));
    expect(readPublicKey(written('ed.pub', pem(ED25519.publicKey))).id).toBe(secret.id);
    expect(secret.id).toMatch(/^ed25519:[0-9a-f]{16}$/);
    expect(readPrivateKey(written('ec.pem', pem(P256.privateKey))).id).toMatch(/^ecdsa-p256:/);
    expect(readPrivateKey(written('locked.pem', encrypted), 'secret').id).toBe(secret.id);
  });

  it('of other kinds, locked, broken, or private where a public one is asked are refused', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const refused = expect.objectContaining({ code: 'E_KEY_INVALID' });
    for (const key of [rsa.privateKey, p384.privateKey]) expect(() => readPrivateKey(written('other.pem', pem(key)))).toThrow(refused);
    expect(() => readPrivateKey(written('locked.pem', encrypted))).toThrow(refused);
    expect(() => readPrivateKey(written('broken.pem', 'no key'))).toThrow(refused);
    expect(() => readPublicKey(written('ed.pem', pem(ED25519.privateKey)))).toThrow(refused);
    expect(() => readPublicKey(join(scratch, 'none'))).toThrow(expect.objectContaining({ code: 'E_FILE_MISSING' }));
  });

  it('that are private and lie inside the repository are refused before they are read', () => {
    expect(() => readPrivateKey(fromRoot('keys', 'verdict.pem'))).toThrow(expect.objectContaining({ code: 'E_KEY_IN_REPOSITORY' }));
  });
});
