import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Comparison, Option } from '../../planning/compare/types';
import { cleanStrings } from '../clean';
import { cardNames, ownPrecision, precisionNames, stepText } from '../compare-text';
import { formatAmount, formatMs, formatUsd, UNKNOWN } from '../format';
import { type ContentsEntry, Page } from './page';
import { FigureCell, ROLES, ScrollTable, Section, SourceText, TableHead } from './parts';
import { StateBadge } from './state-badge';

export interface CompareReportInput {
  readonly comparison: Comparison;
  readonly kitVersion: string;
}

/** Releases side by side as one self-contained page. The same input gives the same bytes. */
export function renderCompareReport(input: CompareReportInput): string {
  const { comparison, kitVersion } = cleanStrings(input);
  const { options, recommendation } = comparison;
  const headline = recommendation.name === null ? 'Nothing can be recommended' : `Take ${recommendation.name}`;
  const page = (
    <Page
      title={`${headline}: ${options.map((option) => option.name).join(' or ')}`}
      contents={CONTENTS}
      footer={`Written by onevision-kit ${kitVersion} from ${options.map((option) => option.file).join(', ')}. ${comparison.note}`}
      header={
        <>
          <p class="eyebrow">Comparison of releases, an estimate</p>
          <h1>{headline}</h1>
          <p class="line">{recommendation.because}</p>
        </>
      }
    >
      <Section id="recommendation" title="Recommendation" lead={comparison.note}>
        <p>{recommendation.rule}</p>
        {recommendation.steps.length === 0 ? null : (
          <>
            <h3>What the step up buys</h3>
            <ul class="plainlist">
              {recommendation.steps.map((step) => (
                <li key={step.name}>{stepText(step)}</li>
              ))}
            </ul>
          </>
        )}
        {comparison.differences.length === 0 ? null : (
          <ul class="plainlist">
            {comparison.differences.map((difference) => (
              <li key={difference}>{difference}: read prices and times with care.</li>
            ))}
          </ul>
        )}
      </Section>
      <Section
        id="side-by-side"
        title="Side by side"
        lead={
          comparison.priceDate === null
            ? 'US dollars.'
            : `US dollars, prices of ${comparison.priceDate}${comparison.region === null ? '' : ` in ${comparison.region}`}.`
        }
      >
        <Sides label="Plan, speed and price" options={options} rows={SIDES} />
      </Section>
      <Section
        id="memory"
        title="Memory by precision"
        lead="Weights and everything else on one GPU with the KV cache of the load, in GiB, and the cheapest machine of all that holds it."
      >
        <Sides
          label="Memory by precision"
          options={options}
          rows={precisionNames(options).map((name) => ({
            title: name,
            cell: (option: Option) => <PrecisionCell option={option} name={name} />,
          }))}
        />
      </Section>
      <Section
        id="cards"
        title="Cards and machines"
        lead="The cheapest machine of each card that holds the load within the targets, in the precision of the release, or why there is none."
      >
        <Sides
          label="Cards and machines"
          options={options}
          rows={cardNames(options).map((card) => ({ title: card, cell: (option: Option) => <CardCell option={option} card={card} /> }))}
        />
      </Section>
      <Section
        id="fine-tuning"
        title="Fine-tuning"
        lead="5,000 image-caption pairs, 3 epochs: memory of one GPU with checkpointing, and the cheapest machine that holds it."
      >
        <Sides
          label="Fine-tuning"
          options={options}
          rows={['lora', 'full', 'adapter'].map((method) => ({
            title: method,
            cell: (option: Option) => <TuningCell option={option} method={method} />,
          }))}
        />
      </Section>
      <Section id="scores" title="Published scores" lead="As published by their authors; nothing was evaluated here.">
        {comparison.scores.length === 0 ? <p>No scores of these models are in the catalogue.</p> : <Scores comparison={comparison} />}
      </Section>
    </Page>
  );
  return `<!doctype html>\n${renderToString(page)}\n`;
}

const CONTENTS: readonly ContentsEntry[] = [
  { id: 'recommendation', title: 'Recommendation' },
  { id: 'side-by-side', title: 'Side by side' },
  { id: 'memory', title: 'Memory by precision' },
  { id: 'cards', title: 'Cards and machines' },
  { id: 'fine-tuning', title: 'Fine-tuning' },
  { id: 'scores', title: 'Published scores' },
];

interface Row {
  readonly title: string;
  readonly cell: (option: Option) => ComponentChildren;
}

const SIDES: readonly Row[] = [
  { title: 'Model', cell: (option) => `${option.title}, ${option.precision}` },
  { title: 'Parameters', cell: (option) => `${(option.parameters / 1e9).toFixed(2)} G` },
  {
    title: 'Plan',
    cell: (option) => (
      <>
        {option.state === 'ok' ? (
          <StateBadge tone="allowed">holds</StateBadge>
        ) : (
          <StateBadge tone={option.state === 'refused' ? 'denied' : 'unknown'}>{option.state}</StateBadge>
        )}
        {option.problems.map((problem) => (
          <span class="fine" key={problem}>
            {problem}
          </span>
        ))}
      </>
    ),
  },
  {
    title: 'Licences',
    cell: (option) =>
      option.licence === null ? (
        UNKNOWN
      ) : (
        <>
          <StateBadge tone={option.licence.state} />
          <span class="fine">{option.licence.summary}</span>
        </>
      ),
  },
  { title: 'Placement', cell: (option) => option.placement },
  { title: 'First token', cell: (option) => <FigureCell figure={option.performance.timeToFirstTokenMs} format={formatMs} /> },
  { title: 'Each token', cell: (option) => <FigureCell figure={option.performance.timePerOutputTokenMs} format={formatMs} /> },
  {
    title: 'Requests per second, one replica',
    cell: (option) => <FigureCell figure={option.performance.requestsPerSecondPerReplica} format={formatAmount} />,
  },
  { title: 'Per hour', cell: (option) => <FigureCell figure={option.cost.usdPerHour} format={formatUsd} /> },
  { title: 'Per month', cell: (option) => <FigureCell figure={option.cost.usdPerMonth} format={formatUsd} /> },
  { title: '1,000 images', cell: (option) => <FigureCell figure={option.cost.usdPerThousandImages} format={formatUsd} /> },
];

/** A table with one column per release. */
function Sides(props: { label: string; options: readonly Option[]; rows: readonly Row[] }) {
  return (
    <ScrollTable label={props.label} dense>
      <TableHead columns={['What', ...props.options.map((option) => option.name)]} />
      <tbody {...ROLES.group}>
        {props.rows.map((row) => (
          <tr {...ROLES.row} key={row.title}>
            <th {...ROLES.rowHeader}>{row.title}</th>
            {props.options.map((option) => (
              <td {...ROLES.cell} key={option.name}>
                {row.cell(option)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

function PrecisionCell({ option, name }: { option: Option; name: string }) {
  const row = option.precisions.find((candidate) => candidate.precision === name);
  if (!row) return <>not offered</>;
  if (!row.weightsGib || !row.neededGib) return <>{UNKNOWN}</>;
  return (
    <>
      {`weights ${row.weightsGib.value.toFixed(2)}, all ${row.neededGib.value.toFixed(1)}`}
      <span class="fine">{`${row.neededGib.low.toFixed(1)} to ${row.neededGib.high.toFixed(1)}, on ${row.on}`}</span>
      <span class="fine">
        {row.cheapest === null ? 'no machine holds it' : `${row.cheapest}, ${formatUsd(row.usdPerMonth.value)} a month`}
      </span>
      {row.origin === 'quantised-at-load' ? <span class="fine">made by the engine at load</span> : null}
    </>
  );
}

function CardCell({ option, card }: { option: Option; card: string }) {
  const row = ownPrecision(option)?.cards.find((candidate) => candidate.card === card);
  if (!row) return <>not judged</>;
  if (row.candidate === null) return <span class="fine">{row.reason ?? UNKNOWN}</span>;
  return (
    <>
      {row.candidate}
      <span class="fine">{`${formatUsd(row.usdPerMonth)} a month`}</span>
    </>
  );
}

function TuningCell({ option, method }: { option: Option; method: string }) {
  const row = option.fineTuning.find((candidate) => candidate.method === method);
  if (!row) return <>no such method</>;
  return (
    <>
      {`${row.gibOneGpu.value.toFixed(1)} GiB on one GPU`}
      <span class="fine">{`${(row.trainedParameters / 1e6).toFixed(1)} M parameters trained`}</span>
      <span class="fine">{row.machine ?? 'no machine of the region holds it'}</span>
      {row.machine === null ? null : <FigureCell figure={row.usd} format={formatUsd} />}
    </>
  );
}

function Scores({ comparison }: { comparison: Comparison }) {
  const sources = [...new Set(comparison.scores.flatMap((score) => score.sources))];
  return (
    <>
      <ScrollTable label="Published scores" dense>
        <TableHead columns={['Benchmark', ...comparison.options.map((option) => `#${option.name}`)]} />
        <tbody {...ROLES.group}>
          {comparison.scores.map((score) => (
            <tr {...ROLES.row} key={score.benchmark}>
              <th {...ROLES.rowHeader}>{score.benchmark}</th>
              {score.values.map((value, index) => (
                <td {...ROLES.cell} class="num" key={comparison.options[index]?.name}>
                  {value === null ? UNKNOWN : value.toFixed(1)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      <ul class="plainlist">
        {sources.map((source) => (
          <li key={source}>
            <SourceText text={source} />
          </li>
        ))}
      </ul>
    </>
  );
}
