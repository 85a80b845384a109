import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-spared-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a script of CommonJS in the project, in a process of its own, and gives back what it prints as JSON. */
function run(script: string): unknown {
  const file = join(scratch, 'script.cjs');
  writeFileSync(file, script);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(file)})`], {
    encoding: 'utf8',
    cwd: fromRoot(),
    env: { ...process.env, NODE_PATH: fromRoot('node_modules') },
  });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

/** 143 MB on Node 20; the command line of cdktf, beside it, takes 280 of the 300 MB that a synth may have. */
const MAX_APP_MB = 200;
const MAIN = JSON.stringify(fromRoot('dist/stacks/main.js'));

describe('the app of cdktf', () => {
  it('loads no module that only costs time', () => {
    const files = run(`require(${MAIN}); console.log(JSON.stringify(Object.keys(require.cache)))`) as string[];
    const of = (pattern: RegExp) => files.filter((file) => pattern.test(file));
    expect(files.length).toBeLessThan(700);
    // the one with all resources takes a second
    expect(of(/provider-aws\/lib\/index\.js$/)).toEqual([]);
    expect(of(/archiver\/lib\/|compress-commons/)).toEqual([]);
    expect(of(/zod\/v4\/locales\/(?!en\.|index\.)/)).toEqual([]);
  });

  it(`synthesises the puppet show in less than ${MAX_APP_MB} MB`, () => {
    const megabytes = run(`
      Object.assign(process.env, { OVKIT_ENVIRONMENT: 'rehearsal', CDKTF_OUTDIR: ${JSON.stringify(join(scratch, 'memory'))} });
      require(${MAIN}).main();
      console.log(JSON.stringify((process.resourceUsage().maxRSS * 1024) / 1e6));`);
    expect(megabytes).toBeLessThan(MAX_APP_MB);
  });

  it('loads them when they are used after all', () => {
    const asset = join(scratch, 'asset');
    mkdirSync(asset);
    writeFileSync(join(asset, 'file.txt'), 'text');
    const said = run(`
      require(${MAIN});
      const { App, AssetType, TerraformAsset, TerraformStack } = require('cdktf');
      const { z } = require('zod');
      const app = new App({ outdir: ${JSON.stringify(join(scratch, 'out'))} });
      const packed = new TerraformAsset(new TerraformStack(app, 'stack'), 'asset', { path: ${JSON.stringify(asset)}, type: AssetType.ARCHIVE });
      app.synth();
      z.config(z.locales.de());
      console.log(JSON.stringify({ path: packed.path, error: z.string().safeParse(1).error.issues[0].message }));`) as Record<
      string,
      string
    >;
    expect(said.error).toContain('Ungültige Eingabe');
    const zip = readFileSync(join(scratch, 'out', 'stacks', 'stack', said.path as string));
    expect(zip.subarray(0, 2).toString()).toBe('PK');
  });

  it('goes on without a stand-in for a module that is elsewhere', () => {
    const spare = JSON.stringify(fromRoot('dist/core/spare-module.js'));
    expect(
      run(`
        const { spareModule } = require(${spare});
        const before = Object.keys(require.cache).length;
        spareModule(['no-such-package'], () => ({}));
        spareModule(['cdktf', 'no-such-package'], () => ({}));
        console.log(Object.keys(require.cache).length - before);`),
    ).toBe(0);
  });
});
