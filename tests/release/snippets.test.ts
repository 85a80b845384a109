import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';

const scratch = mkdtempSync(join(tmpdir(), 'ovk-snippets-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The release of the root with more of it said. */
function releaseWith(snippet: string) {
  const file = join(scratch, 'release.yaml');
  writeFileSync(file, stringify({ ...parse(readFileSync(fromRoot('release.yaml'), 'utf8')), ...parse(snippet) }));
  return loadRelease(file).release;
}

const TEMPLATE = readFileSync(fromRoot('release', 'template.yaml'), 'utf8');

describe('what the template of a release has in comments', () => {
  const blocks = [...TEMPLATE.matchAll(/^# (\w+):\n(?:# {2,}.+\n)+/gm)].map(([text, key]) => ({ key, text: text.replaceAll(/^# /gm, '') }));

  it('are the keys that have no default worth writing', () => {
    expect(blocks.map(({ key }) => key)).toEqual(['service', 'startup']);
  });

  it.each(blocks)('may be taken out of them: $key', ({ key, text }) => {
    expect(releaseWith(text)[key as 'startup']).toMatchObject(parse(text)[key ?? '']);
  });
});

it('the page about scaling shows a start as a release may have it', () => {
  const [, block = ''] = /```yaml\n(startup:[\s\S]*?)```/.exec(readFileSync(fromRoot('docs', 'scaling.md'), 'utf8')) ?? [];
  expect(releaseWith(block).startup).toEqual(parse(block).startup);
  expect(Object.keys(parse(block).startup)).toEqual(['arrivalSeconds', 'engineSeconds', 'measured']);
});
