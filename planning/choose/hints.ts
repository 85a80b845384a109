import type { PlanProblem } from '../plan';
import { type Evaluation, evaluateEach, type Placed } from './evaluate';
import { nodeOfInstance } from './node';
import type { Question } from './question';
import { rank } from './rank';

/** The cheapest placement over all types of the catalogue, for when the allowed ones hold none. */
export function otherFamily(question: Question): Placed | undefined {
  const { catalog, region } = question;
  if (region === null) return undefined;
  const nodes = catalog.instances.map((instance) => nodeOfInstance(instance, catalog));
  const best = rank(evaluateEach(question, nodes)).chosen;
  return best?.usdPerMonth.value === null ? undefined : best;
}

/**
 * Where an allowed type that is not offered in this region would do, and for less than what was chosen here.
 * A region is also a choice of GPUs: eu-west-1 has no G6 at all.
 */
export function regionHint(question: Question, evaluations: readonly Evaluation[], chosen: Placed | undefined): PlanProblem | undefined {
  const missing = evaluations.filter((evaluation) => evaluation.kind === 'refused' && evaluation.rejected.code === 'E_NOT_OFFERED');
  if (missing.length === 0) return undefined;
  const nodes = [...new Map(missing.map(({ node }) => [node.name, node])).values()];
  const elsewhere = question.catalog.prices.regions
    .filter((region) => region !== question.region)
    .flatMap((region) => {
      const best = rank(evaluateEach({ ...question, region }, nodes)).chosen;
      return best && best.usdPerMonth.value !== null ? [{ region, best, usd: best.usdPerMonth.value }] : [];
    })
    .sort((a, b) => a.usd - b.usd || (a.region < b.region ? -1 : 1))[0];
  if (!elsewhere || (chosen?.usdPerMonth.value ?? Infinity) <= elsewhere.usd) return undefined;
  const families = [...new Set(missing.map((evaluation) => evaluation.node.instance?.family ?? evaluation.node.name))].join(', ');
  const here = chosen ? `; here ${chosen.name} costs ${hourAndMonth(chosen)}` : '';
  return {
    code: 'W_REGION_ALTERNATIVE',
    severity: 'warning',
    message: `${families} is not offered in ${question.region}. In ${elsewhere.region} ${elsewhere.best.name} would do at ${hourAndMonth(elsewhere.best)}${here}.`,
    next: `set placement.region to ${elsewhere.region}, if the data may go there.`,
  };
}

function hourAndMonth({ usdPerHour, usdPerMonth }: Placed): string {
  if (usdPerHour.value === null || usdPerMonth.value === null) return 'nobody knows what';
  return `$${usdPerHour.value.toFixed(4)} an hour ($${usdPerMonth.value.toFixed(2)} a month)`;
}
