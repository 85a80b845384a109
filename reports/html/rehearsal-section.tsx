import { formatMs } from '../format';
import type { RehearsalStage, RehearsalSummary } from '../rehearsal-summary';
import { ROLES, ScrollTable, Section, TableHead } from './parts';
import { type BadgeTone, StateBadge } from './state-badge';

/** What the rehearsal on this machine showed, release by release, stage by stage. */
export function RehearsalSection(props: { rehearsal: RehearsalSummary }) {
  const { rehearsal } = props;
  const inColumn = (id: string) => rehearsal.stages.filter((stage) => stage.id.startsWith(`${id}/`));
  const loose = rehearsal.stages.filter((stage) => !rehearsal.columns.some((column) => stage.id.startsWith(`${column.id}/`)));
  return (
    <Section
      id="rehearsal"
      title="Rehearsal"
      lead={`${formatMs(rehearsal.totalMs)} in all. ${rehearsal.matchesExpected ? 'What was seen is what is recorded as expected.' : 'What was seen differs from what is recorded as expected.'}`}
    >
      {loose.length === 0 ? null : <Stages label="Stages of the rehearsal" stages={loose} />}
      {rehearsal.columns.map((column) => (
        <div key={column.id}>
          <h3>{column.title}</h3>
          <p>
            <code>{column.release}</code>{' '}
            <StateBadge tone={column.differences.length === 0 ? 'allowed' : 'denied'}>
              {column.differences.length === 0 ? 'as recorded' : 'differs'}
            </StateBadge>
          </p>
          {column.differences.length === 0 ? null : (
            <ul class="plainlist">
              {column.differences.map((difference) => (
                <li key={difference}>{difference}</li>
              ))}
            </ul>
          )}
          <Stages label={`Stages of ${column.title}`} stages={inColumn(column.id)} />
        </div>
      ))}
    </Section>
  );
}

function Stages(props: { label: string; stages: readonly RehearsalStage[] }) {
  return (
    <ScrollTable label={props.label} stack>
      <TableHead columns={['Stage', 'Outcome', '#Time', 'What was seen']} />
      <tbody {...ROLES.group}>
        {props.stages.map((stage) => (
          <tr {...ROLES.row} key={stage.id}>
            <th {...ROLES.rowHeader}>{stage.title}</th>
            <td {...ROLES.cell}>
              <StateBadge tone={TONES[stage.state]}>{WORDS[stage.state]}</StateBadge>
            </td>
            <td {...ROLES.cell} class="num">
              {stage.state === 'not-run' ? '–' : formatMs(stage.durationMs)}
            </td>
            <td {...ROLES.cell} class="wide">
              {stage.detail}
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

const TONES: Readonly<Record<RehearsalStage['state'], BadgeTone>> = {
  passed: 'allowed',
  failed: 'denied',
  'refused-as-expected': 'plain',
  'not-run': 'unavailable',
};
const WORDS: Readonly<Record<RehearsalStage['state'], string>> = {
  passed: 'passed',
  failed: 'failed',
  'refused-as-expected': 'refused, as expected',
  'not-run': 'not run',
};
