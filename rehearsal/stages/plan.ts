import { canonicalJson } from '../../core/canonical-json';
import { exitCodeOfPlan } from '../../planning/plan';
import { planRelease } from '../../planning/plan-release';
import { formatUsd } from '../../reports/format';
import { required, type Stage } from '../stage';

/** Sizes and prices the release. */
export const planStage: Stage = {
  id: 'plan',
  title: 'size and price it',
  async run(walk) {
    const loaded = required(walk.loaded, 'the release');
    const plan = planRelease(loaded.release, required(walk.catalog, 'the catalog'), { file: loaded.file, today: walk.now });
    walk.plan = plan;
    walk.seen.plan = exitCodeOfPlan(plan);
    const where = plan.placement.instanceType ?? (plan.placement.target === 'cluster' ? 'existing cluster' : 'no placement');
    const price = `${formatUsd(plan.cost.usdPerMonth.value)} a month`;
    if (plan.state !== 'ok') return { state: 'refused-as-expected', detail: plan.problems[0]?.message ?? canonicalJson(plan.state) };
    return {
      state: 'passed',
      detail: `${where}, ${plan.placement.replicas} replica(s), ${price}`,
      notProved: ['Speed and price are estimates; nothing was measured on a GPU.'],
    };
  },
};
