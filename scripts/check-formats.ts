import { findModel } from '../catalog/find';
import { loadCatalog } from '../catalog/load';
import { noticeTexts } from '../compliance/notice-texts';
import type { Verdict } from '../compliance/verdict';
import { kitVersion } from '../core/project-root';
import type { LoadedRelease } from '../release/load';

/** Formats of a verdict besides the terminal's table. */
export const FORMATS = ['table', 'json', 'sarif', 'junit', 'markdown', 'cyclonedx', 'spdx', 'notice'] as const;
export type Format = (typeof FORMATS)[number];

/** A verdict in one of the formats, as text that ends in a line break. Each format is loaded only when it is asked for. */
export async function formatVerdict(format: Exclude<Format, 'table'>, verdict: Verdict, loaded: LoadedRelease, at: Date): Promise<string> {
  switch (format) {
    case 'json':
      return json(verdict);
    case 'sarif': {
      const [{ toSarif }, { allCodes }] = await Promise.all([import('../reports/sarif.js'), import('./all-codes.js')]);
      return json(toSarif(verdict, undefined, { codes: allCodes(), kitVersion: kitVersion() }));
    }
    case 'junit':
      return (await import('../reports/junit.js')).toJunit(verdict, at);
    case 'markdown': {
      const [{ toMarkdown }, { planRelease }] = await Promise.all([
        import('../reports/markdown.js'),
        import('../planning/plan-release.js'),
      ]);
      return toMarkdown(planRelease(loaded.release, loadCatalog(), { file: loaded.file, today: at }), verdict);
    }
    case 'cyclonedx':
      return json((await import('../reports/cyclonedx.js')).toCycloneDx(verdict, modelFacts(loaded), at));
    case 'spdx':
      return json((await import('../reports/spdx3.js')).toSpdx3(verdict, modelFacts(loaded), at));
    case 'notice':
      return (await import('../reports/notice.js')).toNotice(verdict, noticeTexts(verdict));
  }
}

function modelFacts(loaded: LoadedRelease) {
  const { model } = findModel(loadCatalog(), loaded.release.model.id);
  const { id, title, family, architecture } = model;
  return { id, title, family, architecture, readsImages: model.kind === 'vision-language' };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
