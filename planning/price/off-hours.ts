import type { Figure } from '../../core/figure';
import { mapFigure } from '../../core/figure';
import { parseOffHours } from '../../release/off-hours';
import type { Release } from '../../release/schema';
import type { Plan } from '../plan';
import { HOURS_PER_MONTH } from '../units';

const DAYS_PER_MONTH = 365 / 12;

/** Hours a month in which the nodes of an AWS release run by the clock: all, less those of placement.offHours. */
export function hoursUpPerMonth(placement: Release['placement']): number {
  return HOURS_PER_MONTH - hoursOff(placement);
}

/** What placement.offHours saves against nodes that run all month; null without a schedule. */
export function offHoursSaving(placement: Release['placement'], nodes: number, usdPerNodeHour: Figure): Plan['cost']['offHours'] {
  if (placement.offHours === undefined) return null;
  const hours = hoursOff(placement);
  return {
    schedule: placement.offHours,
    hoursOffPerMonth: hours,
    hoursUpPerMonth: hoursUpPerMonth(placement),
    usdSavedPerMonth: mapFigure(
      usdPerNodeHour,
      (usd) => usd * nodes * hours,
      `${nodes} node(s) x ${hours.toFixed(0)} h off a month, against nodes that run all ${HOURS_PER_MONTH} h; ${usdPerNodeHour.source}`,
    ),
  };
}

function hoursOff({ offHours }: Release['placement']): number {
  const parsed = offHours === undefined ? undefined : parseOffHours(offHours);
  return parsed === undefined ? 0 : parsed.hoursPerDay * DAYS_PER_MONTH;
}
