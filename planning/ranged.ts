/** A number with the range it may have; the unit stands in the name of what holds it. */
export interface Ranged {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A constant of a formula, with where it comes from and what it was checked on. */
export interface Constant extends Ranged {
  readonly unit: string;
  readonly source: string;
}

/** A ranged number without spread. */
export function exactly(value: number): Ranged {
  return { value, low: value, high: value };
}

/** A ranged number times a factor that is 0 or more. */
export function scale(ranged: Ranged, factor: number): Ranged {
  return { value: ranged.value * factor, low: ranged.low * factor, high: ranged.high * factor };
}

/** Sum of ranged numbers: the ends are added, which is the widest range. */
export function add(...parts: readonly Ranged[]): Ranged {
  return parts.reduce((sum, part) => ({ value: sum.value + part.value, low: sum.low + part.low, high: sum.high + part.high }), exactly(0));
}
