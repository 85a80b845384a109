// Runs the test tiers one after the other and closes with one line for all of them: "N passed, N failed, N skipped".
// A test whose name begins with "NOT RUN:" stands for a suite that this machine cannot run; it counts as skipped and is named at the end.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** In the order in which they run. A tier is a project of vitest, or a script of its own that writes a summary. */
const TIERS = {
  unit: { what: 'pure functions and single rooms, about 3 minutes' },
  integration: { what: 'the command line, cdktf, Terraform or OpenTofu, Helm and a browser where they are there, about 5 minutes' },
  engine: { what: 'a real llama-server, built from pinned source once (5 minutes) and kept in the cache' },
  cluster: {
    what: 'the chart on a real Kubernetes API server with a real engine; the control plane is built from Go modules once (10 minutes)',
  },
  runtime: {
    what: 'the vLLM plugin: without torch in seconds, with the real engine on the CPU (set up once, 6 GB)',
    script: 'tests/runtime/run.mjs',
  },
  extended: {
    what: 'moto, checkov, CDK Terrain, OpenTofu and the like, installed or built once and kept in the cache (minutes)',
    onRequest: true,
  },
};
const NOT_RUN = 'NOT RUN:';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((tier) => !(tier in TIERS));
if (unknown.length > 0) {
  console.error(`unknown tier ${unknown.join(', ')}. Allowed: ${Object.keys(TIERS).join(', ')}.`);
  process.exit(3);
}

const build = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' });
if (build.status !== 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'ovkit-tests-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
const notRun = [];
/** Each failed test with the first lines of its message: said again at the end, since the log of a CI run is often cut at the front. */
const failures = [];
const usual = Object.keys(TIERS).filter((tier) => !TIERS[tier].onRequest);
for (const tier of wanted.length > 0 ? wanted : usual) runTier(tier);
rmSync(folder, { recursive: true, force: true });

for (const line of notRun) console.log(line);
for (const line of failures) console.log(`FAILED: ${line}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

function runTier(tier) {
  const started = Date.now();
  const { what, script } = TIERS[tier];
  console.log(`\n== ${tier}: ${what}`);
  const reportFile = join(folder, `${tier}.json`);
  const args = script
    ? [script, '--summary', reportFile]
    : [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--project',
        tier,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportFile}`,
      ];
  const run = spawnSync(process.execPath, args, { stdio: 'inherit' });
  const failedBefore = totals.failed;
  const report = readReport(reportFile);
  if (!report) console.error(`the tier ${tier} ended without a report (exit ${run.status})`);
  else if (script) addSummary(report);
  else addTests(report);
  if ((run.status !== 0 || !report) && totals.failed === failedBefore) {
    totals.failed += 1;
    failures.push(`${tier} ended with ${run.status ?? run.signal}, and names no failed test`);
  }
  console.log(`== ${tier}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function addSummary(summary) {
  for (const key of Object.keys(totals)) totals[key] += summary[key];
  failures.push(...(summary.failures ?? []));
  notRun.push(...summary.notRun);
}

function addTests(report) {
  for (const file of report.testResults) {
    const name = relative(process.cwd(), file.name);
    for (const test of file.assertionResults) count(test, name);
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      totals.failed += 1;
      failures.push(`${name}: ${firstLines(file.message)}`);
    }
  }
}

function firstLines(message = '') {
  const lines = stripVTControlCharacters(message).split('\n');
  return lines.slice(0, 12).join('\n  ');
}

function count(test, file) {
  if (test.title.startsWith(NOT_RUN)) {
    totals.skipped += 1;
    notRun.push(test.title);
  } else if (test.status === 'passed') totals.passed += 1;
  else if (test.status === 'failed') {
    totals.failed += 1;
    failures.push(`${file}: ${test.fullName}: ${firstLines(test.failureMessages[0])}`);
  } else {
    // a test may find out only while it runs that something is missing; it is named like the others
    totals.skipped += 1;
    notRun.push(`${NOT_RUN} skipped while running (${test.fullName})`);
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
