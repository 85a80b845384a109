import { readFileSync } from 'node:fs';
import type { Catalog } from '../catalog/schema';
import { fromRoot } from '../core/project-root';
import { type AccuracyRow, accuracyRows, fitRows, summarise } from '../planning/calibration/accuracy';
import { cheapestPairs } from '../planning/calibration/cheapest';
import { crossValidate } from '../planning/calibration/cross-validation';
import { goalResults } from '../planning/calibration/goals';
import { firstTokenHeldOut } from '../planning/calibration/held-out-first-token';
import { loadPoints } from '../planning/calibration/points';
import { MEMORY } from '../planning/constants';
import { loadReferences } from '../planning/estimate/reference';
import { SPEED_CONSTANTS } from '../planning/throughput/constants';
import type { AccuracyReport } from './accuracy-markdown';

/** The measured points of the repository beside the estimates; for `npm run bench:accuracy` and the test that guards it. */
export function accuracyReport(catalog: Catalog): AccuracyReport {
  const references = loadReferences(fromRoot('catalog/reference'));
  const points = loadPoints(fromRoot('catalog/reference/measured-points.json'));
  const rows = accuracyRows(points, catalog, references);
  return {
    rows,
    summary: summarise(rows),
    goals: goalResults(rows),
    fits: fitRows(points, catalog, references),
    heldOut: [...crossValidate(points, catalog, references), ...firstTokenHeldOut(points, catalog, references)],
    pairs: cheapestPairs(points, catalog, references),
    blind: blindRuns(rows),
    speed: SPEED_CONSTANTS,
    memory: MEMORY,
  };
}

/** Errors on points before anything was changed because of them, in per cent, and their errors now. */
export interface BlindRun {
  readonly date: string;
  /** What was corrected after it. */
  readonly changed: string;
  /** Measurements that were estimated as well and are in no figure, and why. */
  readonly leftOut?: string;
  readonly kinds: readonly {
    readonly kind: string;
    readonly points: number;
    readonly unknown: number;
    readonly before: { readonly mean: number; readonly worst: number };
    readonly now: { readonly mean: number; readonly worst: number };
  }[];
}

interface BlindFile {
  readonly runs: readonly RecordedRun[];
}

interface RecordedRun {
  readonly date: string;
  readonly changed: string;
  readonly leftOut?: string;
  readonly points: readonly string[];
  readonly before: Readonly<
    Record<string, { readonly points: number; readonly unknown: number; readonly mean: number; readonly worst: number }>
  >;
}

function blindRuns(rows: readonly AccuracyRow[]): readonly BlindRun[] {
  const { runs } = JSON.parse(readFileSync(fromRoot('bench/accuracy-blind.json'), 'utf8')) as BlindFile;
  return runs.map((run) => blindRun(run, rows));
}

function blindRun(run: RecordedRun, rows: readonly AccuracyRow[]): BlindRun {
  return {
    date: run.date,
    changed: run.changed,
    leftOut: run.leftOut,
    kinds: Object.entries(run.before).map(([kind, { points, unknown, ...before }]) => {
      const errors = rows
        .filter((row) => row.kind === kind && run.points.includes(row.point) && row.residual !== null)
        .map((row) => 100 * Math.abs(row.residual ?? 0));
      const mean = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
      return { kind, points, unknown, before, now: { mean, worst: Math.max(...errors) } };
    }),
  };
}

/** Largest errors that are accepted, by kind and role, in per cent. */
export type Ceilings = Readonly<Record<string, { readonly mean: number; readonly worst: number }>>;

/** Per cent are rounded up to one tenth, so that the last digit of a float never fails a test. */
const STEPS_PER_PERCENT = 10;

/** The errors of a report as ceilings. */
export function ceilingsOf({ summary }: AccuracyReport): Ceilings {
  const upper = (share: number): number => Math.ceil(share * 100 * STEPS_PER_PERCENT) / STEPS_PER_PERCENT;
  return Object.fromEntries(summary.map((item) => [`${item.kind} ${item.role}`, { mean: upper(item.mean), worst: upper(item.worst) }]));
}

/** One line for each error that has grown, or that has no ceiling. */
export function overCeiling(report: AccuracyReport, ceilings: Ceilings): readonly string[] {
  return Object.entries(ceilingsOf(report)).flatMap(([name, now]) => {
    const ceiling = ceilings[name];
    if (!ceiling) return [`${name}: no ceiling; accept it with --accept.`];
    return (['mean', 'worst'] as const).flatMap((part) =>
      now[part] > ceiling[part] ? [`${name}: ${part} error ${now[part]} % is over its ceiling of ${ceiling[part]} %.`] : [],
    );
  });
}
