import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactFigure, type Figure, FigureSchema, mapFigure, sumFigures, unknownFigure, weakestBasis } from '../../core/figure';

const figure = (low: number, value: number, high: number): Figure => ({ value, low, high, basis: 'calibrated', source: 'test' });
const anyFigure = fc
  .tuple(
    fc.double({ min: 0.1, max: 1e6, noNaN: true }),
    fc.double({ min: 0.1, max: 1e6, noNaN: true }),
    fc.double({ min: 0.1, max: 1e6, noNaN: true }),
  )
  .map((numbers) => numbers.sort((a, b) => a - b) as [number, number, number])
  .map(([low, value, high]) => figure(low, value, high));

const inOrder = (result: Figure): boolean => (result.low ?? 0) <= (result.value ?? 0) && (result.value ?? 0) <= (result.high ?? 0);

describe('unknown', () => {
  it('is null, never 0, and valid', () => {
    expect(FigureSchema.parse(unknownFigure('nobody measured it'))).toMatchObject({ value: null, low: null, high: null, basis: 'unknown' });
  });

  it('spreads through sums and mappings with its reason', () => {
    const unknown = unknownFigure('no price');
    expect(sumFigures([exactFigure(1, 'sourced', 's'), unknown], 'sum')).toEqual(unknown);
    expect(mapFigure(unknown, (value) => value * 2, 'double')).toEqual(unknown);
  });
});

describe('ranges', () => {
  it('stay in order when mapped up or down', () => {
    fc.assert(
      fc.property(anyFigure, (input) => {
        expect(inOrder(mapFigure(input, (value) => value * 3, 's'))).toBe(true);
        expect(inOrder(mapFigure(input, (value) => 1 / value, 's', 'decreasing'))).toBe(true);
      }),
    );
  });

  it('add up end by end', () => {
    expect(sumFigures([figure(1, 2, 3), figure(10, 20, 30)], 's')).toMatchObject({ low: 11, value: 22, high: 33 });
    expect(sumFigures([], 's')).toMatchObject({ low: 0, value: 0, high: 0, basis: 'derived' });
  });
});

describe('basis', () => {
  it('of a sum is that of its weakest part, and never better than derived', () => {
    expect(weakestBasis('sourced', 'extrapolated', 'derived')).toBe('extrapolated');
    expect(sumFigures([exactFigure(1, 'sourced', 's')], 's').basis).toBe('derived');
  });

  it('of a mapped sourced figure is derived', () => {
    expect(mapFigure(exactFigure(1, 'sourced', 's'), (value) => value, 's').basis).toBe('derived');
    expect(mapFigure(figure(1, 2, 3), (value) => value, 's').basis).toBe('calibrated');
  });
});
