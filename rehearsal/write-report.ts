import { join } from 'node:path';
import type { CodeTable } from '../core/codes';
import { kitVersion } from '../core/project-root';
import { writeFileAtomically } from '../core/text-file';
import { renderHtmlReport } from '../reports/html/render-html-report';
import type { RehearsalSummary } from '../reports/rehearsal-summary';
import type { Walk } from './stage';

/** Writes what a column came to: plan.json, verdict.json, report.html; only what its stages reached. */
export function writeReport(walk: Walk, rehearsal: RehearsalSummary, codes: CodeTable): void {
  const { loaded, plan, verdict, outDir } = walk;
  if (plan) writeFileAtomically(join(outDir, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
  if (verdict) writeFileAtomically(join(outDir, 'verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  if (!loaded || !plan || !verdict) return;
  const own = { ...rehearsal, release: loaded.file, environment: loaded.release.metadata.environment };
  const html = renderHtmlReport({ release: loaded.release, plan, verdict, rehearsal: own, kitVersion: kitVersion(), codes });
  writeFileAtomically(join(outDir, 'report.html'), html);
}
