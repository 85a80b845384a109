import { readProducts } from '../../aws/price-list';
import { refreshPrices } from '../../catalog/price-import/refresh';
import { cacheFolder } from '../../core/cache-folder';
import { ExitCode, KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { priceChangesText } from '../../reports/price-changes-text';
import type { CommandModule } from '../command';

/** `ovkit prices refresh --from URL|FILE|api`: takes an AWS price list into the snapshot of the catalogue, and prints what changed. */
export const run: CommandModule['run'] = async (options, [verb], context) => {
  if (verb !== 'refresh' || typeof options.from !== 'string') {
    throw new KitError({
      code: 'E_PRICE_LIST',
      message: verb === 'refresh' ? '"prices refresh" needs --from.' : `"ovkit prices" does not know ${JSON.stringify(verb ?? '')}.`,
      allowed: 'prices refresh --from URL|FILE|api.',
      next: 'see `npx ovkit prices --help`.',
    });
  }
  const refreshed = await refreshPrices({
    from: options.from === 'api' ? (region) => readProducts({ signal: context.signal }, region) : options.from,
    folder: typeof options.catalog === 'string' ? options.catalog : fromRoot('catalog'),
    region: typeof options.region === 'string' ? options.region : undefined,
    dryRun: options.dryRun === true,
    force: options.force === true,
    fetch: globalThis.fetch,
    cacheFolder: cacheFolder('price-lists', process.env),
    signal: context.signal,
  });
  const { list, provenance, regions, changes, compared, written } = refreshed;
  const json = { kind: 'price-refresh', schemaVersion: 1, ...list, provenance, regions, compared, changes, written };
  return { exitCode: ExitCode.pass, json, text: priceChangesText(json) };
};
