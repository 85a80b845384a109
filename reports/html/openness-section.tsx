import type { OpennessComponent, Verdict } from '../../compliance/verdict';
import { ScrollTable, Section, TableHead } from './parts';
import { StateBadge } from './state-badge';

/** How open the model is, by two frameworks that disagree on data. A waiver makes nothing open. */
export function OpennessSection(props: { verdict: Verdict }) {
  const { mof, osaid } = props.verdict.openness;
  return (
    <Section
      id="openness"
      title="How open it is"
      lead={`Model Openness Framework ${mof.version}: class proven ${mof.proven}, at best ${mof.atBest}. Open Source AI Definition ${osaid.version}: ${osaid.state}. MOF class I wants the training data itself, OSAID only information on it; waivers count for neither.`}
    >
      <Components
        label={`Components of the Model Openness Framework ${mof.version}`}
        rows={mof.components.map((component) => ({ of: `class ${component.class}`, component }))}
      />
      <Components
        label={`Elements of the Open Source AI Definition ${osaid.version}`}
        rows={osaid.elements.map((component) => ({ of: 'OSAID', component }))}
      />
    </Section>
  );
}

const TONES = { open: 'allowed', conditional: 'allowed', unknown: 'unknown', closed: 'denied' } as const;

function Components(props: { label: string; rows: readonly { readonly of: string; readonly component: OpennessComponent }[] }) {
  if (props.rows.length === 0) return null;
  return (
    <ScrollTable label={props.label}>
      <TableHead columns={['Component', 'Asked by', 'State', 'Because']} />
      <tbody>
        {props.rows.map(({ of, component }) => (
          <tr key={`${of} ${component.id}`}>
            <th scope="row">{component.title}</th>
            <td>{of}</td>
            <td>
              <StateBadge tone={TONES[component.state]}>{component.state}</StateBadge>
            </td>
            <td class="wide">{component.because}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
