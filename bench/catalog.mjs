// How long loading and validating the whole catalogue takes: the first time in a process (libraries already loaded, as in every command,
// which has read release.yaml before) and again in the same process. Goal: under 50 ms.
// Usage: npm run build && node bench/catalog.mjs [N]
import { spawnSync } from 'node:child_process';

const GOAL_MS = 50;
const runs = Number(process.argv[2] ?? 9);
const script = `
  require('./dist/release/load.js');
  const { loadCatalog } = require('./dist/catalog/load.js');
  const time = (folder) => { const start = performance.now(); loadCatalog(folder); return performance.now() - start; };
  const first = time('catalog');
  const again = [1, 2, 3, 4, 5].map((n) => time('./'.repeat(n) + 'catalog'));
  console.log(JSON.stringify({ first, again: Math.min(...again) }));
`;
const results = Array.from({ length: runs }, () => {
  const done = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout);
});
for (const what of ['first', 'again']) {
  const ms = results.map((result) => result[what]).sort((a, b) => a - b);
  const cell = (value) => `${value.toFixed(1)} ms`;
  console.log(
    `catalogue, ${what.padEnd(6)} median ${cell(ms[Math.floor(runs / 2)])}, min ${cell(ms[0])}, max ${cell(ms[runs - 1])}, goal ${GOAL_MS} ms`,
  );
}
