import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { loadPoints } from '../../planning/calibration/points';
import { measuredPoints } from '../../runtime/bench/measured-points';
import { type BenchPoints, benchText, type MeasuredModel } from '../../runtime/bench/points';

const GIB = 2 ** 30;
const step = {
  concurrency: 4,
  requests: 16,
  failed: 0,
  firstError: null,
  inputTokensMean: 1798.6,
  requestsPerSecond: 2,
  outputTokensPerSecond: 240.5,
  timeToFirstTokenMs: { p50: 310, p95: 400 },
  timePerOutputTokenMs: { p50: 18.5, p95: 20 },
};

function measured(id: string, tiny = false): MeasuredModel {
  return {
    conditions: {
      weights: 'random, 5 parameters, seed fixed',
      model: { id, precision: 'bf16', tiny },
      engine: {
        name: 'vllm-onevision',
        kind: 'vllm',
        version: '0.32.0',
        args: ['--max-model-len', '2048', '--dtype', 'bfloat16', '--mm-processor-kwargs', '{"min_pixels":3136,"max_pixels":1000000}'],
      },
      shape: { images: 1, prompt_tokens: 200, output_tokens: 120, image_width: 1280, image_height: 960 },
      device: { gpus: ['NVIDIA L4, 23034 MiB, 550.54.15'] },
    },
    startSeconds: 61.2,
    engineTerms: { weightsBytes: 8.9412 * GIB, kvCacheTokens: 71_872 },
    againstPlan: [],
    sweep: [step, { ...step, concurrency: 8, requests: 0, failed: 16, firstError: 'HTTP 500', requestsPerSecond: null }],
  };
}

const run: BenchPoints = {
  kind: 'bench',
  measured: '2026-12-01T10:00:00+00:00',
  ...measured('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct'),
  beside: [
    measured('Qwen/Qwen3-VL-4B-Instruct'),
    { conditions: { model: { id: 'Qwen/Qwen2.5-VL-7B-Instruct' } }, error: 'the engine ended with 1:\nout of memory' },
  ],
};

describe('measured points of a bench', () => {
  const { gpus } = loadCatalog();

  it('are entries that the catalogue accepts, of every model that was measured', () => {
    const points = measuredPoints(run, gpus);
    const folder = mkdtempSync(join(tmpdir(), 'ovkit-points-'));
    const file = join(folder, 'measured-points.json');
    writeFileSync(file, JSON.stringify({ _about: 'x', points }));
    expect(loadPoints(file)).toEqual(points);
    rmSync(folder, { recursive: true });
    expect(points.map(({ id }) => id)).toEqual([
      'bench-llava-onevision-1.5-4b-instruct-l4-2026-12-01-memory',
      'bench-llava-onevision-1.5-4b-instruct-l4-2026-12-01-c4',
      'bench-qwen3-vl-4b-instruct-l4-2026-12-01-memory',
      'bench-qwen3-vl-4b-instruct-l4-2026-12-01-c4',
    ]);
    expect(points[0]).toMatchObject({
      gpu: 'l4',
      settings: { maxModelLen: 2048, maxPixels: 1_000_000 },
      measured: { weightsGib: 8.9412, kvTokens: 71_872 },
    });
    expect(points[1]).toMatchObject({
      load: { inputTokens: 1799, outputTokens: 120, concurrency: 4, images: 1, imageWidthPx: 1280, imageHeightPx: 960 },
      measured: { tokensPerSecond: 240.5, ttftMs: 310, tpotMs: 18.5 },
      source: expect.stringContaining('1 picture(s) of 1280x960'),
    });
  });

  it('name no card that the catalogue does not know, nor one that several names fit', () => {
    const on = (gpu: string) =>
      measuredPoints({ ...run, conditions: { ...run.conditions, device: { gpus: [gpu] } }, beside: [] }, gpus)[0]?.gpu;
    expect(on('NVIDIA L40S, 46068 MiB, 550.54.15')).toBe('l40s');
    expect(on('Tesla T4, 15360 MiB, 550.54.15')).toBe('t4');
    expect(on('Some Card 9000, 1 MiB, 1')).toBeNull();
  });

  it('are none after a tiny run, whose figures mean nothing', () => {
    expect(measuredPoints({ ...run, ...measured('x', true), beside: [] }, gpus)).toEqual([]);
  });

  it('stand in the text, with what could not be measured', () => {
    expect(benchText(run)).toContain('beside it, Qwen/Qwen2.5-VL-7B-Instruct:\nNOT MEASURED: out of memory');
    expect(benchText(run)).toContain('concurrency 8: unknown requests/s');
  });
});
