import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { allCodes } from '../../scripts/all-codes';
import { codesPage } from '../../scripts/codes-page';

const ROOMS = [
  'core',
  'release',
  'catalog',
  'planning',
  'compliance',
  'charts',
  'reports',
  'stacks',
  'rollout',
  'rehearsal',
  'runtime',
  'scripts',
];
const CODE = /'((?:[EW]_[A-Z0-9_]+)|(?:OVK-[A-Z]{2,4}-\d{3}))'/g;

/** Codes that the sources of the rooms name, but for the code tables themselves. */
function codesInSources(): Set<string> {
  const found = new Set<string>();
  for (const room of ROOMS) {
    for (const entry of listFolder(room)) {
      if (!/\.tsx?$/.test(entry) || /(^|\/)codes\.ts$/.test(entry)) continue;
      for (const [, code] of readFileSync(fromRoot(room, entry), 'utf8').matchAll(CODE)) if (code) found.add(code);
    }
  }
  return found;
}

function listFolder(room: string): string[] {
  try {
    return readdirSync(fromRoot(room), { recursive: true }).map((entry) => String(entry).split('\\').join('/'));
  } catch {
    return [];
  }
}

describe('codes', () => {
  it('that the sources name are all explained', () => {
    const known = allCodes();
    expect([...codesInSources()].filter((code) => !(code in known))).toEqual([]);
  });

  it('have a title, a meaning and a remedy', () => {
    for (const [code, doc] of Object.entries(allCodes())) {
      expect({ code, complete: [doc.title, doc.meaning, doc.remedy].every((text) => text.trim().length > 10) }).toEqual({
        code,
        complete: true,
      });
    }
  });

  it('stand in docs/codes.md as `ovkit explain` shows them (npm run docs)', () => {
    expect(readFileSync(join(fromRoot('docs'), 'codes.md'), 'utf8')).toBe(codesPage());
  });
});
