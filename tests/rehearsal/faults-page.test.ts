import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';

it('every fault of docs/faults.md names a test of the cluster tier that there is', () => {
  const folder = fromRoot('tests', 'cluster');
  const tests = readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    .join('\n');
  const rows = readFileSync(fromRoot('docs', 'faults.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '');
  expect(rows.length).toBeGreaterThan(10);
  for (const title of rows) expect([title, tests.includes(`'${title}'`)]).toEqual([title, true]);
});
