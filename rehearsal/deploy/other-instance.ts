import { parseDocument } from 'yaml';
import type { Plan } from '../../planning/plan';

/**
 * The text of a release that asks for another instance type: the cheapest of the plan's candidates within the budget that is not
 * the chosen one, of the same capacity if there is one.
 * undefined when there is none.
 */
export function withOtherInstance(text: string, plan: Plan): { readonly text: string; readonly instanceType: string } | undefined {
  const chosen = plan.placement.instanceType;
  const usd = (candidate: Plan['candidates'][number]) => candidate.usdPerMonth.value ?? Number.POSITIVE_INFINITY;
  const others = plan.candidates
    .filter((candidate) => candidate.instanceType !== null && candidate.instanceType !== chosen)
    // dearer than the budget, the changed release would be refused
    .filter((candidate) => usd(candidate) <= plan.cost.budget.monthlyUsd)
    .sort((a, b) => Number(b.capacity === plan.placement.capacity) - Number(a.capacity === plan.placement.capacity) || usd(a) - usd(b));
  const instanceType = others[0]?.instanceType;
  if (!instanceType) return undefined;
  const document = parseDocument(text);
  document.setIn(['placement', 'instanceFamilies'], [instanceType]);
  return { text: String(document), instanceType };
}
