import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { planRelease } from '../../planning/plan-release';
import { decideGate } from '../../stacks/gate/decision';
import { costTags } from '../../stacks/tags';
import { aRelease, aVerdict, synthesise } from './fixtures';

const planOf = (release: ReturnType<typeof aRelease>) =>
  planRelease(release, loadCatalog(), { file: 'release.yaml', today: new Date('2026-11-23') });

describe('the budget of a release', () => {
  it.each([
    ['a month', { monthlyUsd: 50 }, 'E_BUDGET_MONTHLY'],
    ['1,000 images', { monthlyUsd: 5000, usdPerThousandImages: 0.01 }, 'E_BUDGET_IMAGES'],
  ])('refuses the plan and the synth alike when it is exceeded per %s', (_what, budget, code) => {
    const release = aRelease((raw) => Object.assign(raw, { budget }));
    const plan = planOf(release);
    expect(plan.state).toBe('refused');
    expect(plan.problems.map((problem) => problem.code)).toContain(code);
    const decision = decideGate(release, plan, aVerdict(release));
    expect(decision.allowed).toBe(false);
    expect(decision.planMessage).toContain(code);
    expect(decideGate(aRelease(), planOf(aRelease()), aVerdict(aRelease())).allowed).toBe(true);
  });

  it('is the figure of the AWS budget and of the anomaly threshold, over the tag that the resources carry', () => {
    const release = aRelease((raw) => Object.assign(raw, { budget: { monthlyUsd: 432.1 } }));
    const plan = planOf(release);
    const { resource } = synthesise({ release, plan }).stacks.platform;
    const tag = costTags(release).Release;
    expect(Number(resource.aws_budgets_budget.budget.limit_amount)).toBe(plan.cost.budget.monthlyUsd);
    expect(resource.aws_budgets_budget.budget.cost_filter[0].values).toEqual([`user:Release$${tag}`]);
    const [value] = resource.aws_ce_anomaly_subscription.anomaly_subscription.threshold_expression.dimension.values;
    expect(Number(value)).toBeCloseTo(plan.cost.budget.monthlyUsd / 10, 2);
    expect(JSON.parse(resource.aws_ce_anomaly_monitor.anomaly_monitor.monitor_specification)).toEqual({
      // the provider compares with what it reads back, which has every key
      ...{ And: null, CostCategories: null, Dimensions: null, Not: null, Or: null },
      Tags: { Key: 'Release', MatchOptions: null, Values: [tag] },
    });
  });
});
