import type { Basis, Figure } from '../../core/figure';
import type { Ranged } from '../ranged';

/** A ranged number as a figure. */
export function figure(ranged: Ranged, basis: Exclude<Basis, 'unknown'>, source: string): Figure {
  return { value: ranged.value, low: Math.min(ranged.low, ranged.value), high: Math.max(ranged.high, ranged.value), basis, source };
}
