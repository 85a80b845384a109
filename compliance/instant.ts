import { KitError } from '../core/error';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads the time of a check.
 * @throws KitError E_TIME_INVALID for anything but RFC 3339 with date, time and zone
 */
export function parseInstant(text: string): Date {
  const date = new Date(text);
  if (INSTANT.test(text) && !Number.isNaN(date.getTime()) && isOnCalendar(text)) return date;
  throw new KitError({
    code: 'E_TIME_INVALID',
    message: `--at is "${text}", which is not a time.`,
    allowed: 'RFC 3339, e.g. 2026-11-23T12:00:00Z.',
    next: 'write it with date, time and zone.',
  });
}

/** JavaScript takes the 30th of February for the 2nd of March, and the hour 24 for the next day. */
function isOnCalendar(text: string): boolean {
  const [day, hour] = [text.slice(0, 10), text.slice(11, 13)];
  return hour !== '24' && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
