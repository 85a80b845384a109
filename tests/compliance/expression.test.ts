import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import currentIds from 'spdx-license-ids';
import satisfies from 'spdx-satisfies';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judgeLicence, type LicenceTerms, licenceKey } from '../../compliance/expression/evaluate';
import { MAX_LEAVES } from '../../compliance/expression/parse';
import { cpuMilliseconds } from '../cpu-time';

type Row = readonly [allowed: readonly string[], says: string, state: string];
const vectors = parse(readFileSync(join(__dirname, 'expression-vectors.yaml'), 'utf8')) as { exact: Row[]; later: Row[] };

function terms(allowed: readonly string[], orLater: LicenceTerms['orLater'] = 'exact', denied: readonly string[] = []): LicenceTerms {
  return { allowed: new Set(allowed.map((text) => licenceKey(text) ?? text)), denied: new Set(denied), orLater };
}

describe('SPDX expressions against the table of vectors', () => {
  it('has a table worth the name', () => expect(vectors.exact.length + vectors.later.length).toBeGreaterThanOrEqual(150));

  it.each(vectors.exact)('allowed %j, says %j: %s', (allowed, says, state) => {
    expect(judgeLicence(says, terms(allowed)).state).toBe(state);
  });

  it.each(vectors.later)('with a choice of later versions, allowed %j, says %j: %s', (allowed, says, state) => {
    expect(judgeLicence(says, terms(allowed, 'same-or-later')).state).toBe(state);
  });
});

describe('what is not a string', () => {
  it.each([[undefined], [null], [['MIT', 'GPL-3.0-only']], [['MIT']], [{ type: 'MIT' }], [42], [true], [[]], [Symbol('MIT')]])(
    '%s is unknown',
    (says) => {
      expect(judgeLicence(says, terms(['MIT'])).state).toBe('unknown');
    },
  );
});

describe('limits', () => {
  const hostile = [
    ['10,000 licences', Array(10_000).fill('MIT').join(' AND ')],
    ['100,000 brackets', `${'('.repeat(100_000)}MIT${')'.repeat(100_000)}`],
    ['1 MB of one token', 'M'.repeat(1_000_000)],
  ] as const;
  it.each(hostile)('%s are refused at once and unknown', (_, text) => {
    judgeLicence('MIT', terms(['MIT']));
    const took = cpuMilliseconds(() => expect(judgeLicence(text, terms(['MIT'])).state).toBe('unknown'));
    expect(took).toBeLessThan(50);
  });

  it('takes an expression of the largest size quickly, where spdx-satisfies is exponential', () => {
    const clauses = Array(MAX_LEAVES / 2)
      .fill('(MIT OR GPL-3.0-only)')
      .join(' AND ');
    const took = cpuMilliseconds(() => expect(judgeLicence(clauses, terms(['MIT'])).state).toBe('allowed'));
    expect(took).toBeLessThan(500);
  });
});

it('says which licence decided', () => {
  expect(judgeLicence('MIT AND (Apache-2.0 OR GPL-3.0-only) AND AGPL-3.0-only', terms(['MIT', 'Apache-2.0']))).toMatchObject({
    state: 'denied',
    decisive: ['AGPL-3.0-only'],
    because: 'AGPL-3.0-only is not on the list of allowed licences',
  });
});

it('knows every current SPDX id, and refuses an expression as a row', () => {
  for (const id of currentIds) expect(judgeLicence(id, terms([id])).state, id).toBe('allowed');
  expect(licenceKey('MIT OR GPL-3.0-only')).toBeUndefined();
});

it('takes no current id for another one, in either meaning of later versions without a +', () => {
  for (const id of currentIds) {
    const others = terms(
      currentIds.filter((other) => other !== id),
      id.endsWith('-or-later') ? 'exact' : 'same-or-later',
    );
    expect(judgeLicence(id, others).state, id).toBe('denied');
  }
});

it('shows the way to what decided', () => {
  const { path } = judgeLicence('MIT AND (Apache-2.0 OR GPL-3.0-only) AND (AGPL-3.0-only OR MPL-2.0)', terms(['MIT', 'Apache-2.0']));
  expect(path).toEqual(['AND, side 3 of 3', 'OR, all 2 sides']);
});

it('takes any row of up to four words and brackets for an expression exactly when the grammar of SPDX does', () => {
  const words = ['(', ')', 'AND', 'OR', 'WITH', 'MIT', 'LicenseRef-x', 'LLVM-exception'];
  let rows: readonly string[] = [''];
  for (let length = 1; length <= 4; length += 1) {
    rows = rows.flatMap((row) => words.map((word) => `${row}${word} `));
    const wrong = rows.filter((row) => (judgeLicence(row, terms(['MIT'])).expression !== null) !== isExpression(row));
    expect(wrong).toEqual([]);
  }
});

/** The grammar of SPDX by reduction: what is an expression becomes one letter, until nothing more can. */
function isExpression(row: string): boolean {
  let text = ` ${row}`.replaceAll(/ (?:MIT|LicenseRef-x)(?: WITH LLVM-exception)?(?= )/g, ' E');
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replaceAll(' ( E ) ', ' E ').replaceAll(/ E (?:AND|OR) E /g, ' E ');
  }
  return text === ' E ';
}

type Node = string | readonly ['AND' | 'OR', Node, Node];
const LEAVES = ['MIT', 'Apache-2.0', 'GPL-3.0-only', 'MPL-2.0', 'LicenseRef-x', 'BSD-3-Clause'] as const;
const node: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...LEAVES),
    fc.tuple(fc.constantFrom('AND' as const, 'OR' as const), tie('node'), tie('node')),
  ),
})).node;
const allowList = fc.subarray(['MIT', 'Apache-2.0', 'GPL-3.0-only', 'MPL-2.0', 'BSD-3-Clause']);
const print = (tree: Node): string => (typeof tree === 'string' ? tree : `(${print(tree[1])} ${tree[0]} ${print(tree[2])})`);

/** Strong Kleene logic by trying both values for everything unknown. */
function truthTable(tree: Node, allowed: ReadonlySet<string>): string {
  const value = (at: Node, unknownIs: boolean): boolean => {
    if (typeof at === 'string') return at.startsWith('LicenseRef-') ? unknownIs : allowed.has(at);
    return at[0] === 'AND' ? value(at[1], unknownIs) && value(at[2], unknownIs) : value(at[1], unknownIs) || value(at[2], unknownIs);
  };
  const [worst, best] = [value(tree, false), value(tree, true)];
  return worst ? 'allowed' : best ? 'unknown' : 'denied';
}

describe('for any expression', () => {
  it('agrees with a truth table', () => {
    fc.assert(
      fc.property(node, allowList, (tree, allowed) => {
        expect(judgeLicence(print(tree), terms(allowed)).state).toBe(truthTable(tree, new Set(allowed)));
      }),
      { numRuns: 500 },
    );
  });

  it('gets no better by AND and no worse by OR', () => {
    const rank = ['denied', 'unknown', 'allowed'];
    fc.assert(
      fc.property(node, node, allowList, (tree, more, allowed) => {
        const state = (text: string) => rank.indexOf(judgeLicence(text, terms(allowed)).state);
        expect(state(`${print(tree)} AND ${print(more)}`)).toBeLessThanOrEqual(state(print(tree)));
        expect(state(`${print(tree)} OR ${print(more)}`)).toBeGreaterThanOrEqual(state(print(tree)));
      }),
      { numRuns: 300 },
    );
  });

  it('does not care for case, spaces and extra brackets', () => {
    fc.assert(
      fc.property(node, allowList, fc.boolean(), fc.constantFrom(' ', '  ', '\t', '\n'), (tree, allowed, upper, space) => {
        const text = print(tree);
        const cased = text.replaceAll(/[A-Za-z0-9.-]+/g, (word) =>
          word.startsWith('LicenseRef') ? word : upper ? word.toUpperCase() : word.toLowerCase(),
        );
        const spaced = `${space}((${cased.replaceAll(' ', space)}))${space}`;
        expect(judgeLicence(spaced, terms(allowed)).state).toBe(judgeLicence(text, terms(allowed)).state);
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with spdx-satisfies where that can be trusted: few leaves, no ids that meet its endsWith bug', () => {
    const small = fc.letrec<{ node: Node }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom('MIT', 'Apache-2.0', 'ISC', 'BSD-3-Clause', 'MPL-2.0'),
        fc.tuple(fc.constantFrom('AND' as const, 'OR' as const), tie('node'), tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(small, fc.subarray(['MIT', 'Apache-2.0', 'ISC', 'BSD-3-Clause'], { minLength: 1 }), (tree, allowed) => {
        expect(judgeLicence(print(tree), terms(allowed)).state === 'allowed').toBe(satisfies(print(tree), allowed));
      }),
      { numRuns: 200 },
    );
  });

  it('never throws and never allows what is not on the list, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const { state, decisive } = judgeLicence(text, terms(['MIT']));
        if (state === 'allowed') expect(decisive).toEqual(expect.arrayContaining(['MIT']));
      }),
      { numRuns: 400 },
    );
  });
});
