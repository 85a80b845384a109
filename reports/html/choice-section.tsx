import type { Candidate, Plan } from '../../planning/plan';
import { BASIS_WORDS, formatAmount, formatMs, formatUsd, plural } from '../format';
import { FigureCell, ScrollTable, Section, TableHead } from './parts';
import { ScatterChart } from './scatter-chart';
import { candidateName, scatterPoints } from './scatter-points';
import { StateBadge } from './state-badge';

/** So many candidates are shown unfolded, in the order of the plan (the cheapest first). */
const UNFOLDED_CANDIDATES = 8;

/** Why this machine: every placement that meets the targets, price against throughput. */
export function ChoiceSection(props: { plan: Plan; neededPerSecond: number }) {
  const { candidates } = props.plan;
  const points = scatterPoints(candidates);
  const chosen = candidates.find((candidate) => candidate.chosen);
  const first = candidates.slice(0, UNFOLDED_CANDIDATES);
  const rest = candidates.slice(UNFOLDED_CANDIDATES);
  return (
    <Section id="choice" title="Why this machine" lead={lead(candidates.length, chosen ? candidateName(chosen) : null)}>
      {points.length < 2 ? null : (
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
      {first.length === 0 ? null : <Candidates label="Candidates that meet the targets" candidates={first} />}
      {rest.length === 0 ? null : (
        <details>
          <summary>{plural(rest.length, 'more candidate')}</summary>
          <div class="inside">
            <Candidates label="More candidates" candidates={rest} />
          </div>
        </details>
      )}
      {candidates.length === 0 ? null : <p class="note">{basisNote(candidates)}</p>}
    </Section>
  );
}

function Candidates(props: { label: string; candidates: readonly Candidate[] }) {
  return (
    <ScrollTable label={props.label} dense>
      <TableHead columns={['Candidate', 'GPU', ...FIGURES.map(({ title }) => title)]} />
      <tbody>
        {props.candidates.map((candidate) => (
          <tr key={candidateName(candidate)} class={candidate.chosen ? 'chosen' : undefined}>
            <th scope="row">
              {candidateName(candidate)}
              <span class="fine">{plural(candidate.replicas, 'replica')}</span>
              {candidate.chosen ? <StateBadge tone="allowed">chosen</StateBadge> : null}
            </th>
            <td class="name">{candidate.gpu ? `${formatAmount(candidate.gpuCount)} × ${candidate.gpu}` : 'CPU'}</td>
            {FIGURES.map(({ title, pick, format }) => (
              <td key={title} class="num">
                <FigureCell figure={pick(candidate)} format={format} basis={false} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

const FIGURES = [
  { title: '#Per hour', pick: (candidate: Candidate) => candidate.usdPerHour, format: formatUsd },
  { title: '#Per month', pick: (candidate: Candidate) => candidate.usdPerMonth, format: formatUsd },
  { title: '#1,000 images', pick: (candidate: Candidate) => candidate.usdPerThousandImages, format: formatUsd },
  { title: '#Requests/s each', pick: (candidate: Candidate) => candidate.performance.requestsPerSecondPerReplica, format: formatAmount },
  { title: '#First token', pick: (candidate: Candidate) => candidate.performance.timeToFirstTokenMs, format: formatMs },
  { title: '#Per token', pick: (candidate: Candidate) => candidate.performance.timePerOutputTokenMs, format: formatMs },
] as const;

function lead(count: number, chosen: string | null): string {
  if (count === 0) return 'No placement meets the targets; the rejected options below say what each one lacks.';
  if (count === 1 && chosen) return `${chosen} is the one placement that meets the targets.`;
  return `${plural(count, 'placement meets', 'placements meet')} the targets; ${chosen ? `${chosen} costs least.` : 'none is chosen.'}`;
}

function basisNote(candidates: readonly Candidate[]): string {
  const words = (pick: (candidate: Candidate) => Candidate['usdPerHour']) =>
    [...new Set(candidates.map((candidate) => BASIS_WORDS[pick(candidate).basis]))].join(', ');
  return `Basis of the prices: ${words((candidate) => candidate.usdPerHour)}; of the speeds: ${words((candidate) => candidate.performance.requestsPerSecondPerReplica)}. Requests per second are those of one replica.`;
}
