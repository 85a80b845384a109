import type { FitTerm } from '../plan';
import type { Ranged } from '../ranged';

/** One term of a memory sum; bytes are whole and never negative. */
export function term(name: string, bytes: Ranged, pool: FitTerm['pool'], formula: string, source: string): FitTerm {
  return { name, bytes: whole(bytes.value), low: whole(bytes.low), high: whole(bytes.high), pool, formula, source };
}

/** Sum of the terms of one pool, at the central value or at one end. */
export function sumTerms(terms: readonly FitTerm[], pool: FitTerm['pool'], end: 'bytes' | 'low' | 'high'): number {
  return terms.reduce((sum, part) => (part.pool === pool ? sum + part[end] : sum), 0);
}

function whole(bytes: number): number {
  return Math.max(0, Math.round(bytes));
}
