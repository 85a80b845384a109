import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { PlanSchema } from '../../planning/plan';
import { planText } from '../../reports/plan-text';
import type { CommandContext } from '../../scripts/command';
import { run } from '../../scripts/commands/plan';
import { EIGHT_B, plan, TODAY } from './support';

const context: CommandContext = {
  stdout: () => undefined,
  stderr: () => undefined,
  now: () => TODAY,
  signal: new AbortController().signal,
  colours: false,
  interactive: false,
};
const options = { json: true, out: 'out', quiet: false };

describe('ovkit plan', () => {
  it('prints the plan and exits with its state', async () => {
    const result = await run({ ...options, release: fromRoot('release.yaml') }, [], context);
    expect(result.exitCode).toBe(0);
    expect(PlanSchema.parse(result.json).placement.instanceType).toBe('g6.xlarge');
    expect(result.text).toContain('g6.xlarge');
  });

  it('plans for the environment that the command line names', async () => {
    const result = await run({ ...options, release: fromRoot('release.yaml'), environment: 'rehearsal' }, [], context);
    expect(PlanSchema.parse(result.json).release.environment).toBe('rehearsal');
  });
});

describe('a plan in the terminal', () => {
  const refused = plan({ ...EIGHT_B, placement: { instanceFamilies: ['g6.xlarge'] } });

  it('keeps to 100 columns, with and without a placement', () => {
    for (const shown of [plan(), refused, plan({ engine: { name: 'vllm' } }), plan({ placement: { region: 'eu-west-1' } })]) {
      for (const line of planText(shown, { colours: false }).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    }
  });

  it('says what runs where, at what price of which day, and why not the others', () => {
    const text = planText(plan(), { colours: false });
    expect(text).toContain('1 replica on g6.xlarge');
    expect(text).toContain('prices of 2026-07-20');
    expect(text).toContain('$0.805');
    expect(text).toContain('EKS control plane');
    expect(text).toContain('Why not the other 30 candidates');
    expect(text).toContain('E_GPU_NO_BF16');
  });

  it('says of a refused one what failed, by how much, and the next step', () => {
    const text = planText(refused, { colours: false });
    expect(text).toContain('The plan is refused.');
    expect(text).toContain('E_NO_PLACEMENT');
    expect(text).toMatch(/E_FIT_KV_CACHE by 0\.\d+ GiB/);
    expect(text).toContain('Next: allow g6e.xlarge');
  });

  it('never shows an unknown price as 0', () => {
    const text = planText(plan({ placement: { region: 'us-west-2', instanceFamilies: ['gr6'] } }), { colours: false });
    expect(text).toMatch(/per month +unknown/);
    expect(text).not.toMatch(/\$0(\.0+)?\b(?!\.)/);
  });

  it('cannot be forged by control characters of the input', () => {
    const base = plan();
    const text = planText({ ...base, release: { ...base.release, name: 'a\u001b[2Jb' } }, { colours: false });
    expect(text).not.toContain('\u001b');
  });
});
