import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { judge } from '../../compliance/judge';
import { fromRoot } from '../../core/project-root';
import { AT, inputsOf } from './support';

const read = (file: string) => readFileSync(fromRoot(file), 'utf8');

it('README and docs/compliance.md tell the verdict of today as it is', () => {
  const verdict = judge(inputsOf('release.yaml'), AT);
  const open = verdict.findings.filter((finding) => finding.severity === 'error');
  const waivers = judge(inputsOf('release.yaml', 'rehearsal'), AT).waivers.length;
  expect(read('README.md')).toContain(`| 2: ${open.length} open points | 0: allowed for rehearsal only, ${waivers} waivers |`);
  const page = read('docs/compliance.md');
  expect(page).toContain(`${open.length} open points, none of them a denial`);
  expect(verdict.counts.denied).toBe(0);
  const shown = [...page.matchAll(/\| (\d+) (unknown|conflict|unavailable) \|/g)].map(
    ([, count, state]) => [Number(count), state] as const,
  );
  expect(shown.reduce((sum, [count]) => sum + count, 0)).toBe(open.length);
  for (const state of ['unknown', 'conflict', 'unavailable'] as const) {
    const sum = shown.filter(([, of]) => of === state).reduce((total, [count]) => total + count, 0);
    expect([state, sum]).toEqual([state, open.filter((finding) => finding.state === state).length]);
  }
});
