import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { PlanSchema } from '../../planning/plan';
import { ReleaseSchema } from '../../release/schema';
import { cleanText } from '../../reports/clean';
import { renderHtmlReport } from '../../reports/html/render-html-report';
import { RehearsalSummarySchema } from '../../reports/rehearsal-summary';
import { samplePlan, sampleRehearsal, sampleRelease, sampleVerdict } from './sample';
import { HOSTILE_FRAGMENTS, replaceFreeStrings } from './strings';

/** The page with every free string of every input replaced. */
function renderWith(replace: (index: number) => string): string {
  return renderHtmlReport({
    release: replaceFreeStrings(sampleRelease(), ReleaseSchema, replace),
    plan: replaceFreeStrings(samplePlan(), PlanSchema, replace),
    verdict: replaceFreeStrings(sampleVerdict(), VerdictSchema, replace),
    rehearsal: replaceFreeStrings(sampleRehearsal(), RehearsalSummarySchema, replace),
    kitVersion: replace(0),
  });
}

const TAG = /<(\/?[a-z][a-zA-Z0-9]*)((?:\s+[a-zA-Z0-9:-]+(?:="[^"]*")?)*)\s*\/?>/g;

/** Each tag with the names of its attributes, counted. What is left over holds no "<" when nothing broke out. */
function inventory(html: string): { readonly tags: Readonly<Record<string, number>>; readonly rest: string } {
  const tags: Record<string, number> = {};
  const rest = html.replace(/^<!doctype html>/, '').replace(TAG, (_, tag: string, attributes: string) => {
    const names = [...attributes.matchAll(/\s+([a-zA-Z0-9:-]+)(?:="[^"]*")?/g)].map((match) => match[1]).join(' ');
    const key = `${tag} ${names}`;
    tags[key] = (tags[key] ?? 0) + 1;
    return '';
  });
  return { tags, rest };
}

/** The page with harmless strings of the same length as a hostile one; length matters, since a long name may find no room in a chart. */
function benignTags(hostile: string): Readonly<Record<string, number>> {
  const plain = 'p'.repeat(cleanText(hostile).length);
  return inventory(renderWith((index) => `${plain} ${index}`)).tags;
}

describe('no string of the input can inject markup', () => {
  it('keeps the tags and attributes of the page with hostile strings in every field', () => {
    for (const fragment of HOSTILE_FRAGMENTS) {
      const { tags, rest } = inventory(renderWith((index) => `${fragment} ${index}`));
      expect(rest).not.toContain('<');
      expect(tags).toEqual(benignTags(fragment));
    }
  });

  it('keeps them for any string', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...HOSTILE_FRAGMENTS, '<', '>', '"', "'", '&', '\n') }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const { tags, rest } = inventory(renderWith((index) => `x${text} ${index}`));
        expect(rest).not.toContain('<');
        expect(tags).toEqual(benignTags(`x${text}`));
      }),
      { numRuns: 25 },
    );
  });

  it('shows deceptive characters instead of obeying them', () => {
    const html = renderWith((index) => `a\u202eb\u0000c ${index}`);
    expect(html.includes('\u202e') || html.includes('\u0000')).toBe(false);
    expect(html).toContain('a\ufffdb\ufffdc');
  });

  it('links plain https addresses only', () => {
    const hrefs = (source: string) => {
      const verdict = { ...sampleVerdict(), subjects: [], findings: [] };
      const html = renderHtmlReport({ release: sampleRelease(), plan: { ...samplePlan(), sources: [source] }, verdict, kitVersion: '1' });
      return [...html.matchAll(/href="([^"#][^"]*)"/g)].map((match) => match[1]);
    };
    expect(hrefs('https://example.org/a?b=1')).toEqual(['https://example.org/a?b=1']);
    for (const source of [
      'javascript:alert(1)',
      'http://example.org',
      'https://user:pw@example.org',
      'https://example.org/ x',
      '//example.org',
      'data:text/html,x',
    ]) {
      expect(hrefs(source)).toEqual([]);
    }
  });

  it('replaces a good part of the strings, so that the tests above mean something', () => {
    const html = renderWith((index) => `marker${index} `);
    expect(html.match(/marker\d+ /g)?.length).toBeGreaterThan(150);
  });
});
