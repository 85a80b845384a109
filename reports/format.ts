import type { Basis, Figure } from '../core/figure';

/** Said instead of a number that nobody knows; never 0. */
export const UNKNOWN = 'unknown';

const BYTES_PER_GIB = 2 ** 30;
const BYTES_PER_MIB = 2 ** 20;
/** Below this many GiB an amount reads better in MiB. */
const GIB_DISPLAY_FLOOR = 0.1;

type Format = (value: number) => string;

/** US dollars: cents from $1 up, three significant digits below, whole dollars from $1,000. */
export function formatUsd(value: number | null): string {
  return known(value, (usd) => {
    const size = Math.abs(usd);
    if (size !== 0 && size < 1) return `$${fixed(usd, 2, 2 - Math.floor(Math.log10(size)))}`;
    return `$${fixed(usd, size >= 1000 ? 0 : 2)}`;
  });
}

/** Bytes as GiB (2^30) with two decimals, small amounts as MiB. */
export function formatBytes(value: number | null): string {
  return known(value, (bytes) => {
    const gib = bytes / BYTES_PER_GIB;
    if (bytes !== 0 && Math.abs(gib) < GIB_DISPLAY_FLOOR) return `${fixed(bytes / BYTES_PER_MIB, 1)} MiB`;
    return `${fixed(gib, 2)} GiB`;
  });
}

/** Milliseconds, as seconds from 10 s on. */
export function formatMs(value: number | null): string {
  return known(value, (ms) => (ms >= 10_000 ? `${fixed(ms / 1000, 1)} s` : `${digits(ms, 3)} ms`));
}

/** A plain amount with three significant digits; whole numbers stay whole. */
export function formatAmount(value: number | null): string {
  return known(value, (amount) => (Number.isInteger(amount) ? fixed(amount, 0) : digits(amount, 3)));
}

/** A whole count with thousands separators, rounded down. */
export function formatCount(value: number | null): string {
  return known(value, (count) => fixed(Math.floor(count), 0));
}

/** What a figure says in words: its value, its range where it has one, and how far it can be trusted. */
export interface FigureText {
  readonly value: string;
  /** "low to high", or null for an exact or unknown figure. */
  readonly range: string | null;
  readonly basis: string;
}

/** The text of a figure; an unknown or non-finite one reads "unknown", never 0 or NaN. */
export function describeFigure(figure: Figure, format: Format): FigureText {
  if (!isKnown(figure.value)) return { value: UNKNOWN, range: null, basis: BASIS_WORDS.unknown };
  const value = format(figure.value);
  const hasRange = isKnown(figure.low) && isKnown(figure.high) && figure.low !== figure.high;
  const range = hasRange ? formatRange(format(figure.low as number), format(figure.high as number)) : null;
  return { value, range, basis: BASIS_WORDS[figure.basis] };
}

/** `470 to 1,075 ms`: the unit once where both ends have the same. */
export function formatRange(low: string, high: string): string {
  const unit = / \D+$/.exec(high)?.[0];
  return `${unit && low.endsWith(unit) ? low.slice(0, -unit.length) : low} to ${high}`;
}

/** A figure on one line: `$0.42 ($0.35 to $0.55, calibrated)`. */
export function figureLine(figure: Figure, format: Format): string {
  const text = describeFigure(figure, format);
  if (text.value === UNKNOWN) return UNKNOWN;
  return text.range ? `${text.value} (${text.range}, ${text.basis})` : `${text.value} (${text.basis})`;
}

/** How a basis reads next to a number. */
export const BASIS_WORDS: Readonly<Record<Basis, string>> = {
  sourced: 'sourced',
  derived: 'derived',
  calibrated: 'calibrated estimate',
  extrapolated: 'extrapolated estimate',
  unknown: 'not known',
};

/** `1 point`, `2 points`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${fixed(count, 0)} ${count === 1 ? one : many}`;
}

/** An RFC 3339 time as `2026-11-23 14:00 UTC`; anything else as it stands. */
export function formatTime(time: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2}(\.\d+)?)?Z$/.exec(time);
  return match ? `${match[1]} ${match[2]} UTC` : time;
}

/** The day of an RFC 3339 time; anything else as it stands. */
export function formatDay(time: string): string {
  return /^\d{4}-\d{2}-\d{2}T/.test(time) ? time.slice(0, 10) : time;
}

function isKnown(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function known(value: number | null, format: Format): string {
  return isKnown(value) ? format(value) : UNKNOWN;
}

function fixed(value: number, decimals: number, most = decimals): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: Math.max(most, decimals) });
}

function digits(value: number, significant: number): string {
  const whole = Math.abs(value) >= 10 ** (significant - 1);
  return value.toLocaleString('en-US', whole ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: significant });
}
