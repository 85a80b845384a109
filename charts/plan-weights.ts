import type { Plan } from '../planning/plan';

/**
 * Bytes of all weights of the plan, read high, over all GPUs that share them; 0 when the plan has no such term (a refused plan).
 * @param plan  its terms are bytes on one GPU, or in the host's memory
 */
export function weightsBytes(plan: Plan): number {
  const terms = plan.fit.terms.filter((term) => /weight/i.test(term.name));
  return terms.length === 0 ? 0 : Math.max(...terms.map((term) => term.high)) * plan.fit.tensorParallel;
}
