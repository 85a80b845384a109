import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { PlanSchema } from '../../planning/plan';
import type { CommandContext } from '../../scripts/command';
import { run } from '../../scripts/commands/report';

const context: CommandContext = {
  stdout: () => undefined,
  stderr: () => undefined,
  now: () => new Date('2026-11-23T14:00:00Z'),
  signal: new AbortController().signal,
  colours: false,
  interactive: false,
};

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'ovkit-report-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const report = (release: string, more: Readonly<Record<string, unknown>> = {}) =>
  run({ release, json: false, out, quiet: false, ...more }, [], context);

const releases = [
  'release.yaml',
  ...readdirSync('examples')
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join('examples', file)),
];

describe('ovkit report', () => {
  it.each(releases)('writes report, plan and verdict of %s, and exits 0 whatever they say', async (release) => {
    const result = await report(release);
    expect(result.exitCode).toBe(0);
    expect(PlanSchema.parse(JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')))).toBeTruthy();
    expect(VerdictSchema.parse(JSON.parse(readFileSync(join(out, 'verdict.json'), 'utf8')))).toBeTruthy();
    const html = readFileSync(join(out, 'report.html'), 'utf8');
    expect(html).not.toMatch(/NaN|Infinity|>undefined|\[object/);
    expect(html.toLowerCase()).not.toContain('compliant');
  });

  it('writes SARIF and Markdown where it is told to, and names every file', async () => {
    const sarif = join(out, 'x.sarif');
    const markdown = join(out, 'deep', 'comment.md');
    const result = await report('release.yaml', { sarif, markdown });
    expect(result.json).toMatchObject({ kind: 'report', files: { sarif, markdown, report: join(out, 'report.html') } });
    expect(JSON.parse(readFileSync(sarif, 'utf8')).version).toBe('2.1.0');
    expect(readFileSync(markdown, 'utf8')).toContain('open point');
    expect(result.text).toContain(markdown);
  });

  it('gives the same bytes again', async () => {
    await report('release.yaml');
    const first = readFileSync(join(out, 'report.html'), 'utf8');
    await report('release.yaml');
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe(first);
  });

  it('writes nothing when the release is broken or the command was interrupted', async () => {
    const broken = join(out, 'broken.yaml');
    writeFileSync(broken, 'apiVersion: nonsense\n');
    await expect(report(broken)).rejects.toThrow('E_RELEASE_INVALID');
    const aborted = { ...context, signal: AbortSignal.abort() };
    await expect(run({ release: 'release.yaml', json: false, out, quiet: false }, [], aborted)).rejects.toThrow();
    expect(existsSync(join(out, 'report.html'))).toBe(false);
  });

  it('says which folder it cannot write to', async () => {
    const file = join(out, 'a-file');
    writeFileSync(file, '');
    await expect(report('release.yaml', { out: join(file, 'below') })).rejects.toThrow('E_OUT_UNWRITABLE');
  });
});
