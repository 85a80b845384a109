import type { Catalog } from '../../catalog/schema';
import { vllmEra } from '../engine-flags/vllm-version';
import { deviceOfGpu } from '../estimate/device';
import { findEstimateModel } from '../estimate/find-model';
import type { References } from '../estimate/reference';
import { kvBytesPerToken } from '../fit/kv-cache';
import { decodeReadBytes, type WeightType, weightBytes } from '../fit/weights';
import { cardShare, PIECEWISE_LAYER_MS, speedConstants } from '../throughput/constants';
import { synchronousStepMs } from '../throughput/step-model';
import { GB, MS } from '../units';
import type { Point } from './points';

/** Single-stream decoding of one point: what it reads, and how long a token took. */
interface Sample {
  readonly point: string;
  readonly model: string;
  readonly gpu: string;
  /** Row of the constants that it belongs to. */
  readonly row: string;
  readonly readSeconds: number;
  /** Known share of the step that is not fitted. */
  readonly addedSeconds: number;
  /** A step is never shorter than this. */
  readonly leastSeconds: number;
  /** What the overhead is counted by: the layers in vLLM, the step in other engines. */
  readonly parts: number;
  readonly seconds: number;
}

/** Error on the points of one group when the constants of its row are fitted without it. */
export interface HeldOut {
  readonly row: string;
  readonly by: 'gpu' | 'model';
  readonly group: string;
  readonly count: number;
  /** Mean of the absolute errors in time per token. */
  readonly mean: number;
  readonly worst: number;
}

/** Grid on which eta and the overhead are fitted. */
const ETAS = Array.from({ length: 26 }, (_, index) => 0.5 + index * 0.02);
const GRID_STEPS = 33;
/** Largest overhead of a layer and of a step. */
const MOST_OF_A_LAYER_MS = 0.16;
const MOST_OF_A_STEP_MS = 6.4;

/**
 * Leave-one-out over cards and over models: bandwidth share (eta) and overhead (by layer in vLLM, else by step) of a row are fitted anew without the group, by
 * least mean absolute error on the time per token, and the group is estimated with them. Groups that are alone in their row are left out.
 */
export function crossValidate(points: readonly Point[], catalog: Catalog, references: References): readonly HeldOut[] {
  const samples = points.flatMap((point) => sampleOf(point, catalog, references) ?? []);
  const rows = [...new Set(samples.map((sample) => sample.row))];
  return rows.flatMap((row) =>
    (['gpu', 'model'] as const).flatMap((by) => {
      const own = samples.filter((sample) => sample.row === row);
      const groups = [...new Set(own.map((sample) => sample[by]))];
      return groups.length < 2 ? [] : groups.map((group) => heldOut(row, by, group, own));
    }),
  );
}

function heldOut(row: string, by: 'gpu' | 'model', group: string, own: readonly Sample[]): HeldOut {
  const { eta, overheadMs } = fitted(own.filter((sample) => sample[by] !== group));
  const errors = own.filter((sample) => sample[by] === group).map((sample) => error(sample, eta, overheadMs));
  return { row, by, group, count: errors.length, mean: mean(errors), worst: Math.max(...errors) };
}

function fitted(samples: readonly Sample[]): { readonly eta: number; readonly overheadMs: number } {
  let best = { eta: 1, overheadMs: 0, error: Number.POSITIVE_INFINITY };
  const most = (samples[0]?.parts ?? 1) > 1 ? MOST_OF_A_LAYER_MS : MOST_OF_A_STEP_MS;
  for (const eta of ETAS) {
    for (let step = 0; step < GRID_STEPS; step += 1) {
      const overheadMs = (step * most) / (GRID_STEPS - 1);
      const found = mean(samples.map((sample) => error(sample, eta, overheadMs)));
      if (found < best.error) best = { eta, overheadMs, error: found };
    }
  }
  return best;
}

function error({ readSeconds, addedSeconds, leastSeconds, parts, seconds }: Sample, eta: number, overheadMs: number): number {
  return Math.abs(Math.max(readSeconds / eta + addedSeconds + (parts * overheadMs) / MS, leastSeconds) / seconds - 1);
}

function sampleOf(point: Point, catalog: Catalog, references: References): Sample | undefined {
  const { engine, gpu, model, precision, load } = point;
  const seconds = secondsPerToken(point);
  if (!engine || !gpu || !model || !precision || seconds === undefined) return undefined;
  const device = deviceOfGpu(catalog, references, gpu).gpu;
  const found = findEstimateModel(catalog, references, model);
  if (!device?.memoryBandwidthGbPerSecond) return undefined;
  const constants = speedConstants(engine, device.memoryClass, Number(device.computeCapability));
  if (!constants) return undefined;
  const bytes =
    found.kind === 'model'
      ? decodeReadBytes(weightBytes(found.model, precision as WeightType)) +
        kvBytesPerToken(found.model.text, 2) * ((load.inputTokens ?? 0) + (load.outputTokens ?? 0) / 2)
      : found.unmodelled.files[precision];
  if (bytes === undefined) return undefined;
  const row = `${engine}, ${device.memoryClass}${constants.fromComputeCapability > 0 ? `, capability ${constants.fromComputeCapability} and later` : ''}`;
  const { layers, experts } = found.kind === 'model' ? found.model.text : { layers: 1, experts: null };
  // What the layers of a mixture take more is a constant of its own, which the points of mixtures were fitted to.
  if (experts) return undefined;
  const vllm = engine === 'vllm';
  // What versions of vLLM add are constants of their own, and not fitted here.
  const era = vllmEra(engine === 'vllm' ? (point.engineVersion ?? '') : '');
  const synchronousMs = vllm ? synchronousStepMs(constants, era, 'value') : 0;
  const leastMs = vllm && !era.wholeGraphs ? synchronousMs + layers * PIECEWISE_LAYER_MS.value : 0;
  const reached = cardShare(engine, precision, device)?.value ?? 1;
  return {
    point: point.id,
    model,
    gpu,
    row,
    readSeconds: bytes / (device.memoryBandwidthGbPerSecond * GB * reached),
    addedSeconds: synchronousMs / MS,
    leastSeconds: leastMs / MS,
    parts: vllm ? layers : 1,
    seconds,
  };
}

/** Only points of one stream: with more, prefill and arithmetic come in. */
function secondsPerToken({ measured, load, settings, apart }: Point): number | undefined {
  if (apart?.tpotMs || (load.concurrency ?? 1) > 1 || settings.enforceEager || (settings.tensorParallel ?? 1) > 1) return undefined;
  if (measured.tpotMs !== undefined) return measured.tpotMs / MS;
  if (measured.decodeTokensPerSecond !== undefined) return 1 / measured.decodeTokensPerSecond;
  return measured.tokensPerSecond === undefined ? undefined : 1 / measured.tokensPerSecond;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
