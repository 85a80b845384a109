import { createColors } from 'picocolors';
import { printable } from '../core/printable';
import type { Plan, PlanProblem, Rejected } from '../planning/plan';
import { figureLine, formatAmount, formatBytes, formatMs, formatUsd, plural, UNKNOWN } from './format';
import { planSentence } from './headline';
import { mostRequests } from './most-requests';
import { scalingLines } from './scaling-lines';
import { useLines } from './use-lines';

export interface PlanTextOptions {
  readonly colours: boolean;
}

/** Widest line in characters. */
const WIDTH = 100;
const LABEL_WIDTH = 16;
/** Rejected candidates shown in full; the rest is counted by code. */
const SHOWN_REJECTED = 5;

type Paint = ReturnType<typeof createColors>;

/** A plan for a terminal, top-down: what runs where, its price and speed, the memory by term, why not the others, what to do. */
export function planText(plan: Plan, options: PlanTextOptions): string {
  const paint = createColors(options.colours);
  const sections = [
    head(plan, paint),
    problems(plan, paint),
    price(plan, paint),
    speed(plan, paint),
    scaling(plan, paint),
    memory(plan, paint),
    others(plan, paint),
    alternatives(plan, paint),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function head(plan: Plan, paint: Paint): string[] {
  const mark = {
    ok: paint.green('The plan holds.'),
    refused: paint.red('The plan is refused.'),
    unknown: paint.yellow('The plan has unknown figures.'),
  };
  const { model, request, placement } = plan;
  const quota = placement.quota;
  return [
    `${paint.bold(clean(plan.release.name))} (${plan.release.environment}): ${mark[plan.state]}`,
    ...wrap(clean(planSentence(plan))),
    ...field('model', `${model.title} (${model.role}), ${model.id} at ${model.revision.slice(0, 12)}`),
    ...field(
      'one request',
      `${formatAmount(request.totalTokens)} tokens: ${request.imageTokens} image, ${request.promptTokens} prompt, ${request.outputTokens} output`,
    ),
    ...(placement.gpu ? field('machine', machine(plan)) : []),
    ...(quota ? field('quota needed', `${quota.vcpuNeeded} vCPU of ${quota.code} (${quota.name})`) : []),
    ...(plan.engine.args.length > 0 ? field('engine flags', plan.engine.args.join(' ')) : []),
  ];
}

function machine({ placement }: Plan): string {
  const gpus = placement.tensorParallel > 1 ? `, ${placement.tensorParallel} GPUs share the model` : '';
  return `${placement.gpuCount} x ${placement.gpu}, ${placement.vcpu} vCPU, ${placement.memoryGib} GiB RAM, volume ${placement.volumeGib} GiB${gpus}`;
}

function problems(plan: Plan, paint: Paint): string[] {
  return plan.problems.flatMap((problem) => problemLines(problem, paint));
}

function problemLines(problem: PlanProblem, paint: Paint): string[] {
  const colour = problem.severity === 'error' ? paint.red : paint.yellow;
  const [first = '', ...rest] = wrap(`${problem.code}: ${clean(problem.message)}`);
  return [colour(first), ...rest.map((line) => `  ${line.trimStart()}`), ...wrap(`  Next: ${clean(problem.next)}`)];
}

function price({ cost, placement }: Plan, paint: Paint): string[] {
  if (cost.lines.length === 0) return [];
  const { budget } = cost;
  const date = cost.priceDate ? `prices of ${cost.priceDate}` : 'prices of the release';
  return [
    paint.bold(`Price (${date})`),
    ...field('per hour', `${figureLine(cost.usdPerHour, formatUsd)} for the nodes of ${plural(placement.replicas, 'replica')}`),
    ...field(
      'per month',
      `${figureLine(cost.usdPerMonth, formatUsd)}; budget ${formatUsd(budget.monthlyUsd)}: ${kept(budget.withinMonthly)}`,
    ),
    ...field(
      '1,000 images',
      `${figureLine(cost.usdPerThousandImages, formatUsd)}${budget.usdPerThousandImages === null ? '' : `; budget ${formatUsd(budget.usdPerThousandImages)}: ${kept(budget.withinThousandImages)}`}`,
    ),
    ...field('1 M tokens', figureLine(cost.usdPerMillionTokens, formatUsd)),
    ...useLines({ cost, placement }).flatMap((line) => wrap(`  ${clean(line)}`, 4)),
    ...cost.lines.flatMap((line) => wrap(`    ${formatUsd(line.usdPerMonth.value).padStart(9)}  ${line.title} (${line.formula})`, 15)),
  ];
}

function alternatives({ alternatives: list }: Plan, paint: Paint): string[] {
  if (list.length === 0) return [];
  return [
    paint.bold('Elsewhere, or in another precision (hints; the release stays as it is)'),
    ...list.flatMap(({ name, candidate, usdPerHour, usdPerMonth, note }) =>
      wrap(
        `  ${name.padEnd(LABEL_WIDTH)}${candidate === null ? '' : `${candidate}: ${figureLine(usdPerHour, formatUsd)} an hour, ${formatUsd(usdPerMonth.value)} a month; `}${clean(note)}`,
        LABEL_WIDTH + 2,
      ),
    ),
  ];
}

function kept(within: boolean | null): string {
  if (within === null) return UNKNOWN;
  return within ? 'kept' : 'exceeded';
}

function speed({ performance, placement }: Plan, paint: Paint): string[] {
  if (placement.replicas === 0) return [];
  return [
    paint.bold('Speed of one replica at the peak (estimate)'),
    ...field('first token', figureLine(performance.timeToFirstTokenMs, formatMs)),
    ...field('each token', figureLine(performance.timePerOutputTokenMs, formatMs)),
    ...field('in flight', figureLine(performance.concurrencyPerReplica, formatAmount)),
    ...field('requests/s', `at most ${mostRequests(performance)}`),
  ];
}

function scaling(plan: Plan, paint: Paint): string[] {
  if (plan.placement.replicas === 0) return [];
  const { because, coldStartSeconds } = plan.scaling;
  return [
    paint.bold('Scaling'),
    ...scalingLines(plan).flatMap(([label, value]) => field(label.toLowerCase(), label === 'Driven by' ? `${value}; ${because}` : value)),
    ...wrap(`    ${clean(coldStartSeconds.source)}`, 4),
  ];
}

function memory({ fit }: Plan, paint: Paint): string[] {
  if (fit.terms.length === 0) return [];
  const budget = fit.budgetBytes === null ? UNKNOWN : formatBytes(fit.budgetBytes);
  return [
    paint.bold(`Memory of ${clean(fit.candidate)}, ${clean(fit.device)}: ${fit.verdict}`),
    ...wrap(`  ${clean(fit.because)}`),
    `  the engine may use ${budget} of ${formatBytes(fit.capacityBytes)}`,
    ...fit.terms.map((term) => {
      const range = term.low === term.high ? '' : `  (${formatBytes(term.low)} to ${formatBytes(term.high)})`;
      return `  ${term.pool.padEnd(5)}${formatBytes(term.bytes).padStart(10)}  ${term.name}${range}`;
    }),
  ];
}

function others({ rejected }: Plan, paint: Paint): string[] {
  if (rejected.length === 0) return [];
  const shown = rejected.slice(0, SHOWN_REJECTED);
  const rest = new Map<string, number>();
  for (const { code } of rejected.slice(SHOWN_REJECTED)) rest.set(code, (rest.get(code) ?? 0) + 1);
  const counts = [...rest].map(([code, count]) => `${count} ${code}`).join(', ');
  return [
    paint.bold(`Why not the other ${plural(rejected.length, 'candidate')}`),
    ...shown.flatMap((item) => wrap(`  ${clean(item.candidate)}: ${item.code}${shortBy(item)}. ${clean(item.reason)}`, 4)),
    ...(counts ? wrap(`  and ${rejected.length - shown.length} more: ${counts} (all of them with --json)`, 4) : []),
  ];
}

function shortBy({ shortBy: short }: Rejected): string {
  return short === null || short.value === 0 ? '' : ` by ${formatAmount(Number(short.value.toPrecision(3)))} ${short.unit}`;
}

function field(label: string, text: string): string[] {
  return wrap(`  ${label.padEnd(LABEL_WIDTH)}${clean(text)}`, LABEL_WIDTH + 2);
}

/** Breaks a line between words at WIDTH; further lines are indented. A word that is longer than a line is cut. */
function wrap(text: string, indent = 2): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > WIDTH) {
    const space = rest.lastIndexOf(' ', WIDTH);
    const cut = space > indent ? space : WIDTH;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = ' '.repeat(indent) + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

function clean(text: string): string {
  return printable(text);
}
