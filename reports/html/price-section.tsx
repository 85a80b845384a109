import type { Plan } from '../../planning/plan';
import { formatAmount, formatMs, formatUsd } from '../format';
import { boundNote } from '../most-requests';
import { useLines } from '../use-lines';
import { FigureCell, FigureTile, ROLES, ScrollTable, Section, TableHead } from './parts';
import { StateBadge } from './state-badge';

/** What it costs, of what the month is made, how fast that is, and against which budget and targets. */
export function PriceSection(props: {
  plan: Plan;
  targets: { readonly timeToFirstTokenMs: number; readonly timePerOutputTokenMs: number };
}) {
  const { cost, performance } = props.plan;
  return (
    <Section
      id="price"
      title="Price"
      lead={
        cost.priceDate
          ? `US dollars, list prices of ${cost.priceDate}, without tax and discounts.`
          : 'US dollars. The date of the prices is unknown.'
      }
    >
      <h3>The month in parts</h3>
      <ScrollTable label="Monthly price by part" stack>
        <TableHead columns={['Part', '#Per month', 'How it is computed, and its source']} />
        <tbody {...ROLES.group}>
          {cost.lines.map((line) => (
            <tr {...ROLES.row} key={line.key}>
              <th {...ROLES.rowHeader}>{line.title}</th>
              <td {...ROLES.cell} class="num">
                <FigureCell figure={line.usdPerMonth} format={formatUsd} />
              </td>
              <td {...ROLES.cell} class="wide">
                {line.formula}
                <span class="fine">{line.usdPerMonth.source}</span>
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot {...ROLES.group}>
          <tr {...ROLES.row}>
            <th {...ROLES.rowHeader}>Month</th>
            <td {...ROLES.cell} class="num">
              <FigureCell figure={cost.usdPerMonth} format={formatUsd} />
            </td>
            <td {...ROLES.cell} class="wide">
              sum of the parts
            </td>
          </tr>
        </tfoot>
      </ScrollTable>
      <h3>Against the budget</h3>
      <ul class="plainlist">
        <li>
          Month: {formatUsd(cost.usdPerMonth.value)} of {formatUsd(cost.budget.monthlyUsd)} <Within holds={cost.budget.withinMonthly} />
        </li>
        {cost.budget.usdPerThousandImages === null ? null : (
          <li>
            1,000 images: {formatUsd(cost.usdPerThousandImages.value)} of {formatUsd(cost.budget.usdPerThousandImages)}{' '}
            <Within holds={cost.budget.withinThousandImages} />
          </li>
        )}
      </ul>
      <h3>Use, idle time and failure</h3>
      <ul class="plainlist">
        {useLines(props.plan).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {props.plan.alternatives.length === 0 ? null : <Alternatives alternatives={props.plan.alternatives} />}
      <h3>Speed that the price buys</h3>
      <dl class="tiles">
        <FigureTile
          title="Time to first token"
          figure={performance.timeToFirstTokenMs}
          format={formatMs}
          note={`target ${formatMs(props.targets.timeToFirstTokenMs)}`}
        />
        <FigureTile
          title="Time per output token"
          figure={performance.timePerOutputTokenMs}
          format={formatMs}
          note={`target ${formatMs(props.targets.timePerOutputTokenMs)}`}
        />
        <FigureTile
          title="Requests per second, one replica"
          figure={performance.requestsPerSecondPerReplica}
          format={formatAmount}
          note={boundNote(performance)}
        />
        <FigureTile
          title="Output tokens per second, one replica"
          figure={performance.outputTokensPerSecondPerReplica}
          format={formatAmount}
        />
        <FigureTile title="Requests in flight, one replica" figure={performance.concurrencyPerReplica} format={formatAmount} />
      </dl>
    </Section>
  );
}

/** The same release elsewhere or in another precision; hints, so that nobody has to ask. */
function Alternatives(props: { alternatives: Plan['alternatives'] }) {
  return (
    <>
      <h3>Elsewhere, or in another precision</h3>
      <ScrollTable label="Other regions and precisions" stack>
        <TableHead columns={['Instead', '#Per hour', '#Per month', 'With what, and what to know']} />
        <tbody {...ROLES.group}>
          {props.alternatives.map((item) => (
            <tr {...ROLES.row} key={`${item.kind} ${item.name}`}>
              <th {...ROLES.rowHeader}>{item.name}</th>
              <td {...ROLES.cell} class="num">
                <FigureCell figure={item.usdPerHour} format={formatUsd} />
              </td>
              <td {...ROLES.cell} class="num">
                <FigureCell figure={item.usdPerMonth} format={formatUsd} />
              </td>
              <td {...ROLES.cell} class="wide">
                {item.candidate ?? 'none'}
                <span class="fine">{item.note}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </>
  );
}

function Within(props: { holds: boolean | null }) {
  if (props.holds === null) return <StateBadge tone="unknown">not known</StateBadge>;
  return props.holds ? <StateBadge tone="allowed">within</StateBadge> : <StateBadge tone="denied">over</StateBadge>;
}
