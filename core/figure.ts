import { z } from 'zod';

/**
 * How far a number can be trusted.
 *
 * - `sourced`: read from a dated source; `derived`: computed from sourced numbers by a stated rule
 * - `calibrated`: a formula whose constants were fitted to measurements of this engine and hardware class
 * - `extrapolated`: the same formula outside the measured region
 * - `unknown`: nobody knows; the value is null, never 0
 */
export const BasisSchema = z.enum(['sourced', 'derived', 'calibrated', 'extrapolated', 'unknown']);
export type Basis = z.infer<typeof BasisSchema>;

/** A number that carries its range and where it comes from. The unit stands in the name of the property that holds it. */
export const FigureSchema = z.strictObject({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  basis: BasisSchema,
  source: z.string().min(1),
});
export type Figure = Readonly<z.infer<typeof FigureSchema>>;

/** A number without spread: its range is the number itself. */
export function exactFigure(value: number, basis: Exclude<Basis, 'unknown'>, source: string): Figure {
  return { value, low: value, high: value, basis, source };
}

/** A number that nobody knows, with the reason in `source`. */
export function unknownFigure(source: string): Figure {
  return { value: null, low: null, high: null, basis: 'unknown', source };
}

const BASIS_ORDER: readonly Basis[] = ['sourced', 'derived', 'calibrated', 'extrapolated', 'unknown'];

/** The weaker of several bases: a sum is only as good as its worst part. */
export function weakestBasis(...bases: readonly Basis[]): Basis {
  return bases.reduce((worst, basis) => (BASIS_ORDER.indexOf(basis) > BASIS_ORDER.indexOf(worst) ? basis : worst));
}

/**
 * Applies a monotonic function to a figure and its range.
 * `decreasing` swaps the ends, as for a price per image from a rate of images.
 */
export function mapFigure(
  figure: Figure,
  fn: (value: number) => number,
  source: string,
  direction: 'increasing' | 'decreasing' = 'increasing',
): Figure {
  if (figure.value === null || figure.low === null || figure.high === null) return unknownFigure(figure.source);
  const ends = [fn(figure.low), fn(figure.high)] as const;
  const [low, high] = direction === 'increasing' ? ends : [ends[1], ends[0]];
  const basis = figure.basis === 'sourced' ? 'derived' : figure.basis;
  return { value: fn(figure.value), low, high, basis, source };
}

/** Sum of figures; unknown as soon as one part is unknown, so that a missing price never reads as 0. */
export function sumFigures(figures: readonly Figure[], source: string): Figure {
  let value = 0;
  let low = 0;
  let high = 0;
  for (const figure of figures) {
    if (figure.value === null || figure.low === null || figure.high === null) return unknownFigure(figure.source);
    value += figure.value;
    low += figure.low;
    high += figure.high;
  }
  return { value, low, high, basis: weakestBasis('derived', ...figures.map((figure) => figure.basis)), source };
}
