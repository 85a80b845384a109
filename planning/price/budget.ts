import type { Figure } from '../../core/figure';
import type { Release } from '../../release/schema';
import type { Plan, PlanProblem } from '../plan';

export interface BudgetVerdict {
  readonly budget: Plan['cost']['budget'];
  readonly problems: readonly PlanProblem[];
}

/** Compares the central price with the budget of the release; a price that is not known is neither within nor over. */
export function checkBudget(budget: Release['budget'], usdPerMonth: Figure, usdPerThousandImages: Figure): BudgetVerdict {
  const monthly = within(usdPerMonth, budget.monthlyUsd);
  const images = budget.usdPerThousandImages === undefined ? null : within(usdPerThousandImages, budget.usdPerThousandImages);
  const problems: PlanProblem[] = [];
  if (monthly === false) {
    problems.push(
      over('E_BUDGET_MONTHLY', `the release costs $${usdPerMonth.value?.toFixed(2)} a month`, 'budget.monthlyUsd', budget.monthlyUsd),
    );
  }
  if (images === false) {
    const cost = `1,000 images cost $${usdPerThousandImages.value?.toFixed(2)}`;
    problems.push(over('E_BUDGET_IMAGES', cost, 'budget.usdPerThousandImages', budget.usdPerThousandImages as number));
  }
  return {
    problems,
    budget: {
      monthlyUsd: budget.monthlyUsd,
      usdPerThousandImages: budget.usdPerThousandImages ?? null,
      withinMonthly: monthly,
      withinThousandImages: images,
    },
  };
}

function within(cost: Figure, limit: number): boolean | null {
  return cost.value === null ? null : cost.value <= limit;
}

function over(code: string, cost: string, key: string, limit: number): PlanProblem {
  return {
    code,
    severity: 'error',
    message: `${cost}; ${key} is $${limit}.`,
    next: `raise ${key}, lower load.hoursPerMonth or the peak, or allow cheaper instance families.`,
  };
}
