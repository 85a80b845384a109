import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMPLIANCE_CODES } from '../../compliance/codes';
import { fromRoot } from '../../core/project-root';

it('every code and rule that the room emits is documented, and no other', () => {
  const documenting = ['compliance/codes.ts', 'compliance/rules.ts'];
  const files = [...sources('compliance'), 'scripts/commands/check.ts'].filter((file) => !documenting.includes(file));
  const emitted = files.flatMap((file) =>
    [...readFileSync(fromRoot(file), 'utf8').matchAll(/'(E_[A-Z_]+|OVK-[A-Z]+-\d{3})'/g)].map((match) => match[1] ?? ''),
  );
  const elsewhere = new Set(['E_MODEL_UNKNOWN', 'E_ENGINE_UNKNOWN']);
  expect([...new Set(emitted)].filter((code) => !elsewhere.has(code)).sort()).toEqual(Object.keys(COMPLIANCE_CODES).sort());
});

it('every text of a code is a sentence that helps', () => {
  for (const [code, doc] of Object.entries(COMPLIANCE_CODES)) {
    for (const text of [doc.title, doc.meaning, doc.remedy]) expect(text.length, code).toBeGreaterThan(10);
  }
});

function sources(folder: string): string[] {
  return readdirSync(fromRoot(folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
}
