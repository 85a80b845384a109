import { join, resolve } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { withPriceOverrides } from '../../catalog/price-overrides';
import { checkRelease } from '../../compliance/check-release';
import { ExitCode } from '../../core/error';
import { kitVersion } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { renderHtmlReport } from '../../reports/html/render-html-report';
import { toMarkdown } from '../../reports/markdown';
import { toSarif } from '../../reports/sarif';
import { allCodes } from '../all-codes';
import type { CommandModule } from '../command';

/**
 * `ovkit report`: plans and judges the release and writes report.html, plan.json and verdict.json, on request SARIF and Markdown.
 * Exit code 0 as soon as the files are written, whatever they say: it reports, `plan` and `check` gate.
 */
export const run: CommandModule['run'] = async (options, _args, context) => {
  const loaded = loadRelease(options.release, { environment: options.environment });
  const now = context.now();
  const catalog = withPriceOverrides(loadCatalog(), loaded.release, now);
  const plan = planRelease(loaded.release, catalog, { file: loaded.file, today: now });
  const verdict = checkRelease(loaded, catalog, now);
  const html = renderHtmlReport({ release: loaded.release, plan, verdict, rehearsal: null, kitVersion: kitVersion(), codes: allCodes() });
  const files: [name: string, path: string, content: string][] = [
    ['report', join(options.out, 'report.html'), html],
    ['plan', join(options.out, 'plan.json'), json(plan)],
    ['verdict', join(options.out, 'verdict.json'), json(verdict)],
  ];
  if (typeof options.sarif === 'string') {
    files.push(['sarif', options.sarif, json(toSarif(verdict, plan, { codes: allCodes(), kitVersion: kitVersion() }))]);
  }
  if (typeof options.markdown === 'string') files.push(['markdown', options.markdown, toMarkdown(plan, verdict)]);
  context.signal.throwIfAborted();
  for (const [, path, content] of files) writeFileAtomically(resolve(path), content);
  return {
    exitCode: ExitCode.pass,
    json: {
      kind: 'report',
      schemaVersion: 1,
      planState: plan.state,
      verdictState: verdict.state,
      files: Object.fromEntries(files.map(([name, path]) => [name, path])),
    },
    text: [`plan ${plan.state}, verdict ${verdict.state}: ${verdict.summary}`, ...files.map(([, path]) => `wrote ${path}`)].join('\n'),
  };
};

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
