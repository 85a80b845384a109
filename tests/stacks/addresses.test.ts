import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aRelease, resourcesOf, synthesise } from './fixtures';

const RELEASES = { managed: 'addresses.golden.txt', karpenter: 'addresses-karpenter.golden.txt' } as const;

/** A changed address is a destroyed and a new resource: the golden file makes that a decision. Renew it with UPDATE_GOLDEN=1. */
it.each(Object.entries(RELEASES))(
  'the addresses of all resources with nodes: %s are those that teams already have in their state',
  (nodes, file) => {
    const golden = join(__dirname, file);
    const release = aRelease((raw) => Object.assign(raw.placement, { nodes }));
    const { stacks } = synthesise({ release, settings: { githubRepository: 'puppeteers/show' } });
    const text = Object.keys(stacks)
      .sort()
      .flatMap((stack) => resourcesOf(stacks[stack]).map(([address]) => `${stack} ${address}`))
      .sort()
      .join('\n')
      .concat('\n');
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  },
);
