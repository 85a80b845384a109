import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { estimateOfPoint } from '../../planning/calibration/accuracy';
import { loadPoints } from '../../planning/calibration/points';
import { loadReferences } from '../../planning/estimate/reference';
import { accuracyReport, type Ceilings, overCeiling } from '../../scripts/accuracy';
import { accuracyMarkdown } from '../../scripts/accuracy-markdown';
import { CATALOG } from './support';

const REPORT = accuracyReport(CATALOG);
const REFERENCES = loadReferences(fromRoot('catalog/reference'));
const POINTS = loadPoints(fromRoot('catalog/reference/measured-points.json'));
const CEILINGS = JSON.parse(readFileSync(fromRoot('bench/accuracy-ceilings.json'), 'utf8')) as Ceilings;
const of = (kind: string, role: string) => REPORT.summary.find((item) => item.kind === kind && item.role === role);

describe('accuracy on the measured points', () => {
  it('has not got worse: no mean and no worst error is over its ceiling', () => {
    expect(overCeiling(REPORT, CEILINGS)).toEqual([]);
  });

  it('stands in docs/accuracy.md as it is now (npm run bench:accuracy)', () => {
    expect(readFileSync(fromRoot('docs/accuracy.md'), 'utf8')).toBe(accuracyMarkdown(REPORT));
  });

  it('never says that something fits which did not start, and rarely that something does not which did', () => {
    const { fits } = REPORT;
    expect(fits.filter((row) => !row.started).length).toBeGreaterThanOrEqual(3);
    expect(fits.filter((row) => row.fits === true && !row.started)).toEqual([]);
    const started = fits.filter((row) => row.started && row.fits !== null);
    expect(started.filter((row) => row.fits === false).length / started.length).toBeLessThanOrEqual(0.1);
  });

  it('keeps the goals on points that no constant was fitted to', () => {
    expect(of('weightsGib', 'check')?.worst).toBeLessThan(0.01);
    const cacheMisses = REPORT.rows.filter(
      ({ kind, role, residual }) => kind === 'kvTokens' && role === 'check' && Math.abs(residual ?? 1) >= 0.05,
    );
    expect(cacheMisses.map((row) => row.point)).toEqual(['lmcache-h100x4-qwen3-235b-fp8']);
    expect(of('tokensPerSecond', 'check')?.mean).toBeLessThan(0.2);
    expect(of('tokensPerSecond', 'check')?.worst).toBeLessThan(0.35);
  });

  it('keeps 15 % on the time per token of one request in at least 19 of 20 points', () => {
    const one = new Set(POINTS.filter((point) => (point.load.concurrency ?? 1) === 1).map((point) => point.id));
    const rows = REPORT.rows.filter((row) => row.kind === 'tpotMs' && row.role !== 'apart' && one.has(row.point));
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((row) => Math.abs(row.residual ?? 1) <= 0.15).length / rows.length).toBeGreaterThanOrEqual(0.95);
  });

  it('holds the measurement within the range in nine of ten points of speed', () => {
    const kinds = { tpotMs: 'tpotMs', ttftMs: 'ttftMs', tokensPerSecond: 'outputTokensPerSecond' } as const;
    const inside = POINTS.filter((point) => point.engine && point.role !== 'data').flatMap((point) => {
      const made = estimateOfPoint(point, CATALOG, REFERENCES);
      return (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) => {
        const [measured, { low, high }] = [point.measured[kind], made[kinds[kind]]];
        return measured === undefined || low === null || high === null ? [] : [measured >= low && measured <= high];
      });
    });
    expect(inside.length).toBeGreaterThan(200);
    expect(inside.filter(Boolean).length / inside.length).toBeGreaterThanOrEqual(0.9);
  });

  it('says of every measurement that is set apart why, and none of them is a fit', () => {
    const apart = REPORT.rows.filter((row) => row.role === 'apart');
    expect(apart.length).toBeLessThan(REPORT.rows.length / 20);
    for (const row of apart) expect(row.apart?.length ?? 0, row.point).toBeGreaterThan(40);
  });

  it('keeps 15 % on the time per token of cards and models that are left out of the fit, on average', () => {
    const errors = REPORT.heldOut.flatMap((item) => Array.from({ length: item.count }, () => item.mean));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.15);
  });

  it('picks the cheaper of two ways to serve a model in at least 90 % of the measured pairs', () => {
    expect(REPORT.pairs.length).toBeGreaterThanOrEqual(30);
    expect(REPORT.pairs.filter((pair) => pair.right).length / REPORT.pairs.length).toBeGreaterThanOrEqual(0.9);
    expect(new Set(REPORT.pairs.map((pair) => pair.model)).size).toBeGreaterThanOrEqual(5);
  });

  it('keeps 30 % on the time to first token of vLLM, on average', () => {
    const errors = REPORT.rows.filter((row) => row.kind === 'ttftMs' && row.engine === 'vllm' && row.role !== 'apart');
    expect(errors.length).toBeGreaterThan(25);
    expect(errors.reduce((sum, row) => sum + Math.abs(row.residual ?? 0), 0) / errors.length).toBeLessThan(0.3);
  });

  it('is no worse now than before the points of the blind run were looked at', () => {
    for (const { kind, before, now } of REPORT.blind.flatMap((run) => run.kinds))
      expect(now.mean, kind).toBeLessThanOrEqual(before.mean + 0.5);
  });

  it('leaves no measurement out of the document', () => {
    const text = accuracyMarkdown(REPORT);
    for (const row of REPORT.rows) expect(text).toContain(`| ${row.point} | ${row.kind} |`);
  });
});

it('an error that grows is named with its ceiling', () => {
  const [first] = Object.entries(CEILINGS) as [string, { mean: number; worst: number }][];
  const [name] = first as [string, unknown];
  expect(overCeiling(REPORT, { ...CEILINGS, [name]: { mean: -1, worst: 100 } })).toEqual([expect.stringContaining(`${name}: mean error`)]);
  const { [name]: _, ...without } = CEILINGS;
  expect(overCeiling(REPORT, without)).toEqual([`${name}: no ceiling; accept it with --accept.`]);
});
