import type { Plan } from '../../planning/plan';
import { BASIS_WORDS, formatAmount, formatCount, formatMs, formatUsd, plural } from '../format';
import { FigureCell, ScrollTable, Section, TableHead } from './parts';
import { ScatterChart } from './scatter-chart';
import { candidateName, scatterPoints } from './scatter-points';
import { StateBadge } from './state-badge';

/** Why this machine: every placement that meets the targets, price against throughput. */
export function ChoiceSection(props: { plan: Plan; neededPerSecond: number }) {
  const { candidates } = props.plan;
  const points = scatterPoints(candidates);
  const chosen = candidates.find((candidate) => candidate.chosen);
  return (
    <Section id="choice" title="Why this machine" lead={lead(candidates.length, chosen ? candidateName(chosen) : null)}>
      {points.length === 0 ? null : (
        <figure class="chart">
          <ScatterChart
            title="Price per hour against requests per second"
            description={`${plural(points.length, 'candidate')} with known price and throughput${chosen ? `; ${candidateName(chosen)} is chosen` : ''}. The table below holds every candidate.`}
            points={points}
            neededPerSecond={props.neededPerSecond}
          />
          <figcaption>
            The filled, ringed point is the chosen one; a thin line is the range of the estimate. The dotted line is the peak of the load. A
            point without a name stands too close to another; the table names them all.
          </figcaption>
        </figure>
      )}
      {candidates.length === 0 ? null : (
        <ScrollTable label="Candidates that meet the targets">
          <TableHead
            columns={[
              'Candidate',
              'GPU',
              '#Replicas',
              '#Per hour',
              '#Per month',
              '#Per 1,000 images',
              '#Requests per second, one replica',
              '#First token',
              '#Per output token',
              'Price',
            ]}
          />
          <tbody>
            {candidates.map((candidate) => (
              <tr key={candidate.candidate} class={candidate.chosen ? 'chosen' : undefined}>
                <th scope="row">
                  {candidateName(candidate)} {candidate.chosen ? <StateBadge tone="allowed">chosen</StateBadge> : null}
                </th>
                <td>{candidate.gpu ? `${formatAmount(candidate.gpuCount)} × ${candidate.gpu}` : 'CPU'}</td>
                <td class="num">{formatCount(candidate.replicas)}</td>
                <td class="num">
                  <FigureCell figure={candidate.usdPerHour} format={formatUsd} basis={false} />
                </td>
                <td class="num">
                  <FigureCell figure={candidate.usdPerMonth} format={formatUsd} basis={false} />
                </td>
                <td class="num">
                  <FigureCell figure={candidate.usdPerThousandImages} format={formatUsd} basis={false} />
                </td>
                <td class="num">
                  <FigureCell figure={candidate.performance.requestsPerSecondPerReplica} format={formatAmount} basis={false} />
                </td>
                <td class="num">
                  <FigureCell figure={candidate.performance.timeToFirstTokenMs} format={formatMs} basis={false} />
                </td>
                <td class="num">
                  <FigureCell figure={candidate.performance.timePerOutputTokenMs} format={formatMs} basis={false} />
                </td>
                <td>
                  {BASIS_WORDS[candidate.usdPerHour.basis]}
                  <span class="fine">speed: {BASIS_WORDS[candidate.performance.requestsPerSecondPerReplica.basis]}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Section>
  );
}

function lead(count: number, chosen: string | null): string {
  if (count === 0) return 'No placement meets the targets; the rejected options below say what each one lacks.';
  return `${plural(count, 'placement meets', 'placements meet')} the targets; ${chosen ? `${chosen} costs least.` : 'none is chosen.'}`;
}
