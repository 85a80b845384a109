import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { fromRoot } from '../../core/project-root';
import { PlanSchema } from '../../planning/plan';
import { RehearsalSummarySchema } from '../../reports/rehearsal-summary';
import { ovkit } from './ovkit';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-rehearse-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const read = (...parts: string[]) => JSON.parse(readFileSync(join(scratch, ...parts), 'utf8'));

describe('ovkit rehearse', () => {
  it('walks all columns, sees what is recorded, and leaves plan, verdict, report and its own account', () => {
    const out = join(scratch, 'all');
    const { exitCode, stdout, stderr } = ovkit(['rehearse', '--cluster', 'none', '--out', out]);
    expect(stdout).toContain('Everything is as recorded');
    expect(exitCode).toBe(0);
    const summary = RehearsalSummarySchema.parse(read('all', 'rehearsal.json'));
    expect(summary.columns.map((column) => column.id)).toEqual(['production', 'rehearsal', 'smollm2-cpu', 'refused']);
    expect(summary.notProved.join()).toContain('AWS');
    for (const folder of ['', 'rehearsal', 'smollm2-cpu', 'refused']) {
      PlanSchema.parse(read('all', folder, 'plan.json'));
      VerdictSchema.parse(read('all', folder, 'verdict.json'));
      expect(readFileSync(join(out, folder, 'report.html'), 'utf8')).toContain('</html>');
    }
    expect(existsSync(fromRoot('cdktf.out', 'manifest.json'))).toBe(true);
    for (const stage of summary.stages) expect(stderr).toContain(stage.detail);
  });

  it('says what it could not try without Terraform, and does not count it as a difference', () => {
    const { exitCode, stdout } = ovkit(
      ['rehearse', '--cluster', 'none', '--only', 'smollm2-cpu', '--json', '--out', join(scratch, 'no-terraform')],
      {
        TERRAFORM_BINARY_NAME: join(scratch, 'nowhere', 'terraform'),
      },
    );
    const summary = RehearsalSummarySchema.parse(JSON.parse(stdout));
    expect(summary.stages.find((stage) => stage.id.endsWith('/gate'))).toMatchObject({ state: 'not-run' });
    expect(summary.notProved.join()).toContain('no terraform or tofu');
    expect(exitCode).toBe(0);
  });

  it('walks a release of your own, of which nothing is recorded', () => {
    const { exitCode, stdout } = ovkit([
      'rehearse',
      '--cluster',
      'none',
      '--release',
      'examples/spot.yaml',
      '--json',
      '--out',
      join(scratch, 'own'),
    ]);
    const summary = JSON.parse(stdout);
    expect(summary.columns).toMatchObject([
      { release: fromRoot('examples/spot.yaml'), expected: null, seen: { check: 2, synth: 'refused', gate: 'refused' } },
    ]);
    expect(exitCode).toBe(0);
  });

  it('ends cleanly on Ctrl-C: exit code 130, no program left behind, nothing half-written', async () => {
    const out = join(scratch, 'interrupted');
    const child = spawn(
      process.execPath,
      [fromRoot('bin', 'ovkit.cjs'), 'rehearse', '--cluster', 'none', '--only', 'rehearsal', '--out', out],
      {
        cwd: fromRoot(),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    const inSynth = new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('judge licences')) setTimeout(resolve, 500);
      });
    });
    await inSynth;
    const children = childrenOf(child.pid as number);
    expect(children.length).toBeGreaterThan(0);
    child.kill('SIGINT');
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    expect({ exitCode, said: said.includes('nothing half-written was left behind') }).toEqual({ exitCode: 130, said: true });
    await expect.poll(() => children.filter(isRunning), { timeout: 5000 }).toEqual([]);
    const left = existsSync(out) ? readdirSync(out, { recursive: true }).map(String) : [];
    expect(left.filter((name) => name.endsWith('.partial') || name === 'report.html')).toEqual([]);
  });
});

/** Processes that a process has started, from /proc. */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
