import type { Catalog } from '../../catalog/schema';
import { shapeOf } from '../estimate/estimate';
import { findEstimateModel } from '../estimate/find-model';
import type { References } from '../estimate/reference';
import { estimateSpeed } from '../estimate/speed';
import { speedConstants } from '../throughput/constants';
import { requestOfPoint } from './accuracy';
import type { HeldOut } from './cross-validation';
import type { Point } from './points';

/** A time to first token with others in flight: what does not depend on the share, and what does. */
interface Sample {
  readonly gpu: string;
  readonly restMs: number;
  readonly wholeQueueMs: number;
  readonly measuredMs: number;
}

const SHARES = Array.from({ length: 61 }, (_, index) => index * 0.005);

/** Leave-one-out over cards: the share of the queue is fitted anew without the points of one card, which are then estimated with it. */
export function firstTokenHeldOut(points: readonly Point[], catalog: Catalog, references: References): readonly HeldOut[] {
  const samples = points.flatMap((point) => sampleOf(point, catalog, references) ?? []);
  return [...new Set(samples.map((sample) => sample.gpu))].map((gpu) => {
    const share = fitted(samples.filter((sample) => sample.gpu !== gpu));
    const errors = samples.filter((sample) => sample.gpu === gpu).map((sample) => error(sample, share));
    return { row: 'vllm, first token', by: 'gpu', group: gpu, count: errors.length, mean: mean(errors), worst: Math.max(...errors) };
  });
}

function sampleOf(point: Point, catalog: Catalog, references: References): Sample | undefined {
  const { measured, load, engine, model, gpu, apart } = point;
  // With images the clients wait for the server's work on them, not for the queue whose share is fitted.
  if (engine !== 'vllm' || load.images || apart?.ttftMs || measured.ttftMs === undefined || (load.concurrency ?? 1) < 2) return undefined;
  const found = findEstimateModel(catalog, references, model ?? '');
  if (found.kind !== 'model') return undefined;
  const request = { ...requestOfPoint(point, catalog, references), model: found.model };
  const concurrency = load.concurrency ?? 1;
  const speed = estimateSpeed(request, shapeOf(request), concurrency, concurrency);
  const card = request.device.gpu;
  const constants = card && speedConstants('vllm', card.memoryClass, Number(card.computeCapability));
  if (!speed || constants?.firstToken.kind !== 'queue') return undefined;
  const restMs = speed.ttftMs.value - constants.firstToken.share.value * speed.wholeQueueMs;
  return { gpu: gpu ?? '', restMs, wholeQueueMs: speed.wholeQueueMs, measuredMs: measured.ttftMs };
}

function fitted(samples: readonly Sample[]): number {
  const errorOf = (share: number): number => mean(samples.map((sample) => error(sample, share)));
  return SHARES.reduce((best, share) => (errorOf(share) < errorOf(best) ? share : best));
}

function error({ restMs, wholeQueueMs, measuredMs }: Sample, share: number): number {
  return Math.abs((restMs + share * wholeQueueMs) / measuredMs - 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
