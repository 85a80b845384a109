import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { PLANNING_CODES } from '../../planning/codes';

const files = readdirSync(fromRoot('planning'), { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && name !== 'codes.ts',
);
const source = files.map((name) => readFileSync(join(fromRoot('planning'), name), 'utf8')).join('\n');
/** Codes of other rooms that comments of planning/ name as thrown. */
const ELSEWHERE = [
  'E_MODEL_UNKNOWN',
  'E_ENGINE_UNKNOWN',
  'E_REGION_UNKNOWN',
  'E_FAMILY_UNKNOWN',
  'E_GPU_UNKNOWN',
  'E_RELEASE_INVALID',
  'E_FILE_MISSING',
  'E_CATALOG_INVALID',
];

it('explains every code that planning emits, and no other', () => {
  const used = new Set(source.match(/\b[EW]_[A-Z0-9_]+\b/g) ?? []);
  expect([...used].filter((code) => !ELSEWHERE.includes(code)).sort()).toEqual(Object.keys(PLANNING_CODES).sort());
});

it('says of each code what it means and what to do', () => {
  for (const doc of Object.values(PLANNING_CODES)) {
    expect(doc.title.length * doc.meaning.length * doc.remedy.length).toBeGreaterThan(0);
  }
});
