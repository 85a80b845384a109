import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { PlanSchema } from '../../planning/plan';
import { MARKDOWN_MARKER, toMarkdown } from '../../reports/markdown';
import { markdownText } from '../../reports/markdown-text';
import { samplePlan, sampleVerdict } from './sample';
import { HOSTILE_FRAGMENTS, replaceFreeStrings } from './strings';

/** What is left of Markdown once each escaped character is gone: nothing in it may have a meaning. */
const withoutEscapes = (markdown: string) => markdown.replace(/\\[!-/:-@[-`{-~]/g, '');
const ACTIVE = /[`*_{}[\]()<>#+!|~&@$:=^"\\]/;
/** What GitHub turns into links after Markdown is done. */
const AUTOLINK = /@[a-z0-9]|#\d|\bGH-\d|www\.\w|:\/\/|[0-9a-f]{7}/i;

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(...HOSTILE_FRAGMENTS, '\\', '`', '|', '@a', '#1', 'deadbeef1') }),
);

describe('input text in Markdown', () => {
  it('has no active character, link or mention left', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const out = markdownText(text);
        expect(withoutEscapes(out)).not.toMatch(ACTIVE);
        expect(out.replace(/\\([!-/:-@[-`{-~])/g, '$1')).not.toMatch(AUTOLINK);
        expect(out).not.toMatch(/[\n\r]/);
      }),
      { numRuns: 500 },
    );
  });

  it('is cut to its length', () => {
    expect(markdownText('x'.repeat(1_000)).length).toBe(300);
  });

  it('leaves plain words alone', () => {
    expect(markdownText('the image is not built, see point 4.')).toBe('the image is not built, see point 4.');
  });
});

describe('the pull-request comment', () => {
  it('keeps its lines and columns with hostile strings in every field', () => {
    const shape = (markdown: string) => markdown.split('\n').map((line) => withoutEscapes(line).replace(/[^|<>]/g, ''));
    const render = (replace: (index: number) => string) =>
      toMarkdown(replaceFreeStrings(samplePlan(), PlanSchema, replace), replaceFreeStrings(sampleVerdict(), VerdictSchema, replace));
    const benign = shape(render((index) => `plain ${index}`));
    for (const fragment of HOSTILE_FRAGMENTS) expect(shape(render((index) => `${fragment} ${index}`))).toEqual(benign);
  });

  it('says verdict, plan, prices with ranges and what is open', () => {
    const text = toMarkdown(samplePlan(), sampleVerdict());
    expect(text.startsWith(MARKDOWN_MARKER)).toBe(true);
    expect(text).toContain('Not releasable yet');
    expect(text).toContain('\\$1.12 \\(\\$0.894 to \\$1.61, calibrated estimate\\)');
    expect(text).toContain('| Price per million tokens | unknown |');
    expect(text).toContain('the image is not built.');
    expect(text.toLowerCase()).not.toContain('compliant');
  });

  it('stays below the length of a comment, and says how many points it leaves out', () => {
    const [finding] = sampleVerdict().findings;
    if (!finding) throw new Error('the sample has findings');
    const findings = Array.from({ length: 400 }, (_, index) => ({
      ...finding,
      subject: `s${index} ${'|'.repeat(2_000)}`,
      message: '@'.repeat(2_000),
      closes: `${index % 40} ${'<'.repeat(2_000)}`,
    }));
    const problems = Array.from({ length: 400 }, () => ({
      code: 'E_X',
      severity: 'error' as const,
      message: '#'.repeat(2_000),
      next: '<'.repeat(2_000),
    }));
    const text = toMarkdown({ ...samplePlan(), problems }, { ...sampleVerdict(), findings });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('and 28 more, see the report');
    expect(text).toContain('and 5 more |');
    expect(text).toContain('400 open points');
  });

  it('names what one step closes on one line', () => {
    const [finding] = sampleVerdict().findings;
    if (!finding) throw new Error('the sample has findings');
    const findings = ['a', 'b', 'c'].map((subject) => ({ ...finding, subject }));
    expect(toMarkdown(samplePlan(), { ...sampleVerdict(), findings })).toContain('| unknown | a<br>b<br>c |');
  });

  it('says what bounds the requests of a second where a faster card would not help', () => {
    const plan = samplePlan();
    const bound = toMarkdown({ ...plan, performance: { ...plan.performance, boundBy: 'image-preparation' } }, sampleVerdict());
    expect(bound).toContain('replicas help, a faster card does not');
    expect(toMarkdown(plan, sampleVerdict())).not.toContain('a faster card');
  });

  it('is the same for the same input', () => {
    expect(toMarkdown(samplePlan(), sampleVerdict())).toBe(toMarkdown(samplePlan(), sampleVerdict()));
  });
});
