import type { Verdict } from '../compliance/verdict';
import type { Figure } from '../core/figure';
import type { Plan } from '../planning/plan';
import { plural } from './format';
import type { RehearsalSummary } from './rehearsal-summary';

/** What the page does not prove, one sentence each, derived from the data: estimates, declared licences, unknown figures, the rehearsal's own list. */
export function notProved(plan: Plan, verdict: Verdict, rehearsal: RehearsalSummary | null): readonly string[] {
  return [...speedGaps(plan), ...priceGaps(plan), ...licenceGaps(verdict), ...rehearsalGaps(rehearsal)];
}

function speedGaps(plan: Plan): string[] {
  const { boundBy: _, ...performance } = plan.performance;
  const figures: readonly Figure[] = Object.values(performance);
  const gaps: string[] = [];
  if (figures.some((figure) => figure.basis === 'calibrated' || figure.basis === 'extrapolated')) {
    gaps.push('Speed is estimated by formula, not measured on this machine; the ranges are part of the answer.');
  }
  if (figures.some((figure) => figure.basis === 'extrapolated')) {
    gaps.push('Part of the speed estimate lies outside the region in which the formula was compared with measurements.');
  }
  if (figures.some((figure) => figure.value === null)) gaps.push('Part of the speed is unknown, and with it all that follows from it.');
  if (plan.fit.verdict === 'unknown') gaps.push('Whether the model fits is not known.');
  return gaps;
}

function priceGaps(plan: Plan): string[] {
  const unpriced = plan.cost.lines.filter((line) => line.usdPerMonth.value === null);
  const gaps =
    unpriced.length > 0 ? [`The price of ${unpriced.map((line) => line.title).join(', ')} is unknown, so the monthly sum is too.`] : [];
  return [...gaps, 'Prices are list prices of the stated date; the bill is made by usage, tax and discounts.'];
}

function licenceGaps(verdict: Verdict): string[] {
  const count = (strength: string) => verdict.subjects.filter((subject) => subject.strength === strength).length;
  const declared = count('declared');
  const documented = count('documented');
  const gaps: string[] = [];
  if (declared > 0)
    gaps.push(`${plural(declared, 'licence is', 'licences are')} declared by the publisher and not compared with a licence text.`);
  if (documented > 0) gaps.push(`${plural(documented, 'licence is', 'licences are')} known only from a third source.`);
  if (verdict.subjectsChecked < verdict.subjectsExpected) {
    gaps.push(
      `${plural(verdict.subjectsExpected - verdict.subjectsChecked, 'expected subject was', 'expected subjects were')} not checked.`,
    );
  }
  return gaps;
}

function rehearsalGaps(rehearsal: RehearsalSummary | null): string[] {
  if (rehearsal === null) return ['No rehearsal belongs to this report: nothing was synthesised, applied or served for it.'];
  return [...new Set([...rehearsal.notProved, ...rehearsal.stages.flatMap((stage) => stage.notProved ?? [])])];
}
