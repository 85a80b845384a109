import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { checkpoint, editJson, GOLDEN_CHECKPOINT } from '../runtime-room/support';

function doctor(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [fromRoot('bin/ovkit.cjs'), 'runtime', 'doctor', ...args], { encoding: 'utf8', cwd: fromRoot() });
}

/** The built command line; tests/run-tiers.mjs builds it first. */
describe('ovkit runtime doctor', () => {
  it('exits 0 on a folder that will serve, and says so', () => {
    const run = doctor(GOLDEN_CHECKPOINT, '--gpu', 'l4');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/with vllm-onevision 0\.32\.0 on l4: will serve/);
  });

  it('exits 1 with the findings as one JSON document', () => {
    const folder = checkpoint((made) => editJson(made, 'config.json', (config) => delete config.vision_config));
    const run = doctor(folder, '--json');
    expect(run.status).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({
      kind: 'diagnosis',
      state: 'refused',
      findings: expect.arrayContaining([expect.objectContaining({ rule: 'OVK-RUN-003', level: 'refused', file: 'config.json' })]),
    });
  });

  it('exits 2 when only the catalogue can be asked', () => {
    expect(doctor('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct').status).toBe(2);
  });

  it.each([[['nowhere']], [['./nowhere']], [[]], [['x', '--gpu', 'l99']], [['x', '--max-model-len', 'long']]])('exits 3 on %j', (args) => {
    const run = doctor(...args);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/^E_(MODEL_UNKNOWN|MODEL_FOLDER|RUNTIME_VERB|GPU_UNKNOWN)/);
  });
});
