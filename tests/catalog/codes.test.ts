import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOG_CODES } from '../../catalog/codes';
import { CORE_CODES } from '../../core/codes';
import { fromRoot } from '../../core/project-root';

describe('the codes of the catalogue', () => {
  const sources = (readdirSync(fromRoot('catalog'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts') && file !== 'codes.ts')
    .map((file) => join(fromRoot('catalog'), file))
    .concat(fromRoot('scripts/commands/catalog.ts'), fromRoot('scripts/commands/prices.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const emitted = new Set(sources.match(/'E_[A-Z_]+'/g)?.map((quoted) => quoted.slice(1, -1)));

  it('are documented, each that can be emitted', () => {
    for (const code of emitted) expect({ ...CORE_CODES, ...CATALOG_CODES }, code).toHaveProperty(code);
  });

  it('can be emitted, each that is documented', () => {
    expect([...emitted].filter((code) => code in CATALOG_CODES).sort()).toEqual(Object.keys(CATALOG_CODES).sort());
  });
});
