import type { Plan } from '../../planning/plan';
import { ScrollTable, Section, TableHead } from './parts';

/** The flags on which the numbers depend; the chart passes exactly these. */
export function EngineSection(props: { plan: Plan }) {
  const { engine } = props.plan;
  const settings = Object.entries(engine.settings);
  return (
    <Section
      id="engine"
      title="Engine flags"
      lead="The estimates hold for these settings only; the Helm chart passes exactly these arguments."
    >
      {engine.args.length === 0 ? <p>No arguments.</p> : <p class="args">{engine.args.join(' ').replaceAll(' --', '\n--')}</p>}
      {settings.length === 0 ? null : (
        <details>
          <summary>The same settings by name</summary>
          <div class="inside">
            <ScrollTable label="Engine settings">
              <TableHead columns={['Setting', 'Value']} />
              <tbody>
                {settings.map(([name, value]) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td>{String(value)}</td>
                  </tr>
                ))}
              </tbody>
            </ScrollTable>
          </div>
        </details>
      )}
    </Section>
  );
}
