// Runs both tiers of the vLLM plugin's tests and sets up what they need: `node tests/runtime/run.mjs [unit] [engine] [--summary FILE] [-- pytest arguments]`.
// OVK_GOLDEN_DIR names another golden folder to prove the plugin on. Exit code 0: all passed, or this machine has no Python; 1: something failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { ensureEnvironment, ensureUv, findPython, installPlugin, PROJECT } from './environment.mjs';

const TIERS = {
  unit: { lock: 'unit-tests', what: 'the tools of tier 1', title: 'without torch, seconds' },
  engine: {
    lock: 'engine-tests',
    what: 'vLLM for the CPU (about 6 GB, 1 to 3 minutes)',
    title: 'the real engine on the CPU, about 5 minutes',
  },
};

const golden = goldenFolder();
const { tiers, summaryFile, pytestArgs } = readArguments(process.argv.slice(2));
const summary = { passed: 0, failed: 0, skipped: 0, notRun: [], failures: [] };
const folder = mkdtempSync(join(tmpdir(), 'ovkit-runtime-'));
try {
  await runAll();
} catch (error) {
  console.error(`== runtime: the environment could not be made: ${error.message}`);
  summary.failed += 1;
  summary.failures.push(`runtime: the environment could not be made: ${error.message}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const line of summary.notRun) console.log(line);
console.log(`runtime: ${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
if (summaryFile) writeFileSync(summaryFile, `${JSON.stringify(summary)}\n`);
process.exitCode = summary.failed > 0 ? 1 : 0;

async function runAll() {
  const python = findPython();
  if (!python) {
    for (const tier of tiers) notRun(tier, 'no Python 3.9 or newer with venv and pip is on the PATH');
    return;
  }
  const uv = await ensureUv(python);
  for (const tier of tiers) await runTier(tier, uv);
}

async function runTier(tier, uv) {
  if (tier === 'engine' && (process.platform !== 'linux' || process.arch !== 'x64')) {
    return notRun(tier, `vLLM for the CPU is locked for Linux on x86-64, this is ${process.platform} on ${process.arch}`);
  }
  const { lock, what, title } = TIERS[tier];
  const python = await ensureEnvironment(uv, lock, what);
  const site = join(folder, `${tier}-site`);
  await installPlugin(uv, python, site);
  console.log(`\n== runtime ${tier}: ${title}`);
  const report = join(folder, `${tier}.xml`);
  const started = Date.now();
  const run = spawnSync(python, ['-m', 'pytest', `tests/${tier}`, `--junitxml=${report}`, ...pytestArgs], {
    cwd: PROJECT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...golden,
      PYTHONPATH: [site, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  count(tier, report, run.status);
  console.log(`== runtime ${tier}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Adds pytest's own count; a run that ends without a report, or badly without a failed test, is a failure. */
function count(tier, report, status) {
  const before = summary.failed;
  try {
    const xml = readFileSync(report, 'utf8');
    const suite = xml.match(/<testsuite [^>]*>/)[0];
    for (const [, file, name, message] of xml.matchAll(
      /<testcase classname="([^"]*)" name="([^"]*)"[^>]*>\s*<(?:failure|error) message="([^"]*)"/g,
    )) {
      summary.failures.push(`runtime ${file}: ${name}: ${message.slice(0, 400)}`);
    }
    const number = (name) => Number(suite.match(new RegExp(`\\b${name}="(\\d+)"`))[1]);
    summary.failed += number('failures') + number('errors');
    summary.skipped += number('skipped');
    summary.passed += number('tests') - number('failures') - number('errors') - number('skipped');
  } catch {
    console.error(`== runtime ${tier}: pytest ended without a report`);
  }
  if (status !== 0 && summary.failed === before) summary.failed += 1;
}

/** OVK_GOLDEN_DIR as a whole path: pytest runs in another folder than the one that the user means. */
function goldenFolder() {
  const named = process.env.OVK_GOLDEN_DIR;
  if (!named) return {};
  const folder = resolve(process.env.INIT_CWD ?? '.', named);
  if (existsSync(join(folder, 'manifest.json'))) return { OVK_GOLDEN_DIR: folder };
  console.error(`OVK_GOLDEN_DIR is ${named}: ${folder} has no manifest.json. Name a folder like runtimes/vllm-onevision/golden.`);
  process.exit(3);
}

function notRun(tier, reason) {
  summary.notRun.push(`NOT RUN: runtime ${tier}: ${reason}.`);
}

function readArguments(args) {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const at = own.indexOf('--summary');
  const summaryFile = at < 0 ? undefined : own[at + 1];
  const named = own.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  const unknown = named.filter((tier) => !(tier in TIERS));
  if (unknown.length > 0 || (at >= 0 && !summaryFile)) {
    console.error(`usage: node tests/runtime/run.mjs [${Object.keys(TIERS).join('] [')}] [--summary FILE] [-- pytest arguments]`);
    process.exit(3);
  }
  const tiers = named.length > 0 ? named : Object.keys(TIERS);
  return { tiers, summaryFile: summaryFile && resolve(summaryFile), pytestArgs: end < 0 ? [] : args.slice(end + 1) };
}
