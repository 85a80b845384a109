// Writes docs/accuracy.md: every public measurement beside its estimate, mean and worst error by kind, and leave-one-out errors.
// Exits with 1 when an error has grown over bench/accuracy-ceilings.json; --accept writes the present errors as ceilings.
// Usage: npm run build && node bench/accuracy.mjs [--accept]
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { loadCatalog } = require('../dist/catalog/load.js');
const { accuracyReport, ceilingsOf, overCeiling } = require('../dist/scripts/accuracy.js');
const { accuracyMarkdown } = require('../dist/scripts/accuracy-markdown.js');

const report = accuracyReport(loadCatalog());
writeFileSync('docs/accuracy.md', accuracyMarkdown(report));
if (process.argv.includes('--accept')) writeFileSync('bench/accuracy-ceilings.json', `${JSON.stringify(ceilingsOf(report), null, 2)}\n`);
for (const { kind, role, count, mean, worst } of report.summary) {
  console.log(
    `${kind.padEnd(24)}${role.padEnd(7)}${String(count).padStart(3)} points  mean ${(100 * mean).toFixed(1).padStart(5)} %  worst ${(100 * worst).toFixed(1).padStart(5)} %`,
  );
}
const worse = overCeiling(report, JSON.parse(readFileSync('bench/accuracy-ceilings.json', 'utf8')));
for (const line of worse) console.error(line);
console.log('Wrote docs/accuracy.md.');
process.exitCode = worse.length > 0 ? 1 : 0;
