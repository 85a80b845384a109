import { describe, expect, it } from 'vitest';
import { judge } from '../../compliance/judge';
import { compareOpinions } from '../../compliance/second-opinion/compare';
import { runLicenseChecker } from '../../compliance/second-opinion/run-license-checker';
import type { RunProcess } from '../../core/run-process';
import { secondOpinionText } from '../../reports/second-opinion-text';
import { AT, inputsOf, SMOLLM2 } from './support';

const answering =
  (stdout: string, exitCode: number | null = 0): RunProcess =>
  async () => ({ exitCode, stdout, stderr: 'last words', output: stdout });
const ask = (answer: unknown, exitCode?: number | null) => runLicenseChecker(answering(JSON.stringify(answer), exitCode), '/tree');

describe('asking license-checker', () => {
  it('gives its packages, without the root', async () => {
    const seen = await ask({
      'kit@0.1.0': { licenses: 'Apache-2.0', path: '/tree' },
      'b@1.0.0': { licenses: ['MIT', 'ISC'], path: '/tree/node_modules/b' },
      'a@1.0.0': { path: '/tree/node_modules/a' },
    });
    expect(seen.map((each) => [each.id, each.licences])).toEqual([
      ['a@1.0.0', 'UNKNOWN'],
      ['b@1.0.0', 'MIT, ISC'],
    ]);
  });

  it.each([
    ['nothing', {}],
    ['nothing but the root', { 'kit@0.1.0': { licenses: 'Apache-2.0', path: '/tree' } }],
  ])('is an error when it saw %s, for which it exits 0', async (_, answer) => {
    await expect(ask(answer)).rejects.toMatchObject({ code: 'E_SECOND_OPINION_EMPTY' });
  });

  it.each([
    ['fails', answering('{}', 1)],
    ['is killed', answering('{}', null)],
    ['answers no JSON', answering('oops')],
    ['answers another form', answering('[1]')],
  ])('is an error when it %s', async (_, run) => {
    await expect(runLicenseChecker(run, '/tree')).rejects.toMatchObject({ code: 'E_SECOND_OPINION_FAILED' });
  });
});

describe('comparing', () => {
  const verdict = judge(inputsOf(SMOLLM2), AT);
  const all = [
    ...new Map(verdict.subjects.filter((subject) => subject.kind === 'npm-package').map((subject) => [subject.title, subject.licence])),
  ].map(([id, licence]) => ({ id, licences: licence ?? 'UNKNOWN', path: `/tree/node_modules/${id}` }));

  it('agrees with itself', () => {
    expect(compareOpinions(verdict, all, 't')).toMatchObject({
      expected: all.length,
      seen: all.length,
      agree: all.length,
      differ: [],
      foreign: [],
      notSeen: [],
    });
  });

  it('shows another licence, a guess, a stranger, and what was not seen', () => {
    const [one, two, three, ...rest] = all;
    if (!one || !two || !three) throw new Error('the lock has packages');
    const opinion = compareOpinions(
      verdict,
      [
        { ...one, licences: 'GPL-3.0-only' },
        { ...two, licences: `${two.licences}*` },
        ...rest,
        { id: 'alien@1.0.0', licences: 'MIT', path: '/x' },
      ],
      't',
    );
    expect(opinion.differ.map((each) => each.id)).toEqual([one.id, two.id]);
    expect([opinion.foreign, opinion.notSeen]).toEqual([['alien@1.0.0'], [three.id]]);
    const text = secondOpinionText(opinion);
    for (const word of [
      `${one.id}: the lock ${one.licences}, the tool GPL-3.0-only`,
      'alien@1.0.0',
      three.id,
      'changes nothing of the verdict',
    ])
      expect(text).toContain(word);
  });
});
