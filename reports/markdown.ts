import type { Verdict } from '../compliance/verdict';
import type { Plan } from '../planning/plan';
import { figureLine, formatAmount, formatBytes, formatMs, formatTime, formatUsd, plural } from './format';
import { openPoints, planHeadline, verdictHeadline } from './headline';
import { markdownRow, markdownText } from './markdown-text';
import { mostRequests } from './most-requests';
import { groupFindings, type PointGroup } from './open-point-groups';

/** Kinds of open points that a comment lists; the report has them all. The limits keep it below GitHub's 65,536 characters a comment even when all is escaped. */
const MAX_GROUPS = 12;
const MAX_SUBJECTS = 5;
const MAX_SUBJECT_CHARACTERS = 120;
const MAX_PROBLEMS = 10;
/** First line of the comment, by which a workflow finds and replaces its earlier one. */
export const MARKDOWN_MARKER = '<!-- onevision-kit report -->';

/** Plan and verdict as a pull-request comment in GitHub-flavoured Markdown. No string of the input can add markup, links or mentions. */
export function toMarkdown(plan: Plan, verdict: Verdict): string {
  return `${[MARKDOWN_MARKER, heading(plan, verdict), planTable(plan), problems(plan), points(verdict), foot(verdict)].filter((part) => part !== '').join('\n\n')}\n`;
}

function heading(plan: Plan, verdict: Verdict): string {
  return [
    `## ${markdownText(plan.release.name)}: ${markdownText(verdictHeadline(verdict).headline)}`,
    '',
    `**Verdict:** ${verdict.state}. ${markdownText(verdict.summary)}`,
    '',
    `**Plan:** ${markdownText(planHeadline(plan).headline)}.`,
  ].join('\n');
}

function planTable(plan: Plan): string {
  const { placement, fit, cost, performance } = plan;
  const memory = fit.budgetBytes === null ? fit.verdict : `${fit.verdict}, the engine may use ${formatBytes(fit.budgetBytes)}`;
  const rows: readonly (readonly [string, string])[] = [
    ['Model', `${plan.model.title}, ${plan.model.precision}`],
    ['Engine', `${plan.engine.name} ${plan.engine.version}`],
    ['Placement', placementText(plan)],
    ['Replicas', `${placement.replicas} (${placement.minReplicas} to ${placement.maxReplicas})`],
    ['Memory', memory],
    ['Time to first token', figureLine(performance.timeToFirstTokenMs, formatMs)],
    ['Time per output token', figureLine(performance.timePerOutputTokenMs, formatMs)],
    ['Requests per second, one replica', mostRequests(performance)],
    ['Price per hour', figureLine(cost.usdPerHour, formatUsd)],
    [
      'Price per month',
      `${figureLine(cost.usdPerMonth, formatUsd)}; budget ${formatUsd(cost.budget.monthlyUsd)}, ${within(cost.budget.withinMonthly)}`,
    ],
    ['Price per 1,000 images', figureLine(cost.usdPerThousandImages, formatUsd)],
    ['Price per million tokens', figureLine(cost.usdPerMillionTokens, formatUsd)],
    ['Date of the prices', cost.priceDate ?? 'unknown'],
  ];
  return [
    markdownRow(['', 'Plan']),
    markdownRow(['---', '---']),
    ...rows.map(([name, value]) => markdownRow([name, markdownText(value)])),
  ].join('\n');
}

function placementText(plan: Plan): string {
  const { placement } = plan;
  const machine = placement.instanceType ?? (placement.target === 'cluster' ? 'existing cluster' : 'none found');
  const gpu = placement.gpu ? [`${formatAmount(placement.gpuCount)} × ${placement.gpu}`] : [];
  return [machine, ...gpu, ...(placement.capacity ? [placement.capacity] : []), ...(placement.region ? [placement.region] : [])].join(', ');
}

function within(holds: boolean | null): string {
  if (holds === null) return 'not known whether within';
  return holds ? 'within' : 'over';
}

function problems(plan: Plan): string {
  if (plan.problems.length === 0) return '';
  const shown = plan.problems
    .slice(0, MAX_PROBLEMS)
    .map(
      (problem) =>
        `- **${problem.severity}** ${markdownText(problem.code)}: ${markdownText(problem.message)} ${markdownText(problem.next)}`,
    );
  return ['### From the plan', '', ...shown, ...more(plan.problems.length - shown.length)].join('\n');
}

function points(verdict: Verdict): string {
  const open = openPoints(verdict);
  if (open.length === 0) return '';
  const groups = groupFindings(open);
  const shown = groups.slice(0, MAX_GROUPS).map(groupRow);
  return [
    `### ${plural(open.length, 'open point')}`,
    '',
    markdownRow(['State', 'Subjects', 'What is open', 'What closes it', 'Rule']),
    markdownRow(['---', '---', '---', '---', '---']),
    ...shown,
    ...more(groups.length - shown.length),
  ].join('\n');
}

function groupRow(group: PointGroup): string {
  const subjects = [...new Set(group.findings.map((finding) => finding.subject))];
  const named = subjects.slice(0, MAX_SUBJECTS).map((subject) => markdownText(subject, MAX_SUBJECT_CHARACTERS));
  const left = subjects.length - named.length;
  const message = group.message ?? group.findings[0]?.message ?? '';
  return markdownRow([
    group.state,
    `${named.join('<br>')}${left > 0 ? `<br>and ${left} more` : ''}`,
    markdownText(message),
    markdownText(group.closes),
    markdownText(group.rule),
  ]);
}

function more(left: number): string[] {
  return left > 0 ? ['', `…and ${left} more, see the report.`] : [];
}

function foot(verdict: Verdict): string {
  return `<sub>${verdict.subjectsChecked} of ${verdict.subjectsExpected} subjects checked against ${markdownText(verdict.policy.name)}; holds until ${markdownText(formatTime(verdict.expires))}. Estimates carry their range. Not legal advice.</sub>`;
}
