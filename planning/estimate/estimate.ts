import { type Basis, type Figure, mapFigure, unknownFigure } from '../../core/figure';
import { correctionFor } from '../calibration/apply';
import { PARTITION_VISIBLE_SHARE } from '../choose/node';
import { exactly, scale } from '../ranged';
import { type RequestShape, requestShape } from '../request';
import { GIB, SECONDS_PER_HOUR } from '../units';
import { estimateMemory, type MemoryEstimate, scopeOf } from './memory';
import { hardwareObstacle } from './obstacle';
import { figure } from './ranged-figure';
import { estimateSettings } from './settings';
import { estimateSpeed } from './speed';
import type { Estimate, EstimateRequest } from './types';
import { judge } from './verdict';

/** Load of an estimate that names none: a prompt of 512 tokens, an answer of 256, one client. */
export const DEFAULT_LOAD = { inputTokens: 512, outputTokens: 256, concurrency: 1 } as const;
/** Size of a picture whose size is not told, as in the default release. */
const DEFAULT_IMAGE = { imageWidthPx: 1280, imageHeightPx: 960 } as const;
/** Measured on these the memory constants are calibrated, on others they are carried over. */
const MEMORY_MEASURED_ON = new Set(['h100', 'l40s', 'l4', 't4', 'a100', 'rtx-3090', 'rtx2060-12gb']);
const TOKENS_PER_MILLION = 1e6;
/** Said beside the speed of settings that leave no cache for one request. */
const AS_IF = 'with these settings the cache does not hold one request; the speed is that of settings with which it does';

/** What fits and how fast, for one model on one card. Pure: the same request gives the same estimate. */
export function estimate(asked: EstimateRequest): Estimate {
  const request = withDefaults(asked);
  const shape = shapeOf(request);
  const { settings, memory } = sized(request, shape);
  const obstacle = hardwareObstacle(request);
  const concurrency = request.load.concurrency ?? DEFAULT_LOAD.concurrency;
  const judged = judge({ request, settings, memory, obstacle });
  const memoryBasis: Exclude<Basis, 'unknown'> = MEMORY_MEASURED_ON.has(request.device.key) ? 'calibrated' : 'extrapolated';
  const weightsBasis: Exclude<Basis, 'unknown'> = request.weightFiles ? 'sourced' : 'derived';
  const noMemory = `how much memory CUDA reports on ${request.device.name} is not known`;
  const weightsSource = memory.terms.find((term) => term.name === 'weights')?.formula ?? 'weights';

  const held = memory.tokens === null ? null : Math.max(0, Math.floor(memory.tokens.value / Math.max(1, shape.totalTokens)));
  // With other settings it may still run; then its speed is told all the same, with a note.
  const runnable = obstacle === undefined && memory.weights.value < (request.device.visibleBytes ?? 0);
  const places = Math.min(settings.maxNumSeqs, Math.max(1, held ?? 1));
  const speed = runnable || memory.tokens === null ? estimateSpeed(request, shape, concurrency, places) : undefined;
  const noSpeed =
    obstacle ??
    (runnable || memory.tokens === null ? `the speed of ${request.device.name} with ${request.engine} was never measured` : judged.because);
  const speedFigure = (pick: 'ttftMs' | 'tpotMs' | 'outputTokensPerSecond') =>
    speed ? figure(speed[pick], speed.basis, speed.source) : unknownFigure(noSpeed);
  const rate = correctedRate(request, speedFigure('outputTokensPerSecond'));

  const { usdPerHour } = request;
  const perReplica = mapFigure(usdPerHour.figure, (usd) => usd / usdPerHour.replicas, usdPerHour.figure.source);
  return {
    kind: 'estimate',
    schemaVersion: 1,
    model: {
      id: request.model.id,
      architecture: request.model.architecture,
      parameters: request.model.parameters.total,
      precision: request.precision,
      source: request.model.source,
    },
    device: {
      key: request.device.key,
      name: request.device.name,
      count: settings.tensorParallel,
      visibleGib: request.device.visibleBytes === null ? null : request.device.visibleBytes / GIB,
    },
    engine: { name: request.engine, version: request.engineVersion, settings },
    load: {
      inputTokens: shape.inputTokens,
      imageTokens: shape.imageTokens,
      outputTokens: shape.outputTokens,
      concurrency,
      assumed: assumed(asked),
    },
    verdict: judged.verdict,
    because: judged.because,
    fits: { ...judged.fits, basis: judged.fits.value === null ? 'unknown' : memoryBasis },
    weightsGib: figure(scale(memory.weights, 1 / GIB), weightsBasis, weightsSource),
    kvCacheTokens: memory.tokens
      ? figure(memory.tokens, memoryBasis, 'what is left of the budget / bytes per token, in whole blocks')
      : unknownFigure(noMemory),
    totalVramGib:
      memory.budgetBytes === null
        ? unknownFigure(noMemory)
        : figure(scale(memory.total, 1 / GIB), memoryBasis, totalSource(request, memory)),
    requiredVramGib: figure(scale(memory.required, 1 / GIB), memoryBasis, 'terms and the KV cache of the load, or of one longest sequence'),
    concurrentRequests:
      held === null
        ? unknownFigure(noMemory)
        : figure(scale(memory.tokens ?? exactly(0), 1 / Math.max(1, shape.totalTokens)), memoryBasis, 'KV tokens / tokens of one request'),
    ttftMs: speedFigure('ttftMs'),
    tpotMs: speedFigure('tpotMs'),
    outputTokensPerSecond: rate,
    usdPerHour: { ...usdPerHour.figure, instanceType: usdPerHour.instanceType, region: usdPerHour.region, replicas: usdPerHour.replicas },
    usdPerMillionOutputTokens: perMillion(perReplica, rate),
    terms: memory.terms,
    shape: { layers: request.model.text.layers, kvHeads: request.model.text.kvHeads, headDim: request.model.text.headDim },
    notes: [...(speed?.notes ?? []), ...notesOf(request, memory, concurrency), ...(speed && held === 0 ? [AS_IF] : [])],
    calibration: request.calibration?.name ?? null,
  };
}

function withDefaults(request: EstimateRequest): EstimateRequest {
  const model = request.weightFiles ? withFiles(request) : request.model;
  return { ...request, model, load: { ...request.load, concurrency: request.load.concurrency ?? DEFAULT_LOAD.concurrency } };
}

/** The length of the files wins over parameters times bytes. */
function withFiles({ model, precision, weightFiles }: EstimateRequest): EstimateRequest['model'] {
  if (!weightFiles) return model;
  return {
    ...model,
    weights: [
      {
        precision: precision as never,
        fileBytes: weightFiles.bytes,
        projectorBytes: null,
        origin: 'published',
        source: weightFiles.source,
      },
    ],
  };
}

/** Tokens, images and arithmetic of one request of an estimate. */
export function shapeOf({ model, load }: EstimateRequest): RequestShape {
  return requestShape(
    {
      imagesPerRequest: load.images,
      ...(withoutSize(load) ? DEFAULT_IMAGE : { imageWidthPx: load.imageWidthPx, imageHeightPx: load.imageHeightPx }),
      promptTokens: load.inputTokens ?? DEFAULT_LOAD.inputTokens,
      outputTokens: load.outputTokens ?? DEFAULT_LOAD.outputTokens,
      peakRequestsPerSecond: 1,
      hoursPerMonth: 1,
    },
    model,
  );
}

function sized(request: EstimateRequest, shape: RequestShape) {
  const settings = estimateSettings(request, shape);
  return { settings, memory: estimateMemory(request, shape, settings) };
}

function assumed({ load }: EstimateRequest): string[] {
  const parts = (['inputTokens', 'outputTokens', 'concurrency'] as const).filter((part) => load[part] === undefined);
  return withoutSize(load) ? [...parts, 'imageSize'] : parts;
}

function withoutSize({ images, imageWidthPx }: EstimateRequest['load']): boolean {
  return images > 0 && imageWidthPx === undefined;
}

function correctedRate(request: EstimateRequest, rate: Figure): Figure {
  const correction = correctionFor(request.calibration, 'throughput', scopeOf(request));
  const corrected = correction?.sameModel ? correction : undefined;
  return corrected ? mapFigure(rate, (value) => value * corrected.ratio, `${rate.source}; ${corrected.source}`) : rate;
}

/** Dear tokens come from few tokens a second: the ends of price and rate are crossed. */
function perMillion(usdPerHour: Figure, rate: Figure): Figure {
  if (usdPerHour.value === null || usdPerHour.low === null || usdPerHour.high === null) return unknownFigure(usdPerHour.source);
  if (rate.value === null || rate.low === null || rate.high === null) return unknownFigure(rate.source);
  const usd = (hour: number, tokens: number) => (hour / (SECONDS_PER_HOUR * tokens)) * TOKENS_PER_MILLION;
  return {
    value: usd(usdPerHour.value, rate.value),
    low: usd(usdPerHour.low, rate.high),
    high: usd(usdPerHour.high, rate.low),
    basis: rate.basis,
    source: `${usdPerHour.source}; ${rate.source}`,
  };
}

function totalSource(request: EstimateRequest, memory: MemoryEstimate): string {
  if (request.engine === 'llama.cpp') return 'sum of the terms and the whole KV cache, which llama-server reserves at its start';
  return (memory.left?.value ?? 0) < 0
    ? 'sum of the terms; more than the budget'
    : 'gpu_memory_utilization x memory as CUDA reports it; vLLM takes it whole';
}

function notesOf(request: EstimateRequest, memory: MemoryEstimate, concurrency: number): string[] {
  const short = memory.tokens !== null && memory.tokens.low < memory.tokensOfLoad;
  return [
    ...(short && concurrency > 1 ? [`the KV cache may not hold ${concurrency} requests at once; vLLM then lets some wait`] : []),
    ...(request.device.gpuFraction < 1
      ? [
          `${request.device.name}: its memory is ${PARTITION_VISIBLE_SHARE} of the figure of EC2, bandwidth and arithmetic are its share of the card; nothing was measured on one, and \`ovkit plan\` places nothing there`,
        ]
      : []),
    ...(request.usdPerHour.replicas > 1
      ? [`the price per token counts ${request.usdPerHour.replicas} busy replicas on one ${request.usdPerHour.instanceType}`]
      : []),
  ];
}
