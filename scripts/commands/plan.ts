import { resolve } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { withPriceOverrides } from '../../catalog/price-overrides';
import { KitError } from '../../core/error';
import { writeFileAtomically } from '../../core/text-file';
import { readCalibration } from '../../planning/calibration/read';
import { exitCodeOfPlan } from '../../planning/plan';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { focusCsv, monthAfter } from '../../reports/focus';
import { planText } from '../../reports/plan-text';
import { costTags } from '../../stacks/tags';
import type { CommandModule } from '../command';

/** `ovkit plan`: what fits, how fast, at what price, and why not the others. The exit code is the plan's; a file is written only on request. */
export const run: CommandModule['run'] = async (options, _args, context) => {
  const loaded = loadRelease(options.release, { environment: options.environment });
  const now = context.now();
  const month = monthOf(options.month, now);
  const plan = planRelease(loaded.release, withPriceOverrides(loadCatalog(), loaded.release, now), {
    file: loaded.file,
    today: now,
    ...(typeof options.calibration === 'string' ? { calibration: readCalibration(options.calibration) } : {}),
  });
  if (typeof options.focus === 'string') {
    writeFileAtomically(resolve(options.focus), focusCsv(plan, { month, tags: costTags(loaded.release) }));
  }
  return { exitCode: exitCodeOfPlan(plan), json: plan, text: planText(plan, { colours: context.colours }) };
};

function monthOf(given: unknown, now: Date): string {
  if (given === undefined) return monthAfter(now);
  if (typeof given === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(given)) return given;
  throw new KitError({
    code: 'E_PLAN_OPTION',
    message: `--month is ${JSON.stringify(given)}.`,
    allowed: 'a year and a month, e.g. 2026-12.',
    next: 'see `npx ovkit plan --help`.',
  });
}
