import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';

it('the benchmark of the check judges what it generates, by ovkit and by both license-checkers', () => {
  const args = [fromRoot('bench', 'check.mjs'), '1', '30'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: fromRoot(), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^30 npm packages and \d+ other subjects/);
  for (const tool of ['ovkit check', 'license-checker 25', 'license-checker-rseidelsohn'])
    expect(stdout).toMatch(new RegExp(`^${tool}.* 30$`, 'm'));
});
