import type { Fit, FitTerm } from '../../planning/plan';

/** One bar of the memory chart: it begins where the one before it ends. */
export interface MemoryRow {
  readonly name: string;
  readonly startBytes: number;
  readonly bytes: number;
  readonly lowBytes: number;
  readonly highBytes: number;
}

/** The pool in which the engine holds the model: the card, or the host's RAM when there is no GPU term. */
export function mainPool(terms: readonly FitTerm[]): FitTerm['pool'] {
  return terms.some((term) => term.pool === 'gpu') ? 'gpu' : 'host';
}

/** The terms of one pool as a staircase, in the order of the plan. */
export function memoryRows(terms: readonly FitTerm[], pool: FitTerm['pool']): readonly MemoryRow[] {
  let start = 0;
  return terms
    .filter((term) => term.pool === pool)
    .map((term) => {
      const row = { name: term.name, startBytes: start, bytes: term.bytes, lowBytes: term.low, highBytes: term.high };
      start += term.bytes;
      return row;
    });
}

/** Sum of the rows with the sums of their ends: the worst case takes every term at its high end. */
export function memoryTotal(rows: readonly MemoryRow[]): MemoryRow {
  const sum = (pick: (row: MemoryRow) => number) => rows.reduce((total, row) => total + pick(row), 0);
  return {
    name: 'Sum',
    startBytes: 0,
    bytes: sum((row) => row.bytes),
    lowBytes: sum((row) => row.lowBytes),
    highBytes: sum((row) => row.highBytes),
  };
}

/** What the memory is called: the card by its name, or the RAM of the node. */
export function poolName(pool: FitTerm['pool'], fit: Fit): string {
  if (pool === 'gpu') return `memory of one ${fit.device}`;
  return pool === 'host' ? 'RAM of the node' : 'disk of the node';
}
