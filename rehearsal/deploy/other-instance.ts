import { parseDocument } from 'yaml';
import type { Plan } from '../../planning/plan';

/**
 * The text of a release that asks for another instance type: the cheapest of the plan's candidates that is not the chosen one.
 * undefined when there is none.
 */
export function withOtherInstance(text: string, plan: Plan): { readonly text: string; readonly instanceType: string } | undefined {
  const chosen = plan.placement.instanceType;
  const others = plan.candidates
    .filter(({ instanceType, capacity }) => instanceType !== null && instanceType !== chosen && capacity === plan.placement.capacity)
    .sort((a, b) => (a.usdPerMonth.value ?? Number.POSITIVE_INFINITY) - (b.usdPerMonth.value ?? Number.POSITIVE_INFINITY));
  const instanceType = others[0]?.instanceType;
  if (!instanceType) return undefined;
  const document = parseDocument(text);
  document.setIn(['placement', 'instanceFamilies'], [instanceType]);
  return { text: String(document), instanceType };
}
