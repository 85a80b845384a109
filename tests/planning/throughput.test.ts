import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../planning/choose/node';
import { vllmEra } from '../../planning/engine-flags/vllm-version';
import { deviceOfGpu, deviceOfInstance } from '../../planning/estimate/device';
import { type RequestShape, requestShape } from '../../planning/request';
import {
  boundByImages,
  inFlightAt95,
  meanHeldBy,
  outputTokensPerSecond,
  requestsPerSecond,
  steadyAt,
  stepSeconds,
} from '../../planning/throughput/at-rate';
import { closedQueue } from '../../planning/throughput/closed-queue';
import {
  IMAGE_HOST_MS_PER_MEGAPIXEL,
  PIECEWISE_LAYER_MS,
  SPEED_CONSTANTS,
  TENSOR_PARALLEL_LAYER_MS,
} from '../../planning/throughput/constants';
import { type End, speedOf } from '../../planning/throughput/step-model';
import { visionFlopsPerImage } from '../../planning/throughput/vision-flops';
import { CATALOG, LLAMA_8B, model, node, point, QWEN3_8B, REFERENCES, release } from './support';

const text = (inputTokens: number, outputTokens: number): RequestShape => ({
  images: 0,
  imageTokens: 0,
  promptTokens: inputTokens,
  outputTokens,
  inputTokens,
  totalTokens: inputTokens + outputTokens,
  imagePixels: 0,
  visionPatches: 0,
  visionFlops: 0,
  downscaled: false,
});
const engine = (name: string) => CATALOG.engines.find((candidate) => candidate.name === name) as (typeof CATALOG.engines)[number];

type Settings = Partial<Pick<Parameters<typeof speedOf>[0], 'era' | 'enforceEager' | 'tensorParallel'>>;

function speed(
  on: Node,
  request = text(512, 256),
  precision: 'bf16' | 'awq-int4' | 'Q4_K_M' = 'bf16',
  name = 'vllm',
  of = QWEN3_8B,
  settings: Settings = {},
) {
  const found = speedOf({ model: of, precision, engine: engine(name), request, node: on, tensorParallel: 1, ...settings });
  if (!found) throw new Error('no speed');
  return found;
}

describe('Qwen3-8B on L40S, vLLM 0.10.2', () => {
  const era = vllmEra('0.10.2');
  const at0102 = (precision: 'bf16' | 'awq-int4') =>
    speed(node('g6e.xlarge'), text(512, 256), precision, 'vllm', QWEN3_8B, { era }).model('value');
  const l40s = at0102('bf16');

  it.each([1, 4, 16])('output tokens/s at concurrency %i are right within 7.5 %%', (concurrency) => {
    const measured = point(`tps-l40s-qwen3-8b-bf16-c${concurrency}`).value;
    expect(Math.abs(outputTokensPerSecond(l40s, concurrency) / measured - 1)).toBeLessThan(0.075);
  });

  it('is right within 5 % on average', () => {
    const errors = [1, 4, 16].map((c) => Math.abs(outputTokensPerSecond(l40s, c) / point(`tps-l40s-qwen3-8b-bf16-c${c}`).value - 1));
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.05);
  });

  it('time per token alone is right within 5 %', () => {
    expect(Math.abs((stepSeconds(l40s, 1) * 1000) / point('tpot-l40s-qwen3-8b-bf16-c1').value - 1)).toBeLessThan(0.05);
  });

  it('int4 reads fewer bytes: over twice as fast alone, as measured (100 tokens/s)', () => {
    expect(Math.abs(outputTokensPerSecond(at0102('awq-int4'), 1) / 100 - 1)).toBeLessThan(0.1);
  });

  it('is calibrated for text and extrapolated on other cards', () => {
    expect(speed(node('g6e.xlarge')).basis).toBe('calibrated');
    expect(speed(node('g5.xlarge')).basis).toBe('extrapolated');
    expect(speed(node('g6e.xlarge'), { ...text(512, 256), visionFlops: 1e12 }).basis).toBe('extrapolated');
  });
});

const SEQUENCE_MS = SPEED_CONSTANTS.find((row) => row.engine === 'vllm')?.sequenceOverheadMs.value ?? 0;

it('attention beside the graphs holds a small model on a fast card to the pace of the host', () => {
  const step = (version: string) =>
    stepSeconds(speed(node('p5.48xlarge'), text(64, 64), 'awq-int4', 'vllm', LLAMA_8B, { era: vllmEra(version) }).model('value'), 1);
  expect(step('0.9.1')).toBeGreaterThanOrEqual((32 * PIECEWISE_LAYER_MS.value) / 1000);
  expect(step('0.11.0')).toBeLessThan(step('0.9.1'));
});

it('a short prompt beside a batch costs less than alone, since the weights are read anyway', () => {
  const l40s = speed(node('g6e.xlarge')).model('value');
  const beside = stepSeconds(l40s, 8, 1) - stepSeconds(l40s, 8);
  expect(beside).toBeGreaterThan(0);
  expect(beside).toBeLessThan(l40s.prefillSeconds);
  const llama = speed(node('g6e.xlarge'), text(512, 256), 'Q4_K_M', 'llama.cpp', LLAMA_8B).model('value');
  expect(stepSeconds(llama, 8, 1) - stepSeconds(llama, 8)).toBeCloseTo(llama.prefillSeconds, 9);
});

it('older versions add to a step what the host does while the GPU waits, and a step without CUDA graphs is never shorter than its launches', () => {
  const step = (settings: Settings) =>
    stepSeconds(speed(node('g6e.xlarge'), text(512, 256), 'awq-int4', 'vllm', QWEN3_8B, settings).model('value'), 1);
  expect(step({ era: vllmEra('0.13.0') })).toBeGreaterThan(step({ era: vllmEra('0.14.0') }));
  expect(step({ era: vllmEra('0.32.0') })).toBe(step({}));
  expect(step({ era: vllmEra('0.7.3') })).toBeGreaterThan(step({ era: vllmEra('0.8.0') }));
  expect(step({ era: vllmEra('0.10.2') })).toBeGreaterThan(step({ era: vllmEra('0.11.0') }));
  expect(step({ enforceEager: true })).toBeCloseTo(36 * 0.52e-3 + SEQUENCE_MS / 1000, 6);
});

it('tensor parallel costs a layer of every step, and the prompt most where cards have no NVLink', () => {
  const of = (type: string, tensorParallel: number) =>
    speed(node(type), text(2048, 128), 'bf16', 'vllm', LLAMA_8B, { tensorParallel }).model('value');
  expect(of('p4d.24xlarge', 8).overheadSeconds - of('p4d.24xlarge', 4).overheadSeconds).toBeCloseTo(
    (32 * TENSOR_PARALLEL_LAYER_MS.value) / 1000,
    9,
  );
  expect(of('p4d.24xlarge', 2).prefillAloneSeconds).toBeLessThan(of('p4d.24xlarge', 1).prefillAloneSeconds);
  expect(of('g6e.12xlarge', 4).prefillAloneSeconds).toBeGreaterThan(of('g6e.12xlarge', 1).prefillAloneSeconds / 4);
});

it('A100: one request of Llama-3.1-8B is right within 15 %', () => {
  const step = stepSeconds(speed(node('p4d.24xlarge'), text(1024, 128), 'bf16', 'vllm', LLAMA_8B).model('value'), 1);
  expect(Math.abs(1 / step / point('a100-40-llama31-c1').value - 1)).toBeLessThan(0.15);
});

it('llama.cpp on L40S: decoding Llama-3-8B Q4_K_M is right within 15 %', () => {
  const step = stepSeconds(speed(node('g6e.xlarge'), text(16, 1024), 'Q4_K_M', 'llama.cpp', LLAMA_8B).model('value'), 1);
  expect(Math.abs(1 / step / point('xd-l40s-q4').value - 1)).toBeLessThan(0.15);
});

it('a vision tower of 0.3 B over 5,476 patches takes about 6.2 TFLOP, half of it attention', () => {
  const flops = visionFlopsPerImage(model('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct'), 5476);
  expect(flops / 1e12).toBeGreaterThan(6);
  expect(flops / 1e12).toBeLessThan(6.8);
});

it('every constant has its value inside its range, and says where it comes from', () => {
  for (const row of SPEED_CONSTANTS) {
    for (const constant of [row.bandwidthEfficiency, row.stepOverheadMs, row.layerOverheadMs, row.synchronousStepMs, row.prefillMfu]) {
      expect(constant.low).toBeLessThanOrEqual(constant.value);
      expect(constant.high).toBeGreaterThanOrEqual(constant.value);
      expect(constant.source).not.toBe('');
    }
  }
});

describe('a replica under a steady rate', () => {
  const l4 = speed(node('g6.xlarge'), text(1766, 120)).model('value');

  it('holds by Little what arrives times how long it stays', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1.4, noNaN: true }), (rate) => {
        const steady = steadyAt(l4, rate);
        if (!steady) return;
        const stay = steady.timeToFirstTokenSeconds + 119 * steady.timePerOutputTokenSeconds;
        expect(steady.inFlight).toBeCloseTo(rate * stay, 9);
      }),
    );
  });

  it('has the batch at which its throughput equals the rate', () => {
    for (const batch of [1, 2, 8, 32, 64]) {
      const rate = requestsPerSecond(l4, batch);
      expect((steadyAt(l4, rate)?.decoding ?? 0) / batch).toBeCloseTo(1, 4);
    }
  });

  it('gets slower with more load and then cannot keep up', () => {
    const slow = [0.1, 0.5, 1].map((rate) => steadyAt(l4, rate)?.timePerOutputTokenSeconds ?? Number.NaN);
    expect(slow).toEqual([...slow].sort((a, b) => a - b));
    expect(steadyAt(l4, 1000)).toBeUndefined();
  });
});

it('the load that a number of places holds is the inverse of the places that a load needs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (places) => {
      expect(inFlightAt95(meanHeldBy(places) * 0.999)).toBeLessThanOrEqual(places);
      expect(inFlightAt95(meanHeldBy(places) * 1.001 + 0.001)).toBeGreaterThan(places);
    }),
  );
});

describe('a closed loop of clients and one server', () => {
  it('without work for the server is as fast as the clients', () => {
    expect(closedQueue(8, 0, 2)).toEqual({ perSecond: 4, responseSeconds: 0 });
  });

  it('serves one client alone, never more than the server can, and each client is somewhere all the time', () => {
    expect(closedQueue(1, 0.1, 0.4).perSecond).toBeCloseTo(2, 12);
    for (const clients of [2, 8, 32, 128]) {
      const { perSecond, responseSeconds } = closedQueue(clients, 0.1, 0.4);
      expect(perSecond).toBeLessThanOrEqual(10 + 1e-9);
      expect(perSecond * (responseSeconds + 0.4)).toBeCloseTo(clients, 9);
    }
    expect(closedQueue(128, 0.1, 0.4).perSecond).toBeGreaterThan(9.99);
  });
});

it('images cost the server of vLLM time that no card shortens, and bound the requests of a second', () => {
  const shape = (imageWidthPx: number) =>
    requestShape(
      {
        imagesPerRequest: 1,
        imageWidthPx,
        imageHeightPx: 1000,
        promptTokens: 100,
        outputTokens: 1,
        peakRequestsPerSecond: 1,
        hoursPerMonth: 1,
      },
      model('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct'),
    );
  const b200 = CATALOG.gpus.find((gpu) => gpu.key === 'b200');
  if (!b200) throw new Error('no B200');
  const speed = (imageWidthPx: number) =>
    speedOf({
      model: model('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct'),
      precision: 'bf16',
      engine: { kind: 'vllm', devices: ['gpu'] },
      request: shape(imageWidthPx),
      node: { instance: null, cpuBandwidthGbPerSecond: null, vcpu: 0, gpuCount: 1, gpuFraction: 1, gpu: b200 },
      tensorParallel: 1,
    })?.model('value');
  const [one, two] = [speed(1000), speed(2000)];
  if (!one || !two) throw new Error('no speed');
  const perMegapixel = IMAGE_HOST_MS_PER_MEGAPIXEL.value / 1000;
  expect([one.imageSeconds, two.imageSeconds]).toEqual([perMegapixel, 2 * perMegapixel]);
  expect(requestsPerSecond(one, 128)).toBeCloseTo(1 / perMegapixel, 9);
  const longer = { ...one, outputTokens: 100 };
  expect([boundByImages(longer, 1), boundByImages(longer, 128)]).toEqual([false, true]);
  const most = 1 / (2 * perMegapixel);
  expect(steadyAt(two, 1.01 * most)).toBeUndefined();
  // at 0.9 of what one server can do, the queue before it is 0.9 / (2 x 0.1) of its work (M/D/1)
  expect(steadyAt(two, 0.9 * most)?.timeToFirstTokenSeconds).toBeGreaterThan(2 * perMegapixel * (1 + 0.9 / (2 * 0.1)));
});

describe('the vCPU of a machine', () => {
  const images = (on: Node, end: End, tensorParallel = 1) => {
    const of = model('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct');
    const { load } = release();
    return speed(on, requestShape(load, of), 'bf16', 'vllm-onevision', of, { tensorParallel }).model(end).imageSeconds;
  };
  const g6 = (vcpu: number): Node => ({ ...node('g6.xlarge'), vcpu });

  it('make images slower when a replica has fewer than it keeps busy, and no faster when it has more', () => {
    expect(images(g6(2), 'value')).toBeCloseTo(2 * images(g6(4), 'value'), 12);
    expect(images(g6(64), 'value')).toBe(images(g6(4), 'value'));
    expect(images(g6(4), 'slow')).toBeCloseTo(2 * images(g6(8), 'slow'), 12);
    expect(images(g6(2), 'fast')).toBe(images(g6(64), 'fast'));
  });

  it('are shared by the replicas of a machine', () => {
    const four: Node = { ...node('g6.12xlarge'), vcpu: 8 };
    expect(images(four, 'value')).toBeCloseTo(2 * images(four, 'value', 2), 12);
    expect(images(four, 'value', 4)).toBe(images(four, 'value', 2));
  });

  it('count in an estimate of an instance type, and not in that of a card alone', () => {
    const card = deviceOfGpu(CATALOG, REFERENCES, 'l4');
    expect(deviceOfInstance(CATALOG, REFERENCES, 'g6.12xlarge')).toEqual({ ...card, vcpu: 48, gpuCount: 4 });
    expect(card.vcpu).toBe(0);
  });
});
