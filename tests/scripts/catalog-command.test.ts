import { describe, expect, it } from 'vitest';
import { KitError } from '../../core/error';
import type { CommandContext, CommonOptions } from '../../scripts/command';
import { run } from '../../scripts/commands/catalog';

const options: CommonOptions = { release: 'release.yaml', json: false, out: 'out', quiet: false };
const context: CommandContext = {
  stdout: () => {},
  stderr: () => {},
  now: () => new Date(0),
  signal: new AbortController().signal,
  colours: false,
  interactive: false,
};
const catalog = (args: string[], extra: Record<string, unknown> = {}) => run({ ...options, ...extra }, args, context);

describe('ovkit catalog list', () => {
  it('lists everything without a kind', async () => {
    const { text, json } = await catalog(['list']);
    expect(Object.keys(json as object)).toEqual(['models', 'engines', 'gpus', 'instances', 'prices']);
    expect(text).toContain('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct');
  });

  it('lists one family in one region, aligned', async () => {
    const { text, json } = await catalog(['list', 'instances'], { family: 'g6', region: 'eu-west-1' });
    expect(json).toHaveLength(8);
    const lines = text.split('\n');
    expect(lines).toHaveLength(9);
    expect(lines[0]).toContain('USD/h eu-west-1');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[1]).toMatch(/^g6\.xlarge .* not offered$/);
  });

  it('marks a derived price and never prints an unknown one as a number', async () => {
    const { text } = await catalog(['list', 'instances']);
    expect(text).toMatch(/g5\.xlarge .* 1\.0060 +~1\.0060 +~1\.1230/);
    expect(text).toMatch(/p5e\.48xlarge .* not offered +\? +not offered/);
    expect(text).not.toContain(' 0.0000');
  });

  it('shows where prices come from', async () => {
    const { text, json } = await catalog(['list', 'prices']);
    expect(json).toMatchObject({ date: '2026-07-20', staleAfterDays: 180 });
    expect(text).toContain('snapshot of 2026-07-20');
    expect(text).toContain('unverified');
  });

  it.each(['models', 'engines', 'gpus', 'instances'])('%s: as many rows as JSON items', async (kind) => {
    const { text, json } = await catalog(['list', kind]);
    expect(text.split('\n')).toHaveLength((json as unknown[]).length + 1);
  });
});

describe('ovkit catalog show', () => {
  it.each([
    ['models', 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', 'total: 4741610528'],
    ['engines', 'vllm-onevision', 'LLaVAOneVision1_5_ForConditionalGeneration'],
    ['gpus', 'l4', 'cudaVisibleGib: 22.06'],
    ['instances', 'g6.xlarge', 'usdPerHour: 0.8048'],
    ['prices', 'nat-gateway-hour', 'unverified'],
  ])('%s %s', async (kind, name, expected) => {
    expect((await catalog(['show', kind, name])).text).toContain(expected);
  });

  it('says when a name is a former one', async () => {
    const { json } = await catalog(['show', 'models', 'LLaVA-OV-1.5-4B-Instruct']);
    expect(json).toMatchObject({ renamedFrom: 'LLaVA-OV-1.5-4B-Instruct', id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct' });
  });

  it('keeps to one region', async () => {
    const { json } = await catalog(['show', 'instances', 'g6.xlarge'], { region: 'us-west-2' });
    expect(Object.keys((json as { price: object }).price)).toEqual(['us-west-2']);
  });
});

describe('ovkit catalog, asked wrongly', () => {
  it.each<[string, string[], Record<string, unknown>, string, string]>([
    ['a bad verb', ['lst'], {}, 'E_CATALOG_KIND', 'Did you mean "list"?'],
    ['a bad kind', ['list', 'model'], {}, 'E_CATALOG_KIND', 'Did you mean "models"?'],
    ['no kind to show', ['show'], {}, 'E_CATALOG_KIND', 'needs a kind'],
    ['no name to show', ['show', 'gpus'], {}, 'E_CATALOG_KIND', 'needs a name'],
    ['a bad name', ['show', 'gpus', 'l40ss'], {}, 'E_GPU_UNKNOWN', 'Did you mean "l40s"?'],
    ['a bad region', ['list', 'instances'], { region: 'us-east' }, 'E_REGION_UNKNOWN', 'us-east-1'],
    ['a bad family', ['list', 'instances'], { family: 'g66' }, 'E_FAMILY_UNKNOWN', 'Did you mean "g6"?'],
  ])('%s', async (_name, args, extra, code, message) => {
    const error = await catalog(args, extra).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KitError);
    expect((error as KitError).code).toBe(code);
    expect((error as KitError).message).toContain(message);
  });
});
