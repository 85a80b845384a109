import { findEngine, findGpu, findModel, findRegion, findService, instancesOf } from '../../catalog/find';
import { loadCatalog } from '../../catalog/load';
import type { Catalog } from '../../catalog/schema';
import { ExitCode, KitError } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import { CATALOG_LISTS, KINDS, type Kind } from '../catalog-lists';
import type { CommandContext, CommandResult, CommonOptions } from '../command';
import { outline } from '../outline';

const VERBS = ['list', 'show'] as const;

/** `ovkit catalog list [KIND]` and `ovkit catalog show KIND NAME`: the facts that plans and verdicts rest on. */
export async function run(
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
  _context: CommandContext,
): Promise<CommandResult> {
  const verb = oneOf(VERBS, args[0], 'verb');
  const catalog = loadCatalog();
  return verb === 'list' ? list(catalog, args[1], options) : show(catalog, oneOf(KINDS, args[1], 'kind'), args[2], options);
}

function list(catalog: Catalog, kind: string | undefined, options: Record<string, unknown>): CommandResult {
  const filter = {
    region: typeof options.region === 'string' ? findRegion(catalog, options.region) : undefined,
    family: typeof options.family === 'string' ? options.family : undefined,
  };
  if (filter.family !== undefined) instancesOf(catalog, [filter.family]);
  const kinds = kind === undefined ? KINDS : [oneOf(KINDS, kind, 'kind')];
  const lists = kinds.map((each) => ({ kind: each, ...CATALOG_LISTS[each](catalog, filter) }));
  const only = lists[0];
  return {
    exitCode: ExitCode.pass,
    json: lists.length === 1 ? only?.json : Object.fromEntries(lists.map((each) => [each.kind, each.json])),
    text: lists.map((each) => (lists.length > 1 ? `${each.kind}\n${each.text}` : each.text)).join('\n\n'),
  };
}

function show(catalog: Catalog, kind: Kind, name: string | undefined, options: Record<string, unknown>): CommandResult {
  if (name === undefined) {
    throw new KitError({
      code: 'E_CATALOG_KIND',
      message: `"catalog show ${kind}" needs a name.`,
      next: `list the names with \`npx ovkit catalog list ${kind}\`.`,
    });
  }
  const region = typeof options.region === 'string' ? findRegion(catalog, options.region) : undefined;
  const value = FINDERS[kind](catalog, name, region);
  return { exitCode: ExitCode.pass, json: value, text: outline(value) };
}

const FINDERS: Readonly<Record<Kind, (catalog: Catalog, name: string, region?: string) => unknown>> = {
  models: (catalog, name) => {
    const { model, renamedFrom } = findModel(catalog, name);
    return renamedFrom === undefined ? model : { renamedFrom, ...model };
  },
  engines: findEngine,
  gpus: findGpu,
  instances: (catalog, name, region) => {
    const found = instancesOf(catalog, [name]).map((instance) =>
      region === undefined ? instance : { ...instance, price: { [region]: instance.price[region] } },
    );
    return found.length === 1 ? found[0] : found;
  },
  prices: findService,
};

function oneOf<T extends string>(allowed: readonly T[], given: string | undefined, what: string): T {
  const found = allowed.find((word) => word === given);
  if (found !== undefined) return found;
  throw new KitError({
    code: 'E_CATALOG_KIND',
    message: given === undefined ? `"ovkit catalog" needs a ${what}.` : `there is no ${what} "${given}".${didYouMean(given, allowed)}`,
    allowed: `${allowed.join(', ')}.`,
    next: 'see `npx ovkit catalog --help`.',
  });
}
