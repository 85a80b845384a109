import { createColors } from 'picocolors';
import type { RehearsalStage, RehearsalSummary } from './rehearsal-summary';

const MARKS: Readonly<Record<RehearsalStage['state'], string>> = {
  passed: 'ok  ',
  failed: 'FAIL',
  'refused-as-expected': 'no  ',
  'not-run': '-   ',
};
const TITLE_WIDTH = 32;

/** One line of progress, the same with and without a terminal: mark, stage, seconds, what was seen. */
export function stageLine(stage: RehearsalStage, colours: boolean): string {
  const paint = createColors(colours);
  const colour = { passed: paint.green, failed: paint.red, 'refused-as-expected': paint.yellow, 'not-run': paint.dim }[stage.state];
  const seconds = `${(stage.durationMs / 1000).toFixed(1)} s`.padStart(7);
  return `  ${colour(MARKS[stage.state])} ${stage.title.padEnd(TITLE_WIDTH)}${seconds}  ${stage.detail}`;
}

/** What a rehearsal came to: each column against what is recorded, what was not proved, where the report is. */
export function rehearsalText(summary: RehearsalSummary, outDir: string): string {
  const columns = summary.columns.map((column) =>
    column.differences.length === 0 ? `  as recorded: ${column.title}` : `  DIFFERS: ${column.title}: ${column.differences.join('; ')}`,
  );
  return [
    '',
    `Rehearsed in ${(summary.totalMs / 1000).toFixed(1)} s. ${summary.matchesExpected ? 'Everything is as recorded in rehearsal/expected.json.' : 'Something is not as recorded in rehearsal/expected.json.'}`,
    ...columns,
    '',
    'Not proved:',
    ...summary.notProved.map((line) => `  - ${line}`),
    '',
    `Open ${outDir}/report.html`,
  ].join('\n');
}
