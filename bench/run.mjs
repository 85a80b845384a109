// Whole-process figures of the commands: median of N runs after one warm-up, seconds and peak memory (RSS) of the process.
// Usage: npm run bench [-- N]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const runs = Number(process.argv[2] ?? 5);
const out = mkdtempSync(join(tmpdir(), 'ovkit-bench-'));
const ovkit = [process.execPath, 'bin/ovkit.cjs'];

/** name, command, goal in seconds */
const COMMANDS = [
  ['node (empty)', [process.execPath, '-e', '0'], null],
  ['ovkit --help', [...ovkit, '--help'], 0.15],
  ['ovkit plan', [...ovkit, 'plan', '--json'], 1],
  ['ovkit check', [...ovkit, 'check', '--json'], 1],
  ['ovkit report', [...ovkit, 'report', '--out', out, '--quiet'], null],
];

console.log(`${'command'.padEnd(16)}${'median s'.padStart(10)}${'min'.padStart(8)}${'max'.padStart(8)}${'goal'.padStart(8)}`);
for (const [name, [command, ...args], goal] of COMMANDS) {
  const seconds = Array.from({ length: runs + 1 }, () => time(command, args))
    .slice(1)
    .sort((a, b) => a - b);
  const cell = (value) => value.toFixed(3).padStart(8);
  console.log(
    `${name.padEnd(16)}${cell(seconds[Math.floor(runs / 2)]).padStart(10)}${cell(seconds[0])}${cell(seconds[runs - 1])}${String(goal ?? '').padStart(8)}`,
  );
}
rmSync(out, { recursive: true, force: true });

console.log('\ncdktf synth beside an empty cdktf app, in turn:');
spawnSync(process.execPath, ['bench/synth.mjs', String(runs)], { stdio: 'inherit' });
console.log('\na rehearsed deploy on the stand-ins:');
spawnSync(process.execPath, ['bench/deploy.mjs'], { stdio: 'inherit' });

function time(command, args) {
  const started = process.hrtime.bigint();
  spawnSync(command, args, { stdio: 'ignore' });
  return Number(process.hrtime.bigint() - started) / 1e9;
}
