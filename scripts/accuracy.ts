import type { Catalog } from '../catalog/schema';
import { fromRoot } from '../core/project-root';
import { accuracyRows, fitRows, summarise } from '../planning/calibration/accuracy';
import { crossValidate } from '../planning/calibration/cross-validation';
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
    fits: fitRows(points, catalog, references),
    heldOut: crossValidate(points, catalog, references),
    speed: SPEED_CONSTANTS,
    memory: MEMORY,
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
