import { resolve } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { withPriceOverrides } from '../../catalog/price-overrides';
import { checkRelease } from '../../compliance/check-release';
import { ExitCode, KitError } from '../../core/error';
import { kitVersion } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { type CompareInput, compareReleases } from '../../planning/compare';
import { type LoadedRelease, loadRelease } from '../../release/load';
import { compareText } from '../../reports/compare-text';
import { renderCompareReport } from '../../reports/html/render-compare-report';
import type { CommandModule } from '../command';

/** Fewer are no comparison, more no table. */
const COUNT = { least: 2, most: 4 };

/** `ovkit compare A B [C…]`: releases side by side before any endpoint exists. It informs, so the exit code is 0 whatever the plans say. */
export const run: CommandModule['run'] = async (options, files, context) => {
  if (files.length < COUNT.least || files.length > COUNT.most) {
    throw new KitError({
      code: 'E_COMPARE_COUNT',
      message: `"ovkit compare" was given ${files.length} release file(s).`,
      allowed: `${COUNT.least} to ${COUNT.most} release files.`,
      next: 'npx ovkit compare release.yaml examples/llava-onevision-1.5-8b.yaml',
    });
  }
  const now = context.now();
  const inputs = files.map((file): CompareInput => {
    const loaded = loadRelease(file, { environment: options.environment });
    const catalog = withPriceOverrides(loadCatalog(), loaded.release, now);
    return { release: loaded.release, file: loaded.file, catalog, licence: licenceOf(loaded, now) };
  });
  const comparison = compareReleases(inputs, now);
  const html = typeof options.html === 'string' ? options.html : undefined;
  if (html !== undefined) writeFileAtomically(resolve(html), renderCompareReport({ comparison, kitVersion: kitVersion() }));
  const text = compareText(comparison, { colours: context.colours });
  return { exitCode: ExitCode.pass, json: comparison, text: html === undefined ? text : `${text}\n\nwrote ${html}` };
};

/** A release without a usable lock can still be compared; its licences are then not known. */
function licenceOf(loaded: LoadedRelease, now: Date): CompareInput['licence'] {
  try {
    const { state, summary } = checkRelease(loaded, loadCatalog(), now);
    return { state, summary };
  } catch (error) {
    if (!(error instanceof KitError)) throw error;
    return { state: 'unavailable', summary: error.message };
  }
}
