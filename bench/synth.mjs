// `cdktf synth` of the kit beside an empty cdktf app, in turn, so that both see the same machine: medians, their ratio, and the peak memory
// (RSS) of the largest process, which is the command line of cdktf itself.
// Usage: node bench/synth.mjs [N] [release file]; goals: at most 1.3 times the empty app, under 300 MB.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GOAL_RATIO = 1.3;
const GOAL_MB = 300;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const runs = Number(process.argv[2] ?? 5);
const release = process.argv[3] ?? 'release.yaml';
const scratch = mkdtempSync(join(tmpdir(), 'ovkit-bench-synth-'));
const cdktf = join(root, 'node_modules', 'cdktf-cli', 'bundle', 'bin', 'cdktf');
/** Every Node process of a synth adds its peak here, in KiB. */
const peaks = join(scratch, 'peaks');
const notePeak = join(scratch, 'note-peak.cjs');
writeFileSync(
  notePeak,
  `process.on('exit', () => require('node:fs').appendFileSync(${JSON.stringify(peaks)}, process.resourceUsage().maxRSS + '\\n'));\n`,
);
const env = {
  ...process.env,
  NODE_OPTIONS: `--require=${notePeak}`,
  CHECKPOINT_DISABLE: '1',
  CI: '1',
  OVKIT_GATE: 'report',
  OVKIT_RELEASE: release,
};
delete env.TF_CLI_CONFIG_FILE;

try {
  const empty = emptyApp();
  const apps = [
    { name: 'empty app', cwd: empty, args: [cdktf, 'synth', '--output', join(scratch, 'empty.out')], seconds: [], megabytes: 0 },
    { name: `kit (${release})`, cwd: root, args: [cdktf, 'synth', '--output', join(scratch, 'kit.out')], seconds: [], megabytes: 0 },
  ];
  for (const app of apps) synth(app);
  for (let run = 0; run < runs; run++)
    for (const app of apps) {
      rmSync(peaks);
      app.seconds.push(synth(app));
      app.megabytes = Math.max(
        app.megabytes,
        ...readFileSync(peaks, 'utf8')
          .trim()
          .split('\n')
          .map((kib) => (Number(kib) * 1024) / 1e6),
      );
    }
  for (const { name, seconds, megabytes } of apps)
    console.log(
      `${name.padEnd(24)} median ${median(seconds).toFixed(2)} s  (${seconds.map((s) => s.toFixed(2)).join(' ')}), at most ${megabytes.toFixed(0)} MB`,
    );
  const ratio = median(apps[1].seconds) / median(apps[0].seconds);
  console.log(`ratio ${ratio.toFixed(2)}, goal at most ${GOAL_RATIO}; memory: goal under ${GOAL_MB} MB`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** One stack and nothing in it; the same library as the kit's. */
function emptyApp() {
  const folder = join(scratch, 'empty');
  mkdirSync(folder);
  const library = JSON.stringify(require.resolve('cdktf'));
  writeFileSync(
    join(folder, 'main.js'),
    `const { App, TerraformStack } = require(${library});\nconst app = new App();\nnew TerraformStack(app, 'empty');\napp.synth();\n`,
  );
  writeFileSync(
    join(folder, 'cdktf.json'),
    JSON.stringify({ language: 'typescript', app: 'node main.js', projectId: 'bench-empty', sendCrashReports: 'false' }),
  );
  return folder;
}

function synth({ name, cwd, args }) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`cdktf synth of ${name} failed:\n${stdout}${stderr}`);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
