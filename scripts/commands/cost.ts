import { resolve } from 'node:path';
import { readIdentity } from '../../aws/account';
import { costActual } from '../../aws/cost-actual';
import { readCost, readTagStates } from '../../aws/cost-explorer';
import { loadCatalog } from '../../catalog/load';
import { withPriceOverrides } from '../../catalog/price-overrides';
import { ExitCode, KitError } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import { writeFileAtomically } from '../../core/text-file';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { costActualText } from '../../reports/cost-actual-text';
import { focusActualCsv } from '../../reports/focus-actual';
import { COST_TAG_KEYS, costTags } from '../../stacks/tags';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

interface CostOptions extends CommonOptions {
  readonly month?: string;
  readonly by?: string;
  readonly focus?: string;
}

/** Tags by which the release is found; the others may change while it lives. */
const IDENTIFYING = ['Project', 'Release', 'Environment'] as const;
const EXIT_CODES = { within: ExitCode.pass, over: ExitCode.violations, unknown: ExitCode.unknown } as const;

/** `ovkit cost actual`: what the release has cost, by its tags, beside the forecast. Reads only; AWS charges 0.01 USD a request to Cost Explorer. */
export async function run(options: CostOptions, [verb]: readonly string[], context: CommandContext): Promise<CommandResult> {
  if (verb !== 'actual') throw wrongOption(`"ovkit cost" does not know ${JSON.stringify(verb ?? '')}.`, 'cost actual.');
  const now = context.now();
  const month = monthOf(options.month, now);
  const tag = tagOf(options.by);
  const { release, file } = loadRelease(options.release, { environment: options.environment });
  const plan = planRelease(release, withPriceOverrides(loadCatalog(), release, now), { file, today: now });
  const tags = costTags(release);
  const identity = await readIdentity({ region: release.placement.region ?? 'us-east-1', signal: context.signal });
  const question = { ...periodOf(month, now), tags: Object.fromEntries(IDENTIFYING.map((key) => [key, tags[key]])) };
  const place = { signal: context.signal };
  // on the first day of a month there is no whole day to ask for
  const asked = question.start < question.end;
  const cost = costActual({
    release: { name: release.metadata.name, environment: release.metadata.environment },
    month,
    now,
    forecast: plan.cost.lines,
    budgetUsd: release.budget.monthlyUsd,
    tagStates: await readTagStates(place, COST_TAG_KEYS),
    days: asked ? await readCost(place, question) : [],
    byTag: tag === undefined ? null : { tag, days: asked ? await readCost(place, { ...question, byTag: tag }) : [] },
  });
  if (options.focus !== undefined) {
    writeFileAtomically(
      resolve(options.focus),
      focusActualCsv(cost, { account: identity.account, region: release.placement.region ?? null, tags }),
    );
  }
  return { exitCode: EXIT_CODES[cost.state], json: cost, text: costActualText(cost, { colours: context.colours }) };
}

/** Whole days of the month that are over. */
function periodOf(month: string, now: Date): { readonly start: string; readonly end: string } {
  const start = new Date(`${month}-01T00:00:00Z`);
  const after = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
  const today = now.toISOString().slice(0, 10);
  return { start: `${month}-01`, end: after < today ? after : today };
}

function monthOf(text: string | undefined, now: Date): string {
  const current = now.toISOString().slice(0, 7);
  if (text === undefined) return current;
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text) && text <= current) return text;
  throw wrongOption(`--month is "${text}".`, `a year and a month up to ${current}.`);
}

function tagOf(text: string | undefined): string | undefined {
  if (text === undefined || COST_TAG_KEYS.some((key) => key === text)) return text;
  throw wrongOption(`--by is "${text}".${didYouMean(text, COST_TAG_KEYS)}`, `${COST_TAG_KEYS.join(', ')}.`);
}

function wrongOption(message: string, allowed: string): KitError {
  return new KitError({ code: 'E_COST_OPTION', message, allowed, next: 'see `npx ovkit cost --help`.' });
}
