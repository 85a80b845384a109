#!/usr/bin/env node
'use strict';
// What cdktf.json runs: compiles the sources when they are newer than dist/, then runs the app. Nothing is compiled when dist/ is fresh.
const { spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

const root = join(__dirname, '..');
const entry = join(root, 'dist', 'stacks', 'main.js');
/** Touched after each compilation: the compiler may leave a file alone that did not change. */
const stamp = join(root, 'dist', '.compiled');

if (newestSourceMs() > compiledMs()) compile();
// Node 22 and later keep what they compiled; the provider's large modules load in half the time
enableCompileCache?.();
require(entry).main();

function compiledMs() {
  if (!existsSync(entry)) return 0;
  return Math.max(statSync(entry).mtimeMs, existsSync(stamp) ? statSync(stamp).mtimeMs : 0);
}

function newestSourceMs() {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const sources = include.flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true })
          .filter((file) => /\.(ts|tsx)$/.test(file))
          .map((file) => join(folder, file))
      : [],
  );
  // removing a file changes its folder, not a source; what is compiled then still runs as before
  return Math.max(...[...sources, 'package.json', 'tsconfig.json'].map((file) => statSync(join(root, file)).mtimeMs));
}

function compile() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler)) {
    fail('E_BUILD: dist/ is missing or older than the sources, and TypeScript is not installed. Next: npm ci, then npm run build.');
  }
  const started = Date.now();
  const run = spawnSync(process.execPath, [compiler, '-p', root, '--noEmitOnError', '--pretty', 'false'], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) fail(`E_BUILD: the sources do not compile. Next: npm run typecheck.\n${run.stdout}${run.stderr}`.trimEnd());
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, `${new Date(started).toISOString()}\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
