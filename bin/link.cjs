'use strict';
// Puts `ovkit` where npm puts every other command, so that `npx ovkit` finds it. Run by `npm ci` (script "prepare").
// Not "bin" in package.json: npm does not link a root package's own bin, and npx then installs the package into its cache first.
const { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const folder = join(__dirname, '..', 'node_modules', '.bin');
mkdirSync(folder, { recursive: true });
if (process.platform === 'win32') {
  writeFileSync(join(folder, 'ovkit.cmd'), '@node "%~dp0\\..\\..\\bin\\ovkit.cjs" %*\r\n');
} else {
  const link = join(folder, 'ovkit');
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'bin', 'ovkit.cjs'), link);
  chmodSync(join(__dirname, 'ovkit.cjs'), 0o755);
}
