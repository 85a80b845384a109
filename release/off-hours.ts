/** Local times between which nothing runs. */
export interface OffHours {
  /** Cron expressions, in `timeZone`. */
  readonly stop: string;
  readonly start: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Hours of a day without nodes, more than 0 and less than 24. */
  readonly hoursPerDay: number;
}

const DAY_MINUTES = 1440;
const HOUR_MINUTES = 60;

/** Reads "19:00-07:00 Europe/Amsterdam"; undefined for another form, an unknown time zone, or no time in between. */
export function parseOffHours(text: string): OffHours | undefined {
  const time = '([01]\\d|2[0-3]):([0-5]\\d)';
  const [, ...parts] = new RegExp(`^${time}-${time} (\\S+)$`).exec(text) ?? [];
  const timeZone = parts.at(-1);
  if (timeZone === undefined || !isTimeZone(timeZone)) return undefined;
  const [stopHour = 0, stopMinute = 0, startHour = 0, startMinute = 0] = parts.slice(0, -1).map(Number);
  const minutes = ((startHour - stopHour) * HOUR_MINUTES + startMinute - stopMinute + DAY_MINUTES) % DAY_MINUTES;
  if (minutes === 0) return undefined;
  return {
    stop: `${stopMinute} ${stopHour} * * *`,
    start: `${startMinute} ${startHour} * * *`,
    timeZone,
    hoursPerDay: minutes / HOUR_MINUTES,
  };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
