import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import type { CommandContext } from '../../scripts/command';
import { runCli } from '../../scripts/ovkit';
import { offerJson, writePieces } from '../catalog/price-list-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovkit-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function ovkit(...args: string[]) {
  let stdout = '';
  let stderr = '';
  const context: CommandContext = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    now: () => new Date('2026-11-23T12:00:00Z'),
    signal: new AbortController().signal,
    colours: false,
    interactive: false,
  };
  const exitCode = await runCli(args, context);
  return { exitCode, stdout, stderr };
}

describe('ovkit compare', () => {
  const both = [fromRoot('release.yaml'), fromRoot('examples/llava-onevision-1.5-8b.yaml')];

  it('prints the recommendation, writes a page on request, and exits with 0', async () => {
    const page = join(folder, 'compare.html');
    const { exitCode, stdout } = await ovkit('compare', ...both, '--html', page);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Take puppet-show\.\n/);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('carries the licence state of each release in its JSON', async () => {
    const { stdout } = await ovkit('compare', ...both, '--json');
    const { kind, options } = JSON.parse(stdout) as { kind: string; options: { licence: { state: string } }[] };
    expect(kind).toBe('comparison');
    for (const { licence } of options) expect(['unavailable', 'unknown', 'conflict', 'denied']).toContain(licence.state);
  });

  it('needs two releases', async () => {
    expect(await ovkit('compare', both[0] as string)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('E_COMPARE_COUNT') });
  });
});

describe('ovkit plan --focus', () => {
  it('writes the month of the plan', async () => {
    const file = join(folder, 'forecast.csv');
    const { exitCode } = await ovkit('plan', '--release', fromRoot('release.yaml'), '--focus', file, '--month', '2027-02');
    expect(exitCode).toBe(0);
    const rows = readFileSync(file, 'utf8').trimEnd().split('\r\n');
    expect(rows).toHaveLength(12);
    expect(rows[1]).toContain('2027-03-01T00:00:00Z,2027-02-01T00:00:00Z');
  });

  it('refuses a month that is none, and writes nothing', async () => {
    const file = join(folder, 'forecast.csv');
    const result = await ovkit('plan', '--focus', file, '--month', '2027-13');
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('E_PLAN_OPTION') });
    expect(() => readFileSync(file)).toThrow();
  });
});

describe('ovkit estimate --finetune', () => {
  it('answers for a model by its Hub name', async () => {
    const { exitCode, stdout } = await ovkit('estimate', '--finetune', 'lora', '--model', 'LLaVA-OneVision-1.5-8B-Instruct', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'fine-tune', model: { id: 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct' } });
  });

  it.each([
    ['--finetune', ['--finetune', 'qlora']],
    ['--pairs', ['--finetune', 'full', '--pairs', '0']],
    ['--image-size', ['--finetune', 'full', '--image-size', '9000x1']],
  ])('refuses a wrong %s', async (flag, args) => {
    const result = await ovkit('estimate', ...args);
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`E_ESTIMATE_OPTION: ${flag}`) });
  });
});

describe('ovkit prices refresh', () => {
  it('prints what changed and where it is written', async () => {
    const catalog = join(folder, 'catalog');
    cpSync(fromRoot('catalog'), catalog, { recursive: true, filter: (source) => !source.endsWith('.ts') });
    const list = join(folder, 'index.json');
    const price = (type: string) =>
      type === 'g6.xlarge'
        ? 0.9
        : (loadCatalog().instances.find((item) => item.type === type)?.price['us-east-1']?.usdPerHour ?? undefined);
    await writePieces(list, offerJson(loadCatalog(), { region: 'us-east-1', price }));
    const { exitCode, stdout } = await ovkit('prices', 'refresh', '--from', list, '--region', 'us-east-1', '--catalog', catalog);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/us-east-1 {2}g6\.xlarge +\$0\.8048 -> \$0\.9000 \(\+11\.83 %\)/);
    expect(stdout).toContain(`wrote ${join(catalog, 'instances.json')}`);
  });

  it('needs a list, and one that is there', async () => {
    expect(await ovkit('prices', 'refresh')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('needs --from') });
    const missing = await ovkit('prices', 'refresh', '--from', join(folder, 'none.json'));
    expect(missing).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('E_FILE_MISSING') });
  });
});
