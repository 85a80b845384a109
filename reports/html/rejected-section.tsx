import type { CodeTable } from '../../core/codes';
import type { Plan, Rejected } from '../../planning/plan';
import { formatAmount, plural } from '../format';
import { ROLES, ScrollTable, Section, TableHead } from './parts';

/** Up to this many rejections a reason is shown unfolded. */
const UNFOLDED_ROWS = 6;

/** Why not the others: each rejected option under its reason, and by how much it fails. */
export function RejectedSection(props: { plan: Plan; codes: CodeTable }) {
  const { rejected } = props.plan;
  const inTable = new Set(props.plan.candidates.map((candidate) => candidate.candidate));
  const of = (code: string) => rejected.filter((option) => option.code === code);
  // What only lost on price stands in the table of candidates already, so it comes last here.
  const onlyDearer = (code: string) => of(code).every((option) => inTable.has(option.candidate));
  const codes = [...new Set(rejected.map((option) => option.code))].sort((a, b) => Number(onlyDearer(a)) - Number(onlyDearer(b)));
  return (
    <Section
      id="rejected"
      title="Rejected options"
      lead={
        rejected.length === 0
          ? 'No option was rejected.'
          : `${plural(rejected.length, 'option')} looked at and not taken. “ovkit explain CODE” says what a code means.`
      }
    >
      {codes.map((code) => (
        <RejectedGroup key={code} code={code} title={props.codes[code]?.title ?? null} options={of(code)} />
      ))}
    </Section>
  );
}

function RejectedGroup(props: { code: string; title: string | null; options: readonly Rejected[] }) {
  return (
    <details open={props.options.length <= UNFOLDED_ROWS}>
      <summary>
        {props.title ? `${props.title} ` : ''}
        <code>{props.code}</code> <span class="fine">{plural(props.options.length, 'option')}</span>
      </summary>
      <div class="inside">
        <ScrollTable label={`Rejected with ${props.code}`} stack>
          <TableHead columns={['Option', 'Reason', '#Short by']} />
          <tbody {...ROLES.group}>
            {props.options.map((option) => (
              <tr {...ROLES.row} key={`${option.candidate} ${option.reason}`}>
                <th {...ROLES.rowHeader}>{option.candidate}</th>
                <td {...ROLES.cell} class="wide">
                  {option.reason}
                </td>
                <td {...ROLES.cell} class="num">
                  {option.shortBy ? `${formatAmount(option.shortBy.value)} ${option.shortBy.unit}` : '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      </div>
    </details>
  );
}
