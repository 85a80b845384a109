import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Verdict, VerdictSchema } from '../../compliance/verdict';
import { type Plan, PlanSchema } from '../../planning/plan';
import { toSarif } from '../../reports/sarif';
import { samplePlan, sampleVerdict } from './sample';
import { HOSTILE_FRAGMENTS, replaceFreeStrings } from './strings';

let validate: (value: unknown) => string[];

beforeAll(() => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats(ajv);
  const check = ajv.compile(JSON.parse(readFileSync(join(__dirname, 'sarif-2.1.0.schema.json'), 'utf8')));
  validate = (value) => {
    check(value);
    return (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
});

const refused = (): Plan => ({
  ...samplePlan(),
  problems: [...samplePlan().problems, { code: 'E_BUDGET', severity: 'error', message: 'over the budget.', next: 'raise it.' }],
});

describe('SARIF', () => {
  it('is valid against the schema of OASIS', () => {
    const log = toSarif(sampleVerdict(), refused(), {
      kitVersion: '0.1.0',
      codes: { E_BUDGET: { title: 'Budget', meaning: 'Over.', remedy: 'Raise.' } },
    });
    expect(validate(JSON.parse(JSON.stringify(log)))).toEqual([]);
    expect(validate({ ...log, version: '2.2.0' })).not.toEqual([]);
  });

  it('is valid for any string in any field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HOSTILE_FRAGMENTS), fc.string({ unit: 'binary' }), (fragment, text) => {
        const hostile = (index: number) => `${fragment}${text} ${index}`;
        const log = toSarif(
          replaceFreeStrings(sampleVerdict(), VerdictSchema, hostile),
          replaceFreeStrings(refused(), PlanSchema, hostile),
        );
        expect(validate(JSON.parse(JSON.stringify(log)))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('holds violations only: errors that no waiver excuses', () => {
    const results = toSarif(sampleVerdict(), samplePlan()).runs[0].results;
    expect(results.map((result) => result.ruleId).sort()).toEqual(['OVK-IMG-001', 'OVK-LIC-003']);
    const waived = { ...sampleVerdict(), findings: sampleVerdict().findings.map((finding) => ({ ...finding, waivedBy: 'W-9' })) };
    expect(toSarif(waived).runs[0].results).toEqual([]);
  });

  it('adds what refuses the plan, and not its warnings', () => {
    expect(toSarif(sampleVerdict(), refused()).runs[0].results.map((result) => result.ruleId)).toContain('E_BUDGET');
    expect(toSarif(sampleVerdict(), refused()).runs[0].results.map((result) => result.ruleId)).not.toContain('W_PRICE_OLD');
  });

  it('points at file and line, relative to the root of the repository', () => {
    const result = toSarif(sampleVerdict()).runs[0].results.find((candidate) => candidate.ruleId === 'OVK-LIC-003');
    expect(result?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'release.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 15, startColumn: 7 },
    });
  });

  it('writes paths as URIs', () => {
    const [finding] = sampleVerdict().findings;
    if (!finding) throw new Error('the sample has findings');
    const uriOf = (file: string) =>
      toSarif({ ...sampleVerdict(), findings: [{ ...finding, location: { file, line: null, column: null } }] }).runs[0].results[0]
        ?.locations[0]?.physicalLocation.artifactLocation;
    expect(uriOf('./examples/a b#c.yaml')).toEqual({ uri: 'examples/a%20b%23c.yaml', uriBaseId: '%SRCROOT%' });
    expect(uriOf('/tmp/release.yaml')).toEqual({ uri: 'file:///tmp/release.yaml' });
  });

  it('keeps the fingerprint of a point when its line moves, and tells points apart', () => {
    const [first, second] = sampleVerdict().findings;
    if (!first || !second) throw new Error('the sample has findings');
    const print = (verdict: Verdict) =>
      toSarif(verdict).runs[0].results.map((result) => result.partialFingerprints.primaryLocationLineHash);
    const moved = { ...first, location: { ...first.location, line: 99 } };
    expect(print({ ...sampleVerdict(), findings: [moved] })).toEqual(print({ ...sampleVerdict(), findings: [first] }));
    expect(new Set(print(sampleVerdict())).size).toBe(2);
  });

  it('tells denied from unknown by its level', () => {
    const [finding] = sampleVerdict().findings;
    if (!finding) throw new Error('the sample has findings');
    const levelOf = (state: Verdict['state']) =>
      toSarif({ ...sampleVerdict(), findings: [{ ...finding, state }] }).runs[0].results[0]?.level;
    expect((['denied', 'conflict', 'unknown', 'unavailable'] as const).map(levelOf)).toEqual(['error', 'error', 'warning', 'warning']);
  });

  it('stays below what code scanning takes, the worst first, and says how many were left out', () => {
    const [finding] = sampleVerdict().findings;
    if (!finding) throw new Error('the sample has findings');
    const many = Array.from({ length: 5_200 }, (_, index) => ({
      ...finding,
      subject: `s${index}`,
      message: 'x'.repeat(3_000),
      state: index === 5_199 ? ('denied' as const) : ('unknown' as const),
    }));
    const run = toSarif({ ...sampleVerdict(), findings: many }).runs[0];
    expect(run.results).toHaveLength(5_000);
    expect(run.results[0]?.level).toBe('error');
    expect(run.properties.omittedResults).toBe(200);
    expect(Math.max(...run.results.map((result) => result.message.text.length))).toBeLessThanOrEqual(2_000);
  });

  it('takes titles and remedies from the code tables, and is the same for the same input', () => {
    const codes = { 'OVK-LIC-003': { title: 'No licence', meaning: 'Nothing was found.', remedy: 'Ask.' } };
    const rules = toSarif(sampleVerdict(), undefined, { codes }).runs[0].tool.driver.rules;
    expect(rules.map((rule) => [rule.id, rule.shortDescription.text])).toEqual([
      ['OVK-IMG-001', 'Rule OVK-IMG-001'],
      ['OVK-LIC-003', 'No licence'],
    ]);
    const reversed = { ...sampleVerdict(), findings: [...sampleVerdict().findings].reverse() };
    expect(JSON.stringify(toSarif(reversed))).toBe(JSON.stringify(toSarif(sampleVerdict())));
  });
});
