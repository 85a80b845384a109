import { createColors } from 'picocolors';
import type { Comparison, Option, ScoreRow, Step } from '../planning/compare/types';
import { cleanStrings } from './clean';
import { figureLine, formatAmount, formatMs, formatUsd, UNKNOWN } from './format';

const LABEL_WIDTH = 18;
const COLUMN_WIDTH = 44;

/** Releases side by side for a terminal. */
export function compareText(input: Comparison, options: { readonly colours: boolean }): string {
  const comparison = cleanStrings(input);
  const paint = createColors(options.colours);
  const { options: list, recommendation } = comparison;
  const row = (label: string, cell: (option: Option) => string) => line(label, list.map(cell));
  const title = (text: string) => ['', paint.bold(text)];
  const lines = [
    paint.bold(recommendation.name === null ? 'Nothing can be recommended.' : `Take ${recommendation.name}.`),
    recommendation.because,
    ...recommendation.steps.map((step) => `Step up: ${stepText(step)}`),
    `Rule: ${recommendation.rule}`,
    paint.yellow(comparison.note),
    ...comparison.differences.map((difference) => paint.yellow(`Note: ${difference}.`)),
    '',
    ...row('', (option) => option.name),
    ...row('model', (option) => `${option.title}, ${option.precision}`),
    ...row('parameters', (option) => `${(option.parameters / 1e9).toFixed(2)} G`),
    ...row('plan', (option) => (option.state === 'ok' ? 'holds' : `${option.state}: ${option.problems[0] ?? 'a figure is not known'}`)),
    ...row('placement', (option) => option.placement),
    ...row('licences', (option) => (option.licence === null ? UNKNOWN : option.licence.state)),
    ...title('Speed at the peak'),
    ...row('first token', (option) => figureLine(option.performance.timeToFirstTokenMs, formatMs)),
    ...row('each token', (option) => figureLine(option.performance.timePerOutputTokenMs, formatMs)),
    ...row('requests/s at most', (option) => figureLine(option.performance.requestsPerSecondPerReplica, formatAmount)),
    ...title(`Price${comparison.priceDate === null ? '' : ` (prices of ${comparison.priceDate})`}`),
    ...row('per hour', (option) => figureLine(option.cost.usdPerHour, formatUsd)),
    ...row('per month', (option) => figureLine(option.cost.usdPerMonth, formatUsd)),
    ...row('1,000 images', (option) => figureLine(option.cost.usdPerThousandImages, formatUsd)),
    ...title('Memory by precision, with the KV cache of the load; the cheapest machine that holds it'),
    ...precisionNames(list).flatMap((name) => row(name, (option) => precisionCell(option, name))),
    ...title('Cards, in the precision of the release'),
    ...cardNames(list).flatMap((card) => row(card, (option) => cardCell(option, card))),
    ...title('Fine-tuning on 5,000 pairs, 3 epochs'),
    ...['lora', 'full', 'adapter'].flatMap((method) => row(method, (option) => tuningCell(option, method))),
    ...(comparison.scores.length === 0
      ? []
      : [...title('Published scores'), ...comparison.scores.flatMap(scoreLine), ...sources(comparison.scores)]),
  ];
  return lines.join('\n');
}

/** One dearer option in words. */
export function stepText(step: Step): string {
  const scores =
    step.meanPoints === null
      ? 'no common scores'
      : `better in ${step.better} of ${step.compared} published scores, ${signed(step.meanPoints)} points on average`;
  const speed = step.tokenTimeRatio === null ? '' : `, ${step.tokenTimeRatio.toFixed(2)} x the time per token`;
  const price =
    step.usdPerMonthMore < 0.01 ? 'the same price' : `${formatUsd(step.usdPerMonthMore)} a month more (${signed(step.percentMore)} %)`;
  return `${step.name} for ${price}: ${scores}${speed}`;
}

/** Precisions of all options, in the order of the first. */
export function precisionNames(options: readonly Option[]): readonly string[] {
  return [...new Set(options.flatMap((option) => option.precisions.map((row) => row.precision)))];
}

/** Cards of all options in the precision of each release. */
export function cardNames(options: readonly Option[]): readonly string[] {
  return [...new Set(options.flatMap((option) => ownPrecision(option)?.cards.map((card) => card.card) ?? []))];
}

/** The row of the precision that the release names. */
export function ownPrecision(option: Option): Option['precisions'][number] | undefined {
  return option.precisions.find((row) => row.precision === option.precision);
}

function precisionCell(option: Option, name: string): string {
  const row = option.precisions.find((candidate) => candidate.precision === name);
  if (!row?.weightsGib || !row.neededGib) return row ? UNKNOWN : 'not offered';
  const machine = row.cheapest === null ? 'no machine holds it' : `${row.cheapest}, ${formatUsd(row.usdPerMonth.value)} a month`;
  return `weights ${row.weightsGib.value.toFixed(2)}, all ${row.neededGib.value.toFixed(1)} (${row.neededGib.low.toFixed(1)} to ${row.neededGib.high.toFixed(1)}) GiB; ${machine}`;
}

function cardCell(option: Option, card: string): string {
  const row = ownPrecision(option)?.cards.find((candidate) => candidate.card === card);
  if (!row) return '-';
  return row.candidate === null ? (row.reason ?? UNKNOWN) : `${row.candidate}, ${formatUsd(row.usdPerMonth)} a month`;
}

function tuningCell(option: Option, method: string): string {
  const row = option.fineTuning.find((candidate) => candidate.method === method);
  if (!row) return '-';
  const machine = row.machine === null ? 'no machine of the region holds it' : `${row.machine}, ${figureLine(row.usd, formatUsd)}`;
  return `${row.gibOneGpu.value.toFixed(1)} GiB on one GPU; ${machine}`;
}

function scoreLine({ benchmark, values }: ScoreRow): string[] {
  return line(
    benchmark,
    values.map((value) => (value === null ? UNKNOWN : value.toFixed(1))),
  );
}

function sources(scores: readonly ScoreRow[]): string[] {
  return [...new Set(scores.flatMap((score) => score.sources))].map((source) => `  source: ${source}`);
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(1)}`;
}

/** A labelled row; long cells are broken into several lines. */
function line(label: string, cells: readonly string[]): string[] {
  const broken = cells.map((cell) => wrap(cell, COLUMN_WIDTH - 2));
  const labels = wrap(label, LABEL_WIDTH - 2);
  const height = Math.max(labels.length, ...broken.map((parts) => parts.length));
  return Array.from({ length: height }, (_, index) =>
    `${(labels[index] ?? '').padEnd(LABEL_WIDTH)}${broken.map((parts) => (parts[index] ?? '').padEnd(COLUMN_WIDTH)).join('')}`.trimEnd(),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const cut = space > 0 ? space : width;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
