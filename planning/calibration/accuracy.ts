import type { Catalog } from '../../catalog/schema';
import type { Figure } from '../../core/figure';
import { vllmEra } from '../engine-flags/vllm-version';
import { deviceOfGpu } from '../estimate/device';
import { estimate } from '../estimate/estimate';
import { findEstimateModel } from '../estimate/find-model';
import { withMaxPixels } from '../estimate/max-pixels';
import { hourlyPrice } from '../estimate/price';
import type { References } from '../estimate/reference';
import type { Estimate, EstimateRequest } from '../estimate/types';
import { estimateUnmodelled } from '../estimate/unmodelled';
import { kvBytesPerToken } from '../fit/kv-cache';
import { cudaGraphsTerm } from '../fit/vllm';
import type { WeightType } from '../fit/weights';
import { exactly, type Ranged, scale } from '../ranged';
import { GIB, MIB, MS } from '../units';
import { countedLoad } from './counted-load';
import { MEASURED, type Measured, type Point } from './points';

/** apart: the measurement contradicts others; see the point. */
export type Role = Point['role'] | 'apart';

/** One measurement beside its estimate. */
export interface AccuracyRow {
  readonly point: string;
  readonly kind: Measured;
  readonly model: string;
  readonly gpu: string;
  readonly engine: string;
  readonly precision: string;
  /** Whether the model sees images. */
  readonly vision: boolean;
  readonly role: Role;
  /** Why it is summed up apart. */
  readonly apart: string | undefined;
  readonly grade: Point['grade'];
  /** Requests in flight. */
  readonly concurrency: number;
  /** Null when the kit says "unknown". */
  readonly estimate: number | null;
  /** The range that the kit states; null when it states none. */
  readonly range: Ranged | null;
  readonly measured: number;
  /** estimate / measured - 1; null when unknown. */
  readonly residual: number | null;
  readonly source: string;
}

/** Every measurement beside the estimate for the same model, card, engine and settings. */
export function accuracyRows(points: readonly Point[], catalog: Catalog, references: References): readonly AccuracyRow[] {
  return points.flatMap((point) => {
    const made = point.role === 'data' ? undefined : estimateOfPoint(point, catalog, references);
    return (Object.entries(point.measured) as [Measured, number][]).map(([kind, measured]) => {
      const range = made ? estimatedRange(kind, made) : null;
      const value = kind === 'visibleMib' ? visible(point, catalog, references) : (range?.value ?? null);
      return {
        point: point.id,
        kind,
        model: point.model ?? '',
        gpu: point.gpu ?? '',
        engine: point.engine ?? '',
        precision: point.precision ?? '',
        vision: point.role !== 'data' && hasVision(point.model ?? '', catalog, references),
        role: point.apart?.[kind] ? ('apart' as const) : point.role,
        apart: point.apart?.[kind],
        grade: point.grade,
        concurrency: point.load.concurrency ?? 1,
        estimate: value,
        range,
        measured,
        residual: value === null ? null : value / measured - 1,
        source: point.source,
      };
    });
  });
}

function hasVision(model: string, catalog: Catalog, references: References): boolean {
  const found = findEstimateModel(catalog, references, model);
  return found.kind === 'model' && found.model.vision !== null;
}

/** The estimate for the settings of a point. */
export function estimateOfPoint(point: Point, catalog: Catalog, references: References): Estimate {
  const request = requestOfPoint(point, catalog, references);
  const found = findEstimateModel(catalog, references, point.model ?? '');
  if (found.kind === 'unmodelled') return estimateUnmodelled(request, found.unmodelled);
  const model = withMaxPixels(found.model, point.settings.maxPixels);
  return estimate({ ...request, model, load: countedLoad(point.load, model) });
}

/** The settings of a point as the request of an estimate. */
export function requestOfPoint(point: Point, catalog: Catalog, references: References): Omit<EstimateRequest, 'model'> {
  const { settings, load } = point;
  const device = deviceOfGpu(catalog, references, point.gpu ?? '');
  const tensorParallel = settings.tensorParallel ?? 1;
  return {
    precision: point.precision as WeightType,
    device: settings.visibleGib === undefined ? device : { ...device, visibleBytes: settings.visibleGib * GIB },
    engine: point.engine ?? 'vllm',
    engineVersion: point.engineVersion ?? '',
    tensorParallel,
    kvDtype: 'auto',
    gpuMemoryUtilization: settings.gpuMemoryUtilization,
    maxModelLen: settings.maxModelLen,
    maxNumSeqs: settings.maxNumSeqs,
    maxNumBatchedTokens: settings.maxNumBatchedTokens,
    enforceEager: settings.enforceEager,
    load: { ...load, images: 0 },
    usdPerHour: hourlyPrice(catalog, device.gpu?.key ?? null, tensorParallel, 'us-east-1', undefined),
  };
}

function estimatedRange(kind: Measured, made: Estimate): Ranged | null {
  const term = (name: string): Ranged | null => {
    const found = made.terms.find((part) => part.name === name);
    return found ? { value: found.bytes, low: found.low, high: found.high } : null;
  };
  const times = (range: Ranged | null, factor: number): Ranged | null => range && scale(range, factor);
  const { settings } = made.engine;
  switch (kind) {
    case 'weightsGib':
      return known(made.weightsGib);
    case 'deviceWeightsMib':
      return times(term('weights'), 1 / MIB);
    case 'activationGib':
      return times(term('activation peak'), 1 / GIB);
    case 'nonTorchGib':
      return times(term('non-torch'), 1 / GIB);
    case 'graphsGib': {
      const { bytes: value, low, high } = cudaGraphsTerm({ era: vllmEra(made.engine.version), maxNumSeqs: settings.maxNumSeqs });
      return scale({ value, low, high }, 1 / GIB);
    }
    case 'kvTokens':
      return known(made.kvCacheTokens);
    case 'kvBytesPerToken':
      return exactly(bytesPerToken(made));
    case 'kvGib':
      return times(known(made.kvCacheTokens), bytesPerToken(made) / GIB);
    case 'kvMib':
      return exactly((settings.maxModelLen * settings.maxNumSeqs * bytesPerToken(made)) / MIB);
    case 'totalGib':
      return known(made.totalVramGib);
    case 'tpotMs':
      return known(made.tpotMs);
    case 'ttftMs':
      return known(made.ttftMs);
    case 'tokensPerSecond':
      return known(made.outputTokensPerSecond);
    case 'decodeTokensPerSecond':
      return perSecond(made.tpotMs, 1);
    case 'prefillTokensPerSecond':
      return perSecond(made.ttftMs, made.load.inputTokens);
    default:
      return null;
  }
}

function known({ value, low, high }: Figure): Ranged | null {
  return value === null || low === null || high === null ? null : { value, low, high };
}

/** So many things in a time of milliseconds, as a rate; the ends change places. */
function perSecond(time: Figure, count: number): Ranged | null {
  const range = known(time);
  return range && { value: (count * MS) / range.value, low: (count * MS) / range.high, high: (count * MS) / range.low };
}

function bytesPerToken({ shape, engine }: Estimate): number {
  return kvBytesPerToken(shape, 2, engine.settings.tensorParallel);
}

function visible(point: Point, catalog: Catalog, references: References): number | null {
  const { visibleBytes } = deviceOfGpu(catalog, references, point.gpu ?? '');
  return visibleBytes === null ? null : visibleBytes / MIB;
}

/** What the kit says of settings with which an engine did or did not start. */
export interface FitRow {
  readonly point: string;
  readonly started: boolean;
  readonly fits: boolean | null;
  readonly because: string;
  readonly source: string;
}

/** Every start or failed start beside the verdict. */
export function fitRows(points: readonly Point[], catalog: Catalog, references: References): readonly FitRow[] {
  return points.flatMap((point) => {
    if (point.started === undefined) return [];
    const { fits, because } = estimateOfPoint(point, catalog, references);
    return [{ point: point.id, started: point.started, fits: fits.value, because, source: point.source }];
  });
}

/** How good a kind of figure is. */
export interface AccuracySummary {
  readonly kind: Measured;
  readonly role: 'fit' | 'check' | 'apart';
  readonly count: number;
  /** Mean of the absolute residuals. */
  readonly mean: number;
  readonly worst: number;
}

/** Mean and worst error by kind, in rows of their own for points that constants were fitted to, points they were not, and those set apart. */
export function summarise(rows: readonly AccuracyRow[]): readonly AccuracySummary[] {
  return MEASURED.flatMap((kind) =>
    (['fit', 'check', 'apart'] as const).flatMap((role) => {
      const errors = rows
        .filter((row) => row.kind === kind && row.role === role && row.residual !== null)
        .map((row) => Math.abs(row.residual ?? 0));
      if (errors.length === 0) return [];
      return [
        {
          kind,
          role,
          count: errors.length,
          mean: errors.reduce((sum, error) => sum + error, 0) / errors.length,
          worst: Math.max(...errors),
        },
      ];
    }),
  );
}
