import { loadCatalog } from '../../catalog/load';
import { withPriceOverrides } from '../../catalog/price-overrides';
import { exitCodeOfPlan } from '../../planning/plan';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { planText } from '../../reports/plan-text';
import type { CommandModule } from '../command';

/** `ovkit plan`: what fits, how fast, at what price, and why not the others. Writes nothing; the exit code is the plan's. */
export const run: CommandModule['run'] = async (options, _args, context) => {
  const loaded = loadRelease(options.release, { environment: options.environment });
  const plan = planRelease(loaded.release, withPriceOverrides(loadCatalog(), loaded.release, context.now()), {
    file: loaded.file,
    today: context.now(),
  });
  return { exitCode: exitCodeOfPlan(plan), json: plan, text: planText(plan, { colours: context.colours }) };
};
