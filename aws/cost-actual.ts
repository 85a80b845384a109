import billed from './billed-services.json';
import type { BilledDay } from './cost-explorer';

/** A part of the forecast of a month, in US dollars. */
export interface ForecastLine {
  readonly key: string;
  readonly usdPerMonth: { readonly value: number | null; readonly low: number | null; readonly high: number | null };
}

export interface CostActualInput {
  readonly release: { readonly name: string; readonly environment: string };
  /** `2026-11`. */
  readonly month: string;
  readonly now: Date;
  readonly forecast: readonly ForecastLine[];
  readonly budgetUsd: number;
  readonly days: readonly BilledDay[];
  readonly tagStates: Readonly<Record<string, boolean>> | null;
  readonly byTag: { readonly tag: string; readonly days: readonly BilledDay[] } | null;
}

interface Usd {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One service: what the plan says, what the bill says, and how far they are apart. */
export interface CostRow {
  readonly service: string;
  /** Of the whole month; null for a service that the plan has no line for. */
  readonly forecastUsd: Usd | null;
  /** Its part for the days that are billed, spread evenly over the month. */
  readonly forecastToDateUsd: number | null;
  readonly actualUsd: number;
  readonly driftUsd: number | null;
  readonly driftPercent: number | null;
}

export interface CostActual {
  readonly kind: 'cost-actual';
  readonly schemaVersion: 1;
  readonly release: CostActualInput['release'];
  readonly month: string;
  /** within: the projection is within the budget; over: it is not; unknown: there is too little to tell. */
  readonly state: 'within' | 'over' | 'unknown';
  readonly period: {
    readonly start: string;
    readonly billedDays: number;
    readonly daysInMonth: number;
    readonly lastDay: string | null;
    readonly estimated: boolean;
  };
  readonly rows: readonly CostRow[];
  readonly total: Omit<CostRow, 'service'>;
  /** Month to date, and the days to come at the mean of the billed days; the range is that of the cheapest and the dearest day. */
  readonly projectionUsd: Usd;
  readonly budgetUsd: number;
  readonly byTag: { readonly tag: string; readonly values: readonly { readonly value: string; readonly actualUsd: number }[] } | null;
  readonly tagStates: CostActualInput['tagStates'];
  /** What a reader must know before believing the numbers. */
  readonly notes: readonly string[];
  readonly days: readonly BilledDay[];
}

const SERVICES: Readonly<Record<string, readonly string[]>> = billed.services;
const DAY_MS = 86_400_000;
/** Cost Explorer refreshes at least once in this time. Source: AWS Cost Management user guide, "Enabling Cost Explorer". */
const REFRESH_HOURS = 24;

/** Puts the bill of a month beside the forecast of the plan. Pure: the clock comes in. */
export function costActual(input: CostActualInput): CostActual {
  const start = new Date(`${input.month}-01T00:00:00Z`);
  const daysInMonth = (Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1) - start.getTime()) / DAY_MS;
  const perDay = sums(input.days, ({ day }) => day);
  const billedDays = [...perDay].filter(([, usd]) => usd > 0).map(([day]) => day);
  const lastDay = billedDays.sort().at(-1) ?? null;
  // days before the first billed one are days without the release, and count as days at nothing
  const elapsed = lastDay === null ? 0 : (Date.parse(lastDay) - start.getTime()) / DAY_MS + 1;
  const share = elapsed / daysInMonth;
  const rows = rowsOf(input, share);
  const actualUsd = [...perDay.values()].reduce((sum, usd) => sum + usd, 0);
  const projectionUsd = projection(
    actualUsd,
    billedDays.map((day) => perDay.get(day) ?? 0),
    daysInMonth - elapsed,
  );
  const { value } = projectionUsd;
  return {
    kind: 'cost-actual',
    schemaVersion: 1,
    release: input.release,
    month: input.month,
    state: value === null ? 'unknown' : value > input.budgetUsd ? 'over' : 'within',
    period: {
      start: `${input.month}-01`,
      billedDays: billedDays.length,
      daysInMonth,
      lastDay,
      estimated: input.days.some(({ estimated }) => estimated),
    },
    rows,
    total: rowOf(addUp(input.forecast), share, actualUsd),
    projectionUsd,
    budgetUsd: input.budgetUsd,
    byTag: input.byTag && {
      tag: input.byTag.tag,
      values: [...sums(input.byTag.days, ({ key }) => key)]
        .map(([name, usd]) => ({ value: name, actualUsd: usd }))
        .sort((a, b) => b.actualUsd - a.actualUsd),
    },
    tagStates: input.tagStates,
    notes: notes(input, lastDay, billedDays[0] ?? null),
    days: input.days,
  };
}

function rowsOf({ forecast, days }: CostActualInput, share: number): CostRow[] {
  const actual = sums(days, ({ key }) => key);
  const mapped = Object.entries(SERVICES).map(([service, keys]) => ({ service, lines: forecast.filter(({ key }) => keys.includes(key)) }));
  const known = new Set(mapped.flatMap(({ lines }) => lines.map(({ key }) => key)));
  const rest = forecast.filter(({ key }) => !known.has(key)).map((line) => ({ service: line.key, lines: [line] }));
  const planned = [...mapped, ...rest].filter(({ lines }) => lines.length > 0);
  const names = new Set(planned.map(({ service }) => service));
  return [
    ...planned.map(({ service, lines }) => ({ service, ...rowOf(addUp(lines), share, actual.get(service) ?? 0) })),
    ...[...actual].filter(([service]) => !names.has(service)).map(([service, usd]) => ({ service, ...rowOf(null, share, usd) })),
  ];
}

function rowOf(forecastUsd: Usd | null, share: number, actualUsd: number): Omit<CostRow, 'service'> {
  const toDate = forecastUsd?.value == null ? null : forecastUsd.value * share;
  return {
    forecastUsd,
    forecastToDateUsd: toDate,
    actualUsd,
    driftUsd: toDate === null ? null : actualUsd - toDate,
    driftPercent: toDate === null || toDate === 0 ? null : (actualUsd / toDate - 1) * 100,
  };
}

/** A sum with a part that nobody knows is not known. */
function addUp(lines: readonly ForecastLine[]): Usd {
  const of = (end: keyof Usd): number | null =>
    lines.reduce<number | null>((sum, { usdPerMonth }) => (sum === null || usdPerMonth[end] === null ? null : sum + usdPerMonth[end]), 0);
  return { value: of('value'), low: of('low'), high: of('high') };
}

function projection(actualUsd: number, days: readonly number[], daysToCome: number): Usd {
  if (days.length === 0) return { value: null, low: null, high: null };
  const mean = days.reduce((sum, usd) => sum + usd, 0) / days.length;
  const at = (usdPerDay: number): number => actualUsd + usdPerDay * daysToCome;
  return { value: at(mean), low: at(Math.min(...days)), high: at(Math.max(...days)) };
}

function notes({ days, now, month, tagStates, release }: CostActualInput, lastDay: string | null, firstDay: string | null): string[] {
  const found: string[] = [];
  const inactive = Object.entries(tagStates ?? {}).flatMap(([key, active]) => (active ? [] : [key]));
  if (inactive.length > 0)
    found.push(
      `cost allocation tags that are not activated: ${inactive.join(', ')}. Activate them in the payer account (Billing, Cost allocation tags, or ` +
        `\`aws ce update-cost-allocation-tags-status --cost-allocation-tags-status ${inactive.map((key) => `TagKey=${key},Status=Active`).join(' ')}\`); ` +
        'it takes up to 24 hours and does not reach back by itself.',
    );
  if (tagStates === null) found.push('whether the cost tags are activated could not be asked: only the payer account may.');
  if (lastDay === null)
    found.push(
      `no cost with the tags of ${release.name} (${release.environment}) in ${month}: nothing runs, or the tags are not active yet, or the data is not there yet (up to 24 hours).`,
    );
  const current = now.toISOString().slice(0, 7) === month;
  if (lastDay !== null && current) {
    const hoursOld = (now.getTime() - (Date.parse(lastDay) + DAY_MS)) / 3_600_000;
    if (hoursOld < REFRESH_HOURS) found.push(`the last day, ${lastDay}, ended less than 24 hours ago and may not be complete.`);
    else if (hoursOld > 2 * REFRESH_HOURS)
      found.push(`the last cost is of ${lastDay}: the release is off since then, or its tags are no longer seen.`);
  }
  if (firstDay !== null && firstDay !== `${month}-01`)
    found.push(`the first cost is of ${firstDay}; the forecast to date counts from the first of the month.`);
  if (days.some(({ estimated }) => estimated)) found.push('AWS calls these costs estimated; they may change until the invoice.');
  found.push(
    'the forecast to date spreads the month evenly over its days; a service that runs some hours a day comes close, one that runs some weeks does not.',
  );
  return found;
}

function sums(days: readonly BilledDay[], by: (day: BilledDay) => string): Map<string, number> {
  const found = new Map<string, number>();
  for (const day of days) found.set(by(day), (found.get(by(day)) ?? 0) + day.usd);
  return found;
}
