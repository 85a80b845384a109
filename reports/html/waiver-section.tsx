import type { Verdict } from '../../compliance/verdict';
import { formatTime, plural } from '../format';
import { ScrollTable, Section, TableHead } from './parts';

/** Which breaches are excused, by whom, why, and until when. */
export function WaiverSection(props: { verdict: Verdict }) {
  const { waivers } = props.verdict;
  return (
    <Section
      id="waivers"
      title="Waivers applied"
      lead={
        waivers.length === 0
          ? 'None: every state on this page is that of the evidence.'
          : `${plural(waivers.length, 'signed waiver')} in force.`
      }
    >
      {waivers.length === 0 ? null : (
        <ScrollTable label="Waivers applied">
          <TableHead columns={['Waiver', 'Subject', 'Rule', 'Reason', 'Approver', 'Expires']} />
          <tbody>
            {waivers.map((waiver) => (
              <tr key={`${waiver.id} ${waiver.subject} ${waiver.rule}`}>
                <th scope="row">{waiver.id}</th>
                <td>{waiver.subject}</td>
                <td>
                  <code>{waiver.rule}</code>
                </td>
                <td class="wide">{waiver.reason}</td>
                <td>
                  {waiver.approver}
                  <span class="fine">key {waiver.key}</span>
                </td>
                <td>{formatTime(waiver.expires)}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Section>
  );
}

/** What runs out soon, and when the whole verdict does. */
export function ExpirySection(props: { verdict: Verdict }) {
  const { expiring, expires } = props.verdict;
  return (
    <Section
      id="expiry"
      title="What expires and when"
      lead={`The verdict holds until ${formatTime(expires)}; after that the gate refuses until the evidence is read anew.`}
    >
      {expiring.length === 0 ? (
        <p>Nothing else runs out within 30 days.</p>
      ) : (
        <ScrollTable label="What runs out within 30 days">
          <TableHead columns={['What', 'Expires']} />
          <tbody>
            {expiring.map((item) => (
              <tr key={`${item.what} ${item.expires}`}>
                <th scope="row">{item.what}</th>
                <td>{formatTime(item.expires)}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Section>
  );
}
