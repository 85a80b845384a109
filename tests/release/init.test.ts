import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExitCode, KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import { starterDefaults, starterRelease } from '../../release/starter';
import type { CommandContext } from '../../scripts/command';
import { run } from '../../scripts/commands/init';
import { VALID_RELEASE } from './support';

const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'ovkit-init-')), 'release.yaml');
const options = (release: string, more: Record<string, unknown> = {}): Parameters<typeof run>[0] => ({
  release,
  json: false,
  out: 'out',
  quiet: false,
  ...more,
});

function context(more: Partial<CommandContext> = {}): CommandContext {
  return {
    stdout: () => {},
    stderr: () => {},
    now: () => new Date(0),
    signal: new AbortController().signal,
    colours: false,
    interactive: false,
    ...more,
  };
}

async function failure(work: Promise<unknown>): Promise<KitError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KitError) return error;
  throw error ?? new Error('it passed');
}

describe('ovkit init outside a terminal', () => {
  it('writes a valid, commented file from the defaults', async () => {
    const file = newFile();
    const result = await run(options(file), [], context());
    expect(result.exitCode).toBe(ExitCode.pass);
    const { release } = loadRelease(file);
    expect(release).toMatchObject({
      metadata: { name: 'puppet-show' },
      model: { id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct' },
      budget: { monthlyUsd: 500 },
    });
    expect(
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.trim().startsWith('#')).length,
    ).toBeGreaterThan(10);
  });

  it('takes every answer from its option, and the 8B model with what belongs to it', async () => {
    const file = newFile();
    const given = { name: 'other', owner: 'Team: "A" #1', costCentre: '0815', model: '8b', region: 'eu-west-1', monthlyUsd: '900.50' };
    await run(options(file, given), [], context());
    expect(loadRelease(file).release).toMatchObject({
      metadata: { name: 'other', owner: 'Team: "A" #1', costCentre: '0815' },
      model: { id: 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct', revision: 'e137910552d616eb0f7305147ca054311a90c542' },
      placement: { region: 'eu-west-1' },
      budget: { monthlyUsd: 900.5 },
      compliance: { lock: 'examples/locks/llava-onevision-1.5-8b.lock.json' },
    });
  });

  it('refuses every bad option at once and writes nothing', async () => {
    const file = newFile();
    const error = await failure(run(options(file, { name: 'A b', monthlyUsd: '5 USD', model: '7B', owner: '' }), [], context()));
    expect(error.problems.map((problem) => problem.code)).toEqual(Array(4).fill('E_INIT_OPTION'));
    expect(error.message).toContain('--monthly-usd is "5 USD": must be a number more than 0, in US dollars and without a unit.');
    expect(error.message).toContain('--model is "7B": must be 4B or 8B. Did you mean');
    expect(existsSync(file)).toBe(false);
  });

  it('does not overwrite a file unless it is told to', async () => {
    const file = newFile();
    writeFileSync(file, 'mine');
    expect(await failure(run(options(file), [], context()))).toMatchObject({ code: 'E_RELEASE_EXISTS' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await run(options(file, { force: true }), [], context());
    expect(loadRelease(file).release.metadata.name).toBe('puppet-show');
  });

  it('writes nothing when it is interrupted', async () => {
    const file = newFile();
    const abort = new AbortController();
    abort.abort();
    const result = await run(options(file), [], context({ signal: abort.signal }));
    expect(result.exitCode).toBe(ExitCode.interrupted);
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('points editors at the schema from wherever the file stands', async () => {
    const file = fromRoot('out', 'init-test', 'release.yaml');
    await run(options(file, { force: true }), [], context());
    expect(readFileSync(file, 'utf8')).toContain('$schema=../../release/release.schema.json');
  });

  it('never asks, and says where it wrote, with --json', async () => {
    const file = newFile();
    const result = await run(options(file, { json: true }), [], context({ interactive: true }));
    expect(result.json).toMatchObject({ kind: 'init', file, answers: { model: '4B' } });
  });
});

it('whatever the owner and the cost centre are, the file is valid and holds them, or the option is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 140 }), fc.string({ maxLength: 40 }), (owner, costCentre) => {
      const answers = { ...starterDefaults('4B'), owner, costCentre };
      const file = newFile();
      try {
        writeFileSync(file, starterRelease(VALID_RELEASE, answers, './x.json'));
      } catch (error) {
        expect(error).toBeInstanceOf(KitError);
        return;
      }
      expect(loadRelease(file).release.metadata).toMatchObject({ owner, costCentre });
    }),
    { numRuns: 150 },
  );
});
