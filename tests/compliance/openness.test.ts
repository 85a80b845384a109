import { describe, expect, it } from 'vitest';
import type { Artifact } from '../../catalog/schema';
import { judge } from '../../compliance/judge';
import type { JudgedSubject } from '../../compliance/judge-subject';
import type { OpenPoint } from '../../compliance/open-point';
import frameworks from '../../compliance/openness/frameworks.json';
import { opennessOf } from '../../compliance/openness/openness';
import type { SubjectVerdict } from '../../compliance/verdict';
import { AT, inputsOf, SMOLLM2 } from './support';

const KINDS = [...new Set(frameworks.mof.components.flatMap((component) => component.kinds))];

function subject(kind: string, change: Partial<SubjectVerdict> = {}, points: readonly Partial<OpenPoint>[] = []): JudgedSubject {
  const verdict: SubjectVerdict = {
    id: `x:${kind}`,
    title: kind,
    role: 'data',
    kind,
    revision: null,
    licence: 'Apache-2.0',
    strength: 'declared',
    state: 'allowed',
    because: 'declared Apache-2.0',
    partOf: null,
    evidence: [{ channel: 'card', says: 'apache-2.0', source: 'x', retrieved: null, sha256: null }],
    ...change,
  };
  return { verdict, points: points as readonly OpenPoint[], holdsUntil: null, publishers: [] };
}

const all = (change: Readonly<Record<string, JudgedSubject | undefined>> = {}): JudgedSubject[] =>
  [...KINDS, 'base-model', 'vision-tower'].flatMap((kind) => (kind in change ? (change[kind] ?? []) : subject(kind)));

describe('the Model Openness Framework', () => {
  it('gives class I when every component is open', () => {
    expect(opennessOf(all(), []).mof).toMatchObject({ proven: 'I', atBest: 'I' });
  });

  it.each([
    ['dataset', 'II'],
    ['training-code', 'III'],
    ['weights', 'none'],
  ] as const)('loses the classes above when %s is closed', (kind, proven) => {
    const { mof } = opennessOf(all({ [kind]: subject(kind, { licence: 'CC-BY-NC-4.0', state: 'denied' }) }), []);
    expect([mof.proven, mof.atBest]).toEqual([proven, proven]);
  });

  it('keeps what nobody has looked at apart from what is closed', () => {
    const { mof } = opennessOf(all({ 'model-card': undefined }), []);
    expect([mof.proven, mof.atBest]).toEqual(['none', 'I']);
    expect(mof.components.find((component) => component.id === 'model-card')).toMatchObject({ state: 'unknown', subjects: [] });
  });

  it('counts an artifact that the release does not require as not judged', () => {
    const beyond = [{ id: 'git:x', kind: 'training-code', title: 'code' }] as unknown as readonly Artifact[];
    const { mof } = opennessOf(all({ 'training-code': undefined }), beyond);
    expect(mof.components.find((component) => component.id === 'training-code')).toMatchObject({
      state: 'unknown',
      subjects: ['git:x', 'x:training-recipe'],
    });
  });

  it('takes a software licence on a document as conditional, not as closed', () => {
    const { mof } = opennessOf(all(), []);
    expect(mof.components.find((component) => component.id === 'model-card')?.state).toBe('conditional');
    const proper = opennessOf(all({ 'model-card': subject('model-card', { licence: 'CC-BY-4.0' }) }), []).mof;
    expect(proper.components.find((component) => component.id === 'model-card')?.state).toBe('open');
  });

  it.each<readonly [string, JudgedSubject, string]>([
    ['a claim that is only documented', subject('weights', { strength: 'documented', state: 'unavailable' }), 'unknown'],
    ['no licence', subject('weights', { licence: null, strength: 'none', state: 'unknown' }), 'unknown'],
    ['two licences', subject('weights', { licence: 'Apache-2.0 | MIT', state: 'conflict' }), 'unknown'],
    ['a licence that nobody knows', subject('weights', { licence: 'LicenseRef-x', state: 'unknown' }), 'unknown'],
    ['research terms', subject('weights', { licence: 'LicenseRef-research-purposes', state: 'denied' }), 'closed'],
    ['a stub', subject('weights', { state: 'unavailable' }, [{ rule: 'OVK-AVL-002', message: 'it is not there.' }]), 'closed'],
    ['a gate', subject('weights', { state: 'unavailable' }, [{ rule: 'OVK-AVL-003', message: 'it is gated.' }]), 'closed'],
  ])('judges weights with %s as such', (_, weights, state) => {
    const { mof, osaid } = opennessOf(all({ weights }), []);
    expect(mof.components.find((component) => component.id === 'final-parameters')?.state).toBe(state);
    expect(osaid.elements.find((element) => element.id === 'parameters')?.state).toBe(state);
  });
});

describe('the Open Source AI Definition beside it', () => {
  it('wants information on the data, not the data: there the two disagree', () => {
    const { mof, osaid } = opennessOf(all({ dataset: subject('dataset', { licence: 'CC-BY-NC-4.0', state: 'denied' }) }), []);
    expect(mof.atBest).toBe('II');
    expect(osaid.elements.find((element) => element.id === 'data-information')?.state).toBe('open');
    expect(osaid.state).toBe('met');
  });

  it('is unknown while nobody has read the description of the data', () => {
    const unread = subject('dataset', { evidence: [] });
    expect(opennessOf(all({ dataset: unread }), []).osaid.state).toBe('unknown');
  });
});

describe('of the committed releases', () => {
  it('nothing is proven for the puppet show, and no class is possible while its recipes are stubs', () => {
    const { openness } = judge(inputsOf('release.yaml'), AT);
    expect(openness.mof.proven).toBe('none');
    expect(openness.mof.atBest).toBe('III');
    expect(openness.mof.components.find((component) => component.id === 'datasets')?.state).toBe('closed');
    expect(openness.osaid.state).toBe('not met');
  });

  it('the parameters of SmolLM2 are open, which is what its release requires and no class of the framework', () => {
    const { openness } = judge(inputsOf(SMOLLM2), AT);
    const stateOf = (id: string) => openness.mof.components.find((component) => component.id === id)?.state;
    expect([stateOf('final-parameters'), stateOf('inference-code'), stateOf('datasets')]).toEqual(['conditional', 'open', 'unknown']);
    expect(openness.mof.proven).toBe('none');
  });
});
