import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeFigure,
  figureLine,
  formatAmount,
  formatBytes,
  formatCount,
  formatDay,
  formatMs,
  formatRange,
  formatTime,
  formatUsd,
} from '../../reports/format';

describe('numbers of a report', () => {
  it('writes dollars with cents, more digits below one, whole from a thousand', () => {
    expect([0.000512, 0.05, 0.5, 0.8048, 1, 21.959, 999.5, 1234.56].map(formatUsd)).toEqual([
      '$0.000512',
      '$0.05',
      '$0.50',
      '$0.805',
      '$1.00',
      '$21.96',
      '$999.50',
      '$1,235',
    ]);
  });

  it('writes bytes as GiB, small ones as MiB', () => {
    expect([22.03 * 2 ** 30, 2 ** 20, 0].map(formatBytes)).toEqual(['22.03 GiB', '1.0 MiB', '0.00 GiB']);
  });

  it('writes milliseconds, long times as seconds', () => {
    expect([38.4, 0.1234, 612, 10_000, 12_345].map(formatMs)).toEqual(['38.4 ms', '0.123 ms', '612 ms', '10.0 s', '12.3 s']);
  });

  it('rounds a count of tokens down, so that a report never promises more', () => {
    expect(formatCount(52_300.9)).toBe('52,300');
  });

  it('writes unknown for null, NaN and infinities', () => {
    for (const format of [formatUsd, formatBytes, formatMs, formatAmount, formatCount]) {
      expect([null, Number.NaN, Number.POSITIVE_INFINITY].map(format)).toEqual(['unknown', 'unknown', 'unknown']);
    }
    const broken = { value: Number.NaN, low: null, high: null, basis: 'derived' as const, source: 'x' };
    expect(figureLine(broken, formatUsd)).toBe('unknown');
  });

  it('never writes a positive price as nothing', () => {
    fc.assert(fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (usd) => /[1-9]/.test(formatUsd(usd))));
  });

  it('shows a range only where there is one', () => {
    expect(describeFigure({ value: 1, low: 1, high: 1, basis: 'sourced', source: 'x' }, formatUsd).range).toBeNull();
    expect(figureLine({ value: 1, low: 0.5, high: 2, basis: 'extrapolated', source: 'x' }, formatUsd)).toBe(
      '$1.00 ($0.50 to $2.00, extrapolated estimate)',
    );
  });

  it('says a unit once where both ends of a range have it', () => {
    expect(formatRange('470 ms', '1,075 ms')).toBe('470 to 1,075 ms');
    expect(formatRange('10.2 MiB', '0.20 GiB')).toBe('10.2 MiB to 0.20 GiB');
    expect(formatRange('$1.00', '$2.00')).toBe('$1.00 to $2.00');
  });

  it('leaves a date that is no RFC 3339 time as it is', () => {
    expect(['2026-12-22T09:00:00Z', '2026-11-22', 'soon'].map(formatTime)).toEqual(['2026-12-22 09:00 UTC', '2026-11-22', 'soon']);
    expect(['2026-12-22T09:00:00Z', 'soon'].map(formatDay)).toEqual(['2026-12-22', 'soon']);
  });
});
