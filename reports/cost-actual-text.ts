import pc from 'picocolors';
import type { CostActual, CostRow } from '../aws/cost-actual';
import { printable } from '../core/printable';

/** Forecast, bill and drift of a month as a table for people. */
export function costActualText(cost: CostActual, { colours }: { readonly colours: boolean }): string {
  const paint = pc.createColors(colours);
  const { period, projectionUsd, budgetUsd } = cost;
  const head = ['service', 'forecast, month', 'forecast to date', 'actual to date', 'drift'];
  const rows = [...cost.rows, { service: 'total', ...cost.total }].map(cells);
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((text, index) => (index === 0 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0))).join('  ')}`.trimEnd();
  const until =
    period.lastDay === null ? 'nothing billed' : `billed to ${period.lastDay}, ${period.billedDays} of ${period.daysInMonth} days`;
  return [
    `Cost of ${cost.release.name} (${cost.release.environment}) in ${cost.month}, USD: ${until}`,
    paint.bold(line(head)),
    ...rows.map(line),
    ...(cost.byTag
      ? ['', `By ${cost.byTag.tag}:`, ...cost.byTag.values.map(({ value, actualUsd }) => `  ${printable(value)}  ${usd(actualUsd)}`)]
      : []),
    '',
    projectionUsd.value === null
      ? `Projection of the month: unknown. Budget ${usd(budgetUsd)}.`
      : `Projection of the month: ${usd(projectionUsd.value)} (${usd(projectionUsd.low)} to ${usd(projectionUsd.high)}); budget ${usd(budgetUsd)}: ${
          cost.state === 'over' ? paint.red('OVER') : paint.green('within')
        }.`,
    ...cost.notes.map((note) => paint.dim(`Note: ${printable(note)}`)),
  ].join('\n');
}

function cells({ service, forecastUsd, forecastToDateUsd, actualUsd, driftUsd, driftPercent }: CostRow): string[] {
  const drift =
    driftUsd === null
      ? 'not planned'
      : `${driftUsd < 0 ? '' : '+'}${usd(driftUsd)}${driftPercent === null ? '' : ` (${driftPercent < 0 ? '' : '+'}${driftPercent.toFixed(0)} %)`}`;
  return [printable(service), forecastUsd === null ? 'none' : usd(forecastUsd.value), usd(forecastToDateUsd), usd(actualUsd), drift];
}

function usd(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2);
}
