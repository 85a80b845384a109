import type { Fit, Plan } from '../../planning/plan';
import { formatBytes, formatCount, formatRange } from '../format';
import { MemoryChart } from './memory-chart';
import { mainPool, memoryRows, memoryTotal, poolName } from './memory-rows';
import { Facts, ROLES, ScrollTable, Section, TableHead } from './parts';
import { StateBadge } from './state-badge';

/** Does the model fit: each term of the memory against the card, as a chart and as a table. */
export function MemorySection(props: { plan: Plan }) {
  const { fit } = props.plan;
  const pool = mainPool(fit.terms);
  const rows = memoryRows(fit.terms, pool);
  const total = memoryTotal(rows);
  const limit = fit.budgetBytes === null ? 'what the engine may use is unknown' : `the engine may use ${formatBytes(fit.budgetBytes)}`;
  return (
    <Section id="memory" title="Memory" lead={fit.because}>
      <p>
        <FitBadge fit={fit} />
      </p>
      {rows.length === 0 ? null : (
        <figure class="chart">
          <MemoryChart
            title={`Terms of the ${poolName(pool, fit)}`}
            description={`The terms add up to ${formatBytes(total.bytes)} (${formatBytes(total.lowBytes)} to ${formatBytes(total.highBytes)}); ${limit} of ${formatBytes(fit.capacityBytes)}. The table below holds every term.`}
            rows={rows}
            capacityBytes={fit.capacityBytes}
            budgetBytes={fit.budgetBytes}
          />
          <figcaption>
            {`Terms of the ${poolName(pool, fit)} on ${fit.candidate}, stacked one after the other. Thin lines are the range of a term.${props.plan.engine.kind === 'vllm' ? ' The engine takes the rest of its share in advance for the KV cache.' : ''}`}
          </figcaption>
        </figure>
      )}
      <ScrollTable label="Memory terms" stack>
        <TableHead columns={['Term', 'Where', '#Size', 'How it is computed, and its source']} />
        <tbody {...ROLES.group}>
          {fit.terms.map((term) => (
            <tr {...ROLES.row} key={`${term.pool} ${term.name}`}>
              <th {...ROLES.rowHeader}>{term.name}</th>
              <td {...ROLES.cell}>{term.pool === 'gpu' ? 'GPU' : term.pool}</td>
              <td {...ROLES.cell} class="num">
                {formatBytes(term.bytes)}
                <span class="fine">{term.low === term.high ? 'exact' : formatRange(formatBytes(term.low), formatBytes(term.high))}</span>
              </td>
              <td {...ROLES.cell} class="wide">
                {term.formula}
                <span class="fine">{term.source}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      <h3>KV cache</h3>
      <Facts
        entries={[
          ['One token takes', `${formatCount(fit.kvCache.bytesPerToken)} bytes`],
          [
            'Holds at least',
            fit.kvCache.tokens === null ? 'unknown' : `${formatCount(fit.kvCache.tokens)} tokens`,
            'with every other term at its high end',
          ],
          ['Needed at the peak', `${formatCount(fit.kvCache.tokensNeeded)} tokens`],
          ['Requests held at once', formatCount(fit.kvCache.concurrentRequests)],
          ['Short by', fit.shortByBytes > 0 ? formatBytes(fit.shortByBytes) : null],
        ]}
      />
    </Section>
  );
}

function FitBadge(props: { fit: Fit }) {
  const words = {
    fits: ['allowed', 'fits'],
    'fits-with-flags': ['allowed', 'fits with the engine flags below'],
    'does-not-fit': ['denied', 'does not fit'],
    unknown: ['unknown', 'not known whether it fits'],
  } as const;
  const [tone, text] = words[props.fit.verdict];
  return <StateBadge tone={tone}>{text}</StateBadge>;
}
