import type { FitTerm } from '../plan';
import type { Ranged } from '../ranged';
import type { SpeedCorrection } from '../throughput/step-model';
import type { CalibratedTerm, Calibration, MeasuredRun } from './schema';

/** What a measurement must have in common with an estimate before it may correct it. */
export interface CalibrationScope {
  readonly engine: MeasuredRun['engine'];
  readonly device: string;
  readonly model: string;
  readonly precision: string;
}

export interface Correction {
  /** Median of measured over estimated. */
  readonly ratio: number;
  /** True when model and precision are the measured ones; else it comes from another model on the same engine and card. */
  readonly sameModel: boolean;
  readonly source: string;
}

/** Half of the range that is left around a corrected figure: two starts of the same engine differ by 2 %. */
export const MEASURED_SPREAD = 0.03;

/**
 * The correction of a term by the user's own measurements, or undefined when none applies.
 * Speed carries over to other models on the same engine and card; memory only to the same model and precision.
 */
export function correctionFor(calibration: Calibration | undefined, term: CalibratedTerm, scope: CalibrationScope): Correction | undefined {
  if (!calibration) return undefined;
  const onDevice = calibration.runs.filter((run) => run.engine === scope.engine && run.device === scope.device);
  const same = onDevice.filter((run) => plain(run.model) === plain(scope.model) && run.precision === scope.precision);
  const carriesOver = term === 'tpot' || term === 'ttft' || term === 'throughput';
  const sameModel = ratios(same, term).length > 0;
  const found = sameModel ? ratios(same, term) : carriesOver ? ratios(onDevice, term) : [];
  if (found.length === 0) return undefined;
  const of = sameModel ? 'this model' : 'another model';
  return {
    ratio: median(found),
    sameModel,
    source: `corrected by calibration "${calibration.name}" (${found.length} measurement(s) of ${of} on this card)`,
  };
}

/** A figure moved by its correction; its range shrinks to MEASURED_SPREAD when the same model was measured. */
export function correct(ranged: Ranged, correction: Correction | undefined): Ranged {
  if (!correction) return ranged;
  const value = ranged.value * correction.ratio;
  if (correction.sameModel) return { value, low: value * (1 - MEASURED_SPREAD), high: value * (1 + MEASURED_SPREAD) };
  return { value, low: ranged.low * correction.ratio, high: ranged.high * correction.ratio };
}

/** Which measured term corrects which term of a memory sum. */
const TERMS: Readonly<Record<string, CalibratedTerm>> = {
  weights: 'weights',
  'activation peak': 'activation',
  'non-torch': 'non-torch',
  'CUDA graphs': 'cuda-graphs',
  'compute buffer': 'compute-buffer',
};

/** A term of a memory sum, moved to what was measured. */
export function correctTerm(term: FitTerm, calibration: Calibration | undefined, scope: CalibrationScope): FitTerm {
  const measured = TERMS[term.name];
  const correction = measured && correctionFor(calibration, measured, scope);
  if (!correction) return term;
  const { value, low, high } = correct({ value: term.bytes, low: term.low, high: term.high }, correction);
  return { ...term, bytes: value, low, high, source: `${term.source}; ${correction.source}` };
}

/** Factors on the times of a step and of prefill; undefined when neither was measured. */
export function speedCorrectionFor(calibration: Calibration | undefined, scope: CalibrationScope): SpeedCorrection | undefined {
  const step = correctionFor(calibration, 'tpot', scope);
  const prefill = correctionFor(calibration, 'ttft', scope);
  if (!step && !prefill) return undefined;
  return { step: step?.ratio ?? 1, prefill: prefill?.ratio ?? 1, source: (step ?? prefill)?.source ?? '' };
}

function ratios(runs: readonly MeasuredRun[], term: CalibratedTerm): number[] {
  return runs.flatMap((run) => run.comparisons.filter((item) => item.term === term).map((item) => item.ratio));
}

/** Middle value; of two the geometric mean. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below = 1, above = 1] = [sorted[Math.max(0, middle - 1)], sorted[middle]];
  return sorted.length % 2 === 1 ? above : Math.sqrt(below * above);
}

function plain(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase();
}
