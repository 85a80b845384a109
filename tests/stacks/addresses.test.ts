import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resourcesOf, synthesise } from './fixtures';

const GOLDEN = join(__dirname, 'addresses.golden.txt');

/** A changed address is a destroyed and a new resource: the golden file makes that a decision. Renew it with UPDATE_GOLDEN=1. */
it('the addresses of all resources are those that teams already have in their state', () => {
  const { stacks } = synthesise({ settings: { githubRepository: 'puppeteers/show' } });
  const text = Object.keys(stacks)
    .sort()
    .flatMap((stack) => resourcesOf(stacks[stack]).map(([address]) => `${stack} ${address}`))
    .sort()
    .join('\n')
    .concat('\n');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
});
