import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { RELEASE_CODES } from '../../release/codes';

it('every code that the room and ovkit init emit is documented, and no other', () => {
  const files = [
    ...readdirSync(fromRoot('release'))
      .filter((name) => name.endsWith('.ts') && name !== 'codes.ts')
      .map((name) => `release/${name}`),
    'scripts/commands/init.ts',
  ];
  const emitted = files.flatMap((file) => [...readFileSync(fromRoot(file), 'utf8').matchAll(/'(E_[A-Z_]+)'/g)].map((match) => match[1]));
  expect([...new Set(emitted)].sort()).toEqual(Object.keys(RELEASE_CODES).sort());
});
