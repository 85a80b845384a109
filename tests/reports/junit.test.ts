import { describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { toJunit } from '../../reports/junit';
import { sampleVerdict } from './sample';
import { HOSTILE_FRAGMENTS, replaceFreeStrings } from './strings';

const AT = new Date('2026-12-01T00:00:00Z');
const TAG = /^<(\/?)([a-z]+)((?: [a-z]+="[^<&"]*(?:&(?:amp|lt|gt|quot|apos);[^<&"]*)*")*)(\/?)>/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that XML 1.0 does not know
const TEXT = /^[^<&\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]*/;
const ENTITY = /^&(?:amp|lt|gt|quot|apos);/;

/** Reads the XML that the kit writes, and nothing else: a document that holds any other construct is refused. */
function elements(xml: string): { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[] {
  let rest = xml.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, '');
  const open: string[] = [];
  const found: { name: string; attributes: Record<string, string> }[] = [];
  while (rest !== '') {
    const [tag, close, name = '', attributes = '', empty] = TAG.exec(rest) ?? [];
    if (tag !== undefined) {
      if (close) expect(open.pop()).toBe(name);
      else {
        found.push({
          name,
          attributes: Object.fromEntries([...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
        });
        if (!empty) open.push(name);
      }
      rest = rest.slice(tag.length);
      continue;
    }
    const piece = ENTITY.exec(rest)?.[0] ?? TEXT.exec(rest)?.[0] ?? '';
    if (piece === '') throw new Error(`not well-formed at ${JSON.stringify(rest.slice(0, 80))}`);
    rest = rest.slice(piece.length);
  }
  expect(open).toEqual([]);
  return found;
}

describe('the JUnit report', () => {
  const all = elements(toJunit(sampleVerdict(), AT));
  const count = (name: string) => all.filter((element) => element.name === name).length;

  it('has a case per subject and per loose point, and the counts say so', () => {
    const [root] = all;
    expect(root?.attributes.tests).toBe(String(count('testcase')));
    expect(root?.attributes.failures).toBe(String(count('failure')));
    expect(root?.attributes.errors).toBe(String(count('error')));
    expect(count('testcase')).toBeGreaterThanOrEqual(sampleVerdict().subjects.length);
    expect(count('failure') + count('error')).toBeGreaterThan(0);
    expect(count('skipped')).toBe(0);
  });

  it.each([
    ['denied', 'failure'],
    ['conflict', 'failure'],
    ['unknown', 'error'],
    ['unavailable', 'error'],
    ['allowed', null],
  ] as const)('shows a subject that is %s as %s', (state, outcome) => {
    const [first] = sampleVerdict().subjects;
    if (!first) throw new Error('the sample has subjects');
    const names = elements(toJunit({ ...sampleVerdict(), subjects: [{ ...first, state }], findings: [] }, AT)).map(
      (element) => element.name,
    );
    expect(names).toEqual(['testsuites', 'testsuite', 'testcase', ...(outcome ? [outcome] : [])]);
  });

  it('is green for nobody who leaves points without a subject open', () => {
    const names = elements(toJunit({ ...sampleVerdict(), subjects: [] }, AT)).map((element) => element.name);
    expect(names.filter((name) => name === 'failure' || name === 'error').length).toBeGreaterThan(0);
  });

  it.each(HOSTILE_FRAGMENTS.map((text, index) => [index, text] as const))(
    'stays well-formed, with the same elements, for hostile text %i',
    (_, text) => {
      const hostile = replaceFreeStrings(sampleVerdict(), VerdictSchema, (index) => `${text}\ufffe${index}`);
      expect(elements(toJunit(hostile, AT)).map((element) => element.name)).toEqual(all.map((element) => element.name));
    },
  );
});
