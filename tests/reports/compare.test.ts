import { describe, expect, it } from 'vitest';
import { compareText } from '../../reports/compare-text';
import { renderCompareReport } from '../../reports/html/render-compare-report';
import { sampleComparison } from './sample-comparison';
import { HOSTILE_FRAGMENTS } from './strings';

/** Words that the page chooses by; everything else is free text. */
const WORDS = new Set(['kind', 'state', 'basis', 'origin', 'precision', 'method']);

function withStrings<T>(value: T, text: string, key = ''): T {
  if (typeof value === 'string') return (WORDS.has(key) ? value : `${text} ${value.length}`) as T;
  if (Array.isArray(value)) return value.map((item, index) => withStrings(item, `${text}${index}`)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withStrings(inner, text, name)])) as T;
}

const comparison = sampleComparison();
const html = renderCompareReport({ comparison, kitVersion: '0.1.0' });

describe('the page of a comparison', () => {
  it('says first which one to take, that it is an estimate, and what the step up buys', () => {
    expect(html).toContain('<h1>Take puppet-show</h1>');
    expect(html).toContain('an estimate');
    expect(html).toMatch(/puppet-show-8b for \$\d+\.\d\d a month more .*better in 9 of 11 published scores/);
    expect(html).toContain('It may not be released before its licences are settled: unknown.');
  });

  it('names the source of every score', () => {
    for (const { sources } of comparison.scores) for (const source of sources) expect(html).toContain(source);
  });

  it('shows why a plan does not hold', () => {
    expect(html).toContain(comparison.options[2]?.problems[0]?.split(':')[0]);
  });

  it('lets no string of the input become markup, a script or a style', () => {
    const tags = (text: string) => text.match(/<[a-zA-Z/][^\s>]*/g)?.length;
    for (const fragment of HOSTILE_FRAGMENTS) {
      const hostile = renderCompareReport({ comparison: withStrings(comparison, fragment), kitVersion: fragment });
      const harmless = renderCompareReport({ comparison: withStrings(comparison, 'x'), kitVersion: 'x' });
      expect(tags(hostile)).toBe(tags(harmless));
      expect(hostile).not.toMatch(/<(script|img|iframe|object|embed|form|base)\b/i);
    }
  });

  it('asks for nothing from the network', () => {
    expect(html).not.toMatch(/\s(src|srcset)=|<link|@import|url\(/);
  });
});

describe('the text of a comparison', () => {
  const text = compareText(comparison, { colours: false });

  it('starts with the recommendation and its rule', () => {
    expect(text.split('\n')[0]).toBe('Take puppet-show.');
    expect(text).toContain('Rule: The cheapest month among the releases whose plan holds');
  });

  it('has a column per release and carries no control character', () => {
    for (const { name } of comparison.options) expect(text).toContain(name);
    const hostile = compareText(withStrings(comparison, '\u001b[31m\u0007'), { colours: false });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
    expect(hostile).not.toMatch(/[\u0007\u001b]/);
  });
});
