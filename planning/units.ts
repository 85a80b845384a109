/** Bytes of one GiB. */
export const GIB = 2 ** 30;
/** Bytes of one MiB. */
export const MIB = 2 ** 20;
/** Bytes of one GB. */
export const GB = 1e9;
/** Floating-point operations of one TFLOP. */
export const TERA = 1e12;
/** Milliseconds of one second. */
export const MS = 1000;
export const SECONDS_PER_HOUR = 3600;
/** AWS bills what runs all month by 730 hours. */
export const HOURS_PER_MONTH = 730;

/** The smallest multiple of `step` that is not below `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** `1.94 GiB` for messages. */
export function gibText(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}

/** `12,345` for messages, without Intl: its first locale takes longer than a whole plan. */
export function countText(count: number): string {
  return String(Math.floor(count)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
