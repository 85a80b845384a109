import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { correctionFor } from '../../planning/calibration/apply';
import { readLog } from '../../planning/calibration/calibrate';
import { type Calibration, CalibrationSchema } from '../../planning/calibration/schema';
import { planRelease } from '../../planning/plan-release';
import { CATALOG, plan, release, runJson, TODAY } from './support';

const log = (name: string) => fromRoot('tests/planning/data', name);
const seen = (name: string) => {
  const observed = readLog(name, readFileSync(log(name), 'utf8'));
  return { ...observed, seen: Object.fromEntries((observed?.seen ?? []).map(({ term, value }) => [term, value])) };
};

describe('a log is read', () => {
  it('of vLLM V1: settings, weights, cache and graphs', () => {
    expect(seen('vllm-a100.log')).toMatchObject({
      engine: 'vllm',
      engineVersion: '0.9.2',
      model: 'Qwen/Qwen3-8B',
      precision: 'bf16',
      maxModelLen: 40_960,
      maxNumBatchedTokens: 2048,
      tensorParallel: 1,
      seen: { weightsGib: 15.2683, kvTokens: 136_080, graphsGib: 2.24 },
    });
  });

  it('of vLLM 0.32 that was really run with the plugin, on two cores: version and settings', () => {
    expect(seen('vllm-0.32-cpu.log')).toMatchObject({
      engine: 'vllm',
      engineVersion: '0.32.0',
      maxModelLen: 1024,
      maxNumSeqs: 2,
      tensorParallel: 1,
      seen: {},
    });
  });

  it('of vLLM V0: the four terms, the memory of the card and the blocks', () => {
    expect(seen('vllm-v0-t4.log')).toMatchObject({
      engineVersion: '0.7.3',
      precision: 'fp16',
      visibleGib: 14.56,
      gpuMemoryUtilization: 0.5,
      seen: { weightsGib: 2.8875, activationGib: 2.02, nonTorchGib: 0.01, kvTokens: 5519 * 16 },
    });
  });

  it('of llama-server: buffers, file type and timings', () => {
    expect(seen('llama-server-t4.log')).toMatchObject({
      engine: 'llama.cpp',
      model: 'Llama-3.1-8B-Instruct',
      precision: 'Q4_0',
      maxModelLen: 8192,
      load: { inputTokens: 512, outputTokens: 256, concurrency: 1 },
      seen: { weightsGib: 4.33, deviceWeightsMib: 4156, computeBufferMib: 560, tpotMs: 20, ttftMs: 512 },
    });
  });

  it('of a llama-server that was really run on two cores (v0.5.0, SmolLM2-135M)', () => {
    expect(seen('llama-server-cpu.log')).toMatchObject({
      precision: 'Q4_1',
      maxModelLen: 2048,
      load: { inputTokens: 9, outputTokens: 6 },
      seen: { weightsGib: 92.1 / 1024, computeBufferMib: 15.51, ttftMs: 1366.21 },
    });
  });

  it('of vllm bench serve: the load and the medians', () => {
    expect(seen('bench-l40s.json')).toMatchObject({
      model: 'Qwen/Qwen3-8B',
      load: { inputTokens: 512, outputTokens: 256, concurrency: 64 },
      seen: { tokensPerSecond: 1476.9, ttftMs: 336, tpotMs: 42.1 },
    });
  });

  it('of vllm bench serve with the dataset random-mm: the images that --metadata names', () => {
    expect(seen('bench-random-mm-h100.json')).toMatchObject({
      model: 'Qwen/Qwen3-VL-4B-Instruct',
      load: { inputTokens: 1226, outputTokens: 120, concurrency: 8, images: 1, imageWidthPx: 1024, imageHeightPx: 1024 },
    });
  });

  it.each(['', '{}', '{"model_id": 3}', 'hello', '{'])('and anything else is left alone: %j', (text) => {
    expect(readLog('x', text)).toBeUndefined();
  });
});

describe('ovkit calibrate', () => {
  const target = () => join(mkdtempSync(join(tmpdir(), 'ovkit-calibrate-')), 'calibration.json');

  it('finds the A100 log within 1 % of the estimate in weights and cache, and points at the graphs', async () => {
    const to = target();
    const { exitCode, json } = await runJson('calibrate', [log('vllm-a100.log'), '--gpu', 'a100', '--to', to]);
    expect(exitCode).toBe(0);
    const calibration = CalibrationSchema.parse(JSON.parse(readFileSync(to, 'utf8')));
    const ratio = (term: string) => calibration.runs[0]?.comparisons.find((item) => item.term === term)?.ratio ?? Number.NaN;
    expect(Math.abs(ratio('weights') - 1)).toBeLessThan(0.01);
    expect(Math.abs(ratio('kv-tokens') - 1)).toBeLessThan(0.01);
    expect(json).toMatchObject({
      kind: 'calibration',
      runs: [{ engineVersion: '0.9.2', device: 'a100', model: 'Qwen/Qwen3-8B', precision: 'bf16' }],
    });
  });

  it('doubts that a log is of a card that could not hold what it holds', async () => {
    const doubts = async (gpu: string) => {
      const { json } = await runJson('calibrate', [log('vllm-a100.log'), '--gpu', gpu, '--to', target()]);
      return (json as { readonly doubts: readonly string[] }).doubts;
    };
    expect(await doubts('a100')).toEqual([]);
    expect(await doubts('l4')).toEqual([expect.stringMatching(/33\.96 GiB, NVIDIA L4 has 22\.06; is it the log of another card/)]);
  });

  it('takes the log of a machine without a card', async () => {
    const flags = ['--instance-type', 'c8i.xlarge', '--model', 'SmolLM2-135M-Instruct-GGUF', '--to', target()];
    const { exitCode, json } = await runJson('calibrate', [log('llama-server-cpu.log'), ...flags]);
    expect(exitCode).toBe(0);
    const terms = (json as Calibration).runs[0]?.comparisons ?? [];
    expect(terms.find((item) => item.term === 'weights')?.ratio).toBeCloseTo(0.982, 2);
    expect(terms.map((item) => item.term)).toContain('compute-buffer');
  });

  it('counts the images of a multimodal bench, whether its result names them or the command line does', async () => {
    const flags = ['--gpu', 'h100', '--precision', 'bf16', '--engine-version', '0.32.0', '--to', target()];
    const result = JSON.parse(readFileSync(log('bench-random-mm-h100.json'), 'utf8')) as Record<string, unknown>;
    const { images_per_request: _count, image_size: _size, ...silent } = result;
    const file = (content: object) => {
      const path = target();
      writeFileSync(path, JSON.stringify(content));
      return path;
    };
    const estimates = async (path: string, ...more: string[]) => {
      const { json } = await runJson('calibrate', [path, ...flags, ...more]);
      return Object.fromEntries(((json as Calibration).runs[0]?.comparisons ?? []).map((item) => [item.term, item.estimate]));
    };
    const named = await estimates(log('bench-random-mm-h100.json'));
    const told = await estimates(file(silent), '--images', '1', '--image-size', '1024x1024');
    const textOnly = await estimates(file({ ...result, total_input_tokens: 64 * 200 }));
    const blind = await estimates(file(silent));
    expect(told).toEqual(named);
    // 1,226 counted tokens are 1,026 of the image and 200 of text: the same prompt, whoever counted.
    expect(textOnly).toEqual(named);
    expect(named.ttft).toBeGreaterThan((blind.ttft as number) * 1.1);
  });

  it('makes the next estimate meet the measurement within 5 % and name the file', async () => {
    const to = target();
    const flags = ['--gpu', 'l40s', '--precision', 'bf16', '--engine-version', '0.10.2'];
    await runJson('calibrate', [log('bench-l40s.json'), ...flags, '--name', 'our bench', '--to', to]);
    const ask = [
      '--model',
      'Qwen3-8B',
      ...flags,
      '--max-model-len',
      '1024',
      '--input-tokens',
      '512',
      '--output-tokens',
      '256',
      '--concurrency',
      '64',
    ];
    const before = (await runJson('estimate', ask)).json as { calibration: null };
    const after = (await runJson('estimate', [...ask, '--calibration', to])).json as {
      ttftMs: { value: number; source: string };
      tpotMs: { value: number };
      calibration: string;
    };
    expect(before.calibration).toBeNull();
    expect(after.calibration).toBe('our bench');
    expect(after.ttftMs.source).toContain('our bench');
    expect(Math.abs(after.ttftMs.value / 336 - 1)).toBeLessThan(0.05);
    expect(Math.abs(after.tpotMs.value / 42.1 - 1)).toBeLessThan(0.05);
  });

  it.each([
    [['nothing.txt'], 'E_FILE_MISSING'],
    [['PLAIN', '--gpu', 'l4'], 'E_CALIBRATION_LOG'],
    [['A100'], 'E_CALIBRATION_LOG'],
    [['A100', '--gpu', 'no-such-card'], 'E_GPU_UNKNOWN'],
    [['A100', '--gpu', 'a100', '--model', 'gemma-3-12b-it'], 'E_CALIBRATION_LOG'],
  ])('%j is bad input: %s', async (args, code) => {
    const plain = join(mkdtempSync(join(tmpdir(), 'ovkit-calibrate-')), 'plain.txt');
    writeFileSync(plain, 'nothing of interest');
    const real = args.map((arg) => (arg === 'PLAIN' ? plain : arg === 'A100' ? log('vllm-a100.log') : arg));
    const { exitCode, json } = await runJson('calibrate', [...real, '--to', target()]);
    expect(exitCode).toBe(3);
    expect(json).toMatchObject({ problems: [{ code }] });
  });

  it('the slowest start of the logs is told, for release.yaml; a start that never got there is not', async () => {
    const model = ['--model', 'Qwen3-8B', '--precision', 'bf16', '--gpu', 'a100', '--to', target()];
    const started = await runJson('calibrate', [log('vllm-0.32-cpu.log'), log('vllm-a100.log'), ...model]);
    expect(started.json).toMatchObject({ startSeconds: 188 });
    const never = await runJson('calibrate', [log('vllm-a100.log'), ...model]);
    expect(never.json).toMatchObject({ startSeconds: null });
  });

  it('a calibration file that was changed by hand is refused with its line', async () => {
    const file = target();
    writeFileSync(file, '{\n"kind": "calibration",\n"schemaVersion": 2\n}\n');
    const { exitCode, json } = await runJson('estimate', ['--model', 'Qwen3-8B', '--gpu', 'l4', '--calibration', file]);
    expect(exitCode).toBe(3);
    expect(json).toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ code: 'E_CALIBRATION_INVALID', location: expect.objectContaining({ line: 3 }) }),
      ]),
    });
  });
});

it('a plan takes a calibration, moves its figures and names it', () => {
  const gpu = plan().placement.gpu === 'NVIDIA L4' ? 'l4' : 'l40s';
  const measured = {
    engine: 'vllm' as const,
    engineVersion: '0.32.0',
    device: gpu,
    model: plan().model.id,
    precision: plan().model.precision,
    comparisons: [
      { term: 'tpot' as const, unit: 'ms', estimate: 10, measured: 11, ratio: 1.1, from: 'bench.json' },
      { term: 'weights' as const, unit: 'GiB', estimate: 10, measured: 10.2, ratio: 1.02, from: 'vllm.log:7' },
    ],
  };
  const calibration: Calibration = {
    kind: 'calibration',
    schemaVersion: 1,
    name: 'our L4',
    madeAt: '2026-11-23T12:00:00Z',
    runs: [measured],
  };
  const before = plan();
  const after = planRelease(release(), CATALOG, { file: 'release.yaml', today: TODAY, calibration });
  const weights = (made: typeof before) => made.fit.terms.find((term) => term.name === 'weights')?.bytes ?? 0;
  expect(after.placement.gpu).toBe(before.placement.gpu);
  expect(weights(after) / weights(before)).toBeCloseTo(1.02, 5);
  expect(after.performance.timePerOutputTokenMs.value).toBeGreaterThan(before.performance.timePerOutputTokenMs.value ?? 0);
  expect(after.sources).toContain('calibration: our L4 (2026-11-23T12:00:00Z)');
  expect(before.sources.join()).not.toContain('calibration');
});

describe('a correction', () => {
  const run = (model: string, term: 'tpot' | 'weights', ratio: number) => ({
    engine: 'vllm' as const,
    engineVersion: '1',
    device: 'l4',
    model,
    precision: 'bf16',
    comparisons: [{ term, unit: 'ms', estimate: 1, measured: ratio, ratio, from: 'x' }],
  });
  const calibration = (...runs: Calibration['runs']): Calibration => ({
    kind: 'calibration',
    schemaVersion: 1,
    name: 'n',
    madeAt: 'now',
    runs,
  });
  const scope = { engine: 'vllm' as const, device: 'l4', model: 'org/A', precision: 'bf16' };

  it('of speed carries over to other models on the card, of memory it does not', () => {
    expect(correctionFor(calibration(run('B', 'tpot', 1.2)), 'tpot', scope)).toMatchObject({ ratio: 1.2, sameModel: false });
    expect(correctionFor(calibration(run('B', 'weights', 1.2)), 'weights', scope)).toBeUndefined();
  });

  it('of the same model wins, and several measurements give their median', () => {
    const mixed = calibration(run('A', 'tpot', 1.1), run('a', 'tpot', 1.3), run('A', 'tpot', 9), run('B', 'tpot', 5));
    expect(correctionFor(mixed, 'tpot', scope)).toMatchObject({ ratio: 1.3, sameModel: true });
  });

  it('does not reach another engine, card or precision', () => {
    const made = calibration(run('A', 'tpot', 1.1));
    expect(correctionFor(made, 'tpot', { ...scope, device: 'l40s' })).toBeUndefined();
    expect(correctionFor(made, 'tpot', { ...scope, engine: 'llama.cpp' })).toBeUndefined();
    expect(correctionFor(undefined, 'tpot', scope)).toBeUndefined();
  });
});
