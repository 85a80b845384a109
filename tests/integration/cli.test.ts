import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FigureSchema } from '../../core/figure';
import { fromRoot } from '../../core/project-root';
import { COMMANDS } from '../../scripts/specs';
import { ovkit } from './ovkit';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-cli-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const RELEASE = readFileSync(fromRoot('release.yaml'), 'utf8');
let files = 0;

/** release.yaml with some lines replaced, as a file of its own. */
function edited(...edits: readonly (readonly [from: string, to: string])[]): string {
  let text = RELEASE;
  for (const [from, to] of edits) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  return written(text);
}

function written(text: string): string {
  const file = join(scratch, `release-${files++}.yaml`);
  writeFileSync(file, text);
  return file;
}

const json = (text: string) => JSON.parse(text);

describe('help', () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'of %s names its example and the common options',
    (name, command) => {
      const { exitCode, stdout } = ovkit([name, '--help']);
      expect(exitCode).toBe(0);
      for (const text of [command.example, '--release <file>', '--json', '--out <dir>', '--quiet']) expect(stdout).toContain(text);
    },
  );

  it.each([[['plam']], [['plan', '--jsn']], [['plan', '--environment', 'prod']]])('answers %j with exit code 3', (args) => {
    const { exitCode, stderr } = ovkit(args);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/unknown|invalid/);
  });
});

describe('plan --json', () => {
  const run = ovkit(['plan', '--json']);
  const plan = json(run.stdout);

  it('passes for the puppet show, with nothing but JSON on stdout', () => {
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(plan.placement).toMatchObject({ instanceType: 'g6.xlarge', replicas: 1 });
    expect(plan.fit.verdict).toBe('fits');
  });

  it('keeps its contract: terms with formula and source, figures with range and basis, every rejected option', () => {
    for (const term of plan.fit.terms)
      expect(term).toMatchObject({
        name: expect.any(String),
        bytes: expect.any(Number),
        formula: expect.any(String),
        source: expect.any(String),
      });
    for (const key of ['usdPerHour', 'usdPerMonth', 'usdPerThousandImages'])
      expect(FigureSchema.safeParse(plan.cost[key]).success).toBe(true);
    expect(plan.engine.args.length).toBeGreaterThan(0);
    expect(plan.rejected.length).toBeGreaterThan(5);
    for (const rejected of plan.rejected) expect(Object.keys(rejected).sort()).toEqual(['candidate', 'code', 'reason', 'shortBy']);
  });
});

describe('plan refuses with exit code 1, prints the plan all the same, and says why', () => {
  const big: readonly [string, string] = ['lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct'];
  const families = '    - g4dn\n    - g5\n    - g6\n    - g6e';
  it.each([
    ['8B in bf16 on an L4', [big, [families, '    - g6.xlarge']], 'g6.xlarge'],
    ['the model on stock vLLM', [['name: vllm-onevision', 'name: vllm']], 'E_MODEL_ENGINE'],
    ['the model on llama.cpp', [['name: vllm-onevision', 'name: llama.cpp']], 'E_MODEL_ENGINE'],
    ['a monthly budget that is too small', [['monthlyUsd: 500', 'monthlyUsd: 50']], 'E_BUDGET'],
    ['a price per 1,000 images that is too small', [['usdPerThousandImages: 5', 'usdPerThousandImages: 0.01']], 'E_BUDGET'],
    ['a peak that no number of replicas serves', [['peakRequestsPerSecond: 0.5', 'peakRequestsPerSecond: 90000']], 'maxReplicas'],
  ] as const)('%s', (_name, edits, text) => {
    const { exitCode, stdout } = ovkit(['plan', '--json', '--release', edited(...edits)]);
    expect(exitCode).toBe(1);
    const plan = json(stdout);
    expect(plan.state).toBe('refused');
    expect(JSON.stringify(plan.problems) + JSON.stringify(plan.rejected)).toContain(text);
  });

  it('names by how much 8B misses on an L4', () => {
    const plan = json(ovkit(['plan', '--json', '--release', edited(big, [families, '    - g6.xlarge'])]).stdout);
    const rejected = plan.rejected.find((entry: { candidate: string }) => entry.candidate.includes('g6.xlarge'));
    expect(rejected.shortBy.value).toBeGreaterThan(0);
    expect(plan.fit.verdict).toBe('does-not-fit');
    expect(plan.fit.terms.length).toBeGreaterThan(3);
  });
});

describe('check --json', () => {
  it.each([
    ['release.yaml', [], 2, 'conflict'],
    ['release.yaml', ['--environment', 'rehearsal'], 0, 'allowed'],
    ['examples/smollm2-cpu.yaml', [], 0, 'allowed'],
    ['examples/refused.yaml', [], 1, 'denied'],
  ] as const)('judges %s %j: exit code %i, %s', (file, args, exitCode, state) => {
    const run = ovkit(['check', '--json', '--release', file, ...args]);
    expect(run).toMatchObject({ exitCode, stderr: '' });
    const verdict = json(run.stdout);
    expect(verdict.state).toBe(state);
    expect(verdict.subjectsChecked).toBe(verdict.subjectsExpected);
    expect(verdict.subjectsChecked).toBeGreaterThan(100);
    expect(verdict.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(Date.parse(verdict.expires)).toBeGreaterThan(0);
    for (const finding of verdict.findings) {
      for (const key of ['rule', 'severity', 'subject', 'message', 'evidence', 'location']) expect(finding).toHaveProperty(key);
    }
  });

  it('calls the rehearsed release allowed for rehearsal only, and never compliant', () => {
    const { stdout } = ovkit(['check', '--environment', 'rehearsal']);
    expect(stdout).toMatch(/allowed for rehearsal only, \d+ waivers/);
    expect(stdout).not.toMatch(/\bcompliant\b/i);
  });

  it('gives the same bytes for the same input and clock', () => {
    const args = ['check', '--json', '--at', '2026-12-01T00:00:00Z'];
    expect(ovkit(args).stdout).toBe(ovkit(args).stdout);
  });

  it('no longer allows once the evidence has expired', () => {
    const { exitCode, stdout } = ovkit(['check', '--json', '--release', 'examples/smollm2-cpu.yaml', '--at', '2031-01-01T00:00:00Z']);
    expect(exitCode).toBe(2);
    expect(json(stdout).state).toBe('unavailable');
  });
});

describe('bad input ends with exit code 3, one message a problem, and no stack', () => {
  const lock = readFileSync(fromRoot('compliance.lock.json'), 'utf8');
  const locks = join(fromRoot(), 'out', 'test-locks');
  mkdirSync(locks, { recursive: true });
  writeFileSync(join(locks, 'truncated.json'), lock.slice(0, 2000));
  afterAll(() => rmSync(locks, { recursive: true, force: true }));
  const withLock = (path: string) => () => edited(['lock: compliance.lock.json', `lock: ${path}`]);

  it.each([
    ['a missing file', 'plan', () => join(scratch, 'nowhere.yaml'), /E_FILE_MISSING.*ovkit init/],
    ['an empty file', 'plan', () => written(''), /E_RELEASE_INVALID.*empty/],
    ['a tab', 'plan', () => edited(['  owner:', '\towner:']), /:\d+:\d+: E_YAML_SYNTAX.*tab/],
    ['a duplicate key', 'plan', () => edited(['  owner:', '  name: twice\n  owner:']), /:\d+:\d+: E_YAML_SYNTAX/],
    ['an unknown key', 'plan', () => edited(['costCentre:', 'costCenter:']), /costCentre/],
    ['an unknown model', 'plan', () => edited(['1.5-4B-Instruct', '1.5-5B-Instruct']), /E_MODEL_UNKNOWN.*1\.5-4B-Instruct/],
    ['an unknown engine', 'plan', () => edited(['name: vllm-onevision', 'name: vlm-onevision']), /E_ENGINE_UNKNOWN.*vllm-onevision/],
    ['an unknown region', 'plan', () => edited(['us-east-1', 'us-esat-1']), /E_REGION_UNKNOWN.*us-east-1/],
    ['an unknown family', 'plan', () => edited(['    - g6e', '    - g66']), /E_FAMILY_UNKNOWN/],
    ['a branch as revision', 'plan', () => edited(['ef3fa61007edd3b5d1d7a22b5edd8d4803995610', 'main']), /:\d+:\d+: E_RELEASE_INVALID.*40/],
    ['a budget of 0', 'plan', () => edited(['monthlyUsd: 500', 'monthlyUsd: 0']), /:\d+:\d+: E_RELEASE_INVALID.*monthlyUsd/],
    ['a negative load', 'plan', () => edited(['outputTokens: 120', 'outputTokens: -120']), /:\d+:\d+: E_RELEASE_INVALID/],
    ['NaN', 'plan', () => edited(['hoursPerMonth: 200', 'hoursPerMonth: .nan']), /:\d+:\d+: E_RELEASE_INVALID/],
    [
      'a peak of 1e9',
      'plan',
      () => edited(['peakRequestsPerSecond: 0.5', 'peakRequestsPerSecond: 1e9']),
      /:\d+:\d+: E_RELEASE_INVALID.*100000/,
    ],
    ['an unknown policy', 'check', () => edited(['policy: production', 'policy: prodction']), /E_POLICY_UNKNOWN.*production/],
    ['a missing lock', 'check', withLock('nowhere.lock.json'), /nowhere\.lock\.json: E_FILE_MISSING/],
    ['a truncated lock', 'check', withLock('out/test-locks/truncated.json'), /truncated\.json:\d+:\d+: E_LOCK_INVALID/],
    ['the lock of another release', 'check', withLock('examples/locks/smollm2-cpu.lock.json'), /E_LOCK_OTHER_RELEASE/],
  ] as const)('%s', (_name, command, file, message) => {
    const { exitCode, stdout, stderr } = ovkit([command, '--release', file()]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
  });

  it('prints the problems as one JSON document with --json, and the message on stderr', () => {
    const { exitCode, stdout, stderr } = ovkit(['plan', '--json', '--release', written('')]);
    expect(exitCode).toBe(3);
    expect(json(stdout)).toMatchObject({ kind: 'error', exitCode: 3, problems: [{ code: 'E_RELEASE_INVALID' }] });
    expect(stderr).toContain('E_RELEASE_INVALID');
  });

  it('an output folder that is a file: nothing is written', () => {
    const file = written('not a folder');
    const { exitCode, stderr } = ovkit(['report', '--out', file]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/E_OUT_UNWRITABLE/);
    expect(readFileSync(file, 'utf8')).toBe('not a folder');
  });
});

describe('output', () => {
  it('has no colours in a pipe, and none at all with NO_COLOR', () => {
    expect(ovkit(['plan']).stdout).not.toContain('\u001b[');
    expect(ovkit(['check'], { NO_COLOR: '1', FORCE_COLOR: '1' }).stdout).not.toContain('\u001b[');
  });

  it('is silent with --quiet but for errors', () => {
    expect(ovkit(['plan', '--quiet'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(ovkit(['check', '--quiet'])).toEqual({ exitCode: 2, stdout: '', stderr: '' });
  });

  it('explains every code, and names the nearest for a wrong one', () => {
    expect(ovkit(['explain', 'E_MODEL_ENGINE']).stdout).toContain('vllm-onevision');
    expect(ovkit(['explain', 'e_model_engin'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('E_MODEL_ENGINE') });
    expect(Object.keys(json(ovkit(['explain', '--json']).stdout)).length).toBeGreaterThan(30);
  });
});
