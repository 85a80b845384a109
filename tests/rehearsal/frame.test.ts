import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Column, differences, loadColumns, type Observed } from '../../rehearsal/column';
import { type RehearseOptions, rehearse } from '../../rehearsal/rehearse';
import type { Stage } from '../../rehearsal/stage';
import { RehearsalSummarySchema } from '../../reports/rehearsal-summary';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-frame-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const EXPECTED: Observed = { plan: 0, check: 0, synth: 'passes', gate: 'applied', chart: 'valid', deploy: 'deployed' };
const column = (id: string): Column => ({ id, title: id, release: `${id}.yaml`, environment: null, expected: EXPECTED });
const asExpected: Stage = {
  id: 'all',
  title: 'everything',
  async run(walk) {
    Object.assign(walk.seen, EXPECTED);
    return { state: 'passed', detail: 'seen', notProved: [`not proved by ${walk.column.id}`] };
  },
};
const throwing: Stage = {
  id: 'throws',
  title: 'throws in column a',
  async run(walk) {
    if (walk.column.id === 'a') throw new Error('out of order');
    return { state: 'passed', detail: 'fine' };
  },
};

let runs = 0;
const walk = (stages: readonly Stage[], options: Partial<RehearseOptions> = {}) =>
  rehearse({
    columns: [column('a'), column('b')],
    outDir: join(scratch, `run-${runs++}`),
    now: () => new Date('2026-11-23T12:00:00Z'),
    signal: new AbortController().signal,
    onStage: () => undefined,
    onProgress: () => undefined,
    codes: {},
    stages,
    ...options,
  });

describe('the frame of the rehearsal', () => {
  it('matches when every column saw what is recorded, and keeps what was not proved', async () => {
    const outDir = join(scratch, 'matching');
    const summary = await walk([asExpected], { outDir });
    expect(summary.matchesExpected).toBe(true);
    expect(summary.notProved).toEqual(expect.arrayContaining(['not proved by a', 'not proved by b']));
    expect(RehearsalSummarySchema.parse(JSON.parse(readFileSync(join(outDir, 'rehearsal.json'), 'utf8')))).toEqual(summary);
  });

  it('still walks the other columns when a stage throws, and does not match', async () => {
    const summary = await walk([throwing, asExpected]);
    expect(summary.matchesExpected).toBe(false);
    expect(summary.stages.map((stage) => `${stage.id} ${stage.state}`)).toEqual(['a/throws failed', 'b/throws passed', 'b/all passed']);
    expect(summary.stages[0]?.detail).toBe('out of order');
    expect(summary.columns[0]?.differences.length).toBe(Object.keys(EXPECTED).length);
    expect(summary.columns[1]?.differences).toEqual([]);
  });

  it('does not match when a stage failed, even if everything recorded was seen', async () => {
    const failing: Stage = { id: 'late', title: 'late', run: async () => ({ state: 'failed', detail: 'contradiction' }) };
    expect((await walk([asExpected, failing])).matchesExpected).toBe(false);
  });

  it('stops at once when it is interrupted, and writes nothing', async () => {
    const abort = new AbortController();
    const outDir = join(scratch, 'interrupted');
    const interrupts: Stage = {
      id: 'ctrl-c',
      title: 'ctrl-c',
      async run() {
        abort.abort();
        throw new Error('the child ended');
      },
    };
    await expect(walk([interrupts, asExpected], { outDir, signal: abort.signal })).rejects.toThrow(/abort/i);
    expect(existsSync(outDir)).toBe(false);
  });

  it('begins what takes long after the stage that it needs, beside those between, and ends it whatever becomes of them', async () => {
    const said: string[] = [];
    const saying = (id: string, outcome: 'passed' | 'failed' = 'passed'): Stage => ({
      id,
      title: id,
      async run() {
        said.push(id);
        return { state: outcome, detail: id };
      },
    });
    const long: Stage = {
      ...saying('long'),
      applies: ({ column: { id } }) => id === 'b',
      warmUp: {
        after: 'first',
        begin: ({ column: { id } }) => void said.push(`begun in ${id}`),
        end: async ({ column: { id } }) => void said.push(`ended in ${id}`),
      },
    };
    await walk([saying('first'), saying('between'), long]);
    expect(said).toEqual(['first', 'between', 'ended in a', 'first', 'begun in b', 'between', 'long', 'ended in b']);
    said.length = 0;
    await walk([saying('first'), saying('between', 'failed'), long], { columns: [column('b')] });
    expect(said).toEqual(['first', 'begun in b', 'between', 'ended in b']);
  });

  it('says where it cannot write', async () => {
    const file = join(scratch, 'a-file');
    writeFileSync(file, '');
    await expect(walk([asExpected], { outDir: file })).rejects.toMatchObject({ code: 'E_OUT_UNWRITABLE' });
  });
});

describe('differences', () => {
  it('names what differs, and what was not seen at all', () => {
    expect(differences(EXPECTED, { ...EXPECTED, check: 2 })).toEqual(['check: expected 0, saw 2']);
    expect(differences(EXPECTED, {})).toHaveLength(Object.keys(EXPECTED).length);
  });

  it('does not count a stage that this machine cannot run', () => {
    expect(differences(EXPECTED, { ...EXPECTED, gate: 'not-run', chart: 'not-run' })).toEqual([]);
  });

  it('has nothing to say of a release that nothing is recorded of', () => {
    expect(differences(null, {})).toEqual([]);
  });
});

it('rehearsal/expected.json is well-formed, and its first column is the release at the top of the repository', () => {
  expect(loadColumns()[0]).toMatchObject({ release: 'release.yaml', environment: null });
});
