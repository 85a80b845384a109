import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { RUNTIME_CODES } from '../../runtime/codes';

it('every code and rule that the room and its commands emit is documented, and no other', () => {
  const room = readdirSync(fromRoot('runtime'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'codes.ts')
    .map((name) => `runtime/${name}`);
  const files = [...room, 'scripts/commands/runtime.ts', 'scripts/commands/image.ts', 'scripts/commands/bench.ts'];
  const emitted = files.flatMap((file) =>
    [...readFileSync(fromRoot(file), 'utf8').matchAll(/'(E_[A-Z_]+|OVK-RUN-\d+)'/g)].map((match) => match[1]),
  );
  expect([...new Set(emitted)].sort()).toEqual(Object.keys(RUNTIME_CODES).sort());
});
