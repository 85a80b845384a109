import { join } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { ExitCode, KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { compare, doubtOf, readLog } from '../../planning/calibration/calibrate';
import { countedLoad, type Pictures } from '../../planning/calibration/counted-load';
import type { Observations } from '../../planning/calibration/observations';
import type { Calibration, MeasuredRun } from '../../planning/calibration/schema';
import { deviceOfGpu, deviceOfInstance } from '../../planning/estimate/device';
import { estimate } from '../../planning/estimate/estimate';
import { findEstimateModel } from '../../planning/estimate/find-model';
import { withMaxPixels } from '../../planning/estimate/max-pixels';
import { hourlyPrice } from '../../planning/estimate/price';
import { loadReferences } from '../../planning/estimate/reference';
import { KV_DTYPES } from '../../planning/fit/kv-cache';
import { GIB } from '../../planning/units';
import type { CommandModule } from '../command';
import { estimateOptions } from '../estimate-options';
import { table } from '../table';

/** Ratio beyond which a term is pointed at. */
const NOTABLE = 0.1;

/**
 * `ovkit calibrate LOG…`: holds what an engine printed against the estimate for the same settings, and writes a calibration file that
 * plan and estimate take with --calibration. All logs are of one engine with one model on one kind of card.
 * @throws KitError E_CALIBRATION_LOG, E_FILE_MISSING, E_ESTIMATE_OPTION, E_MODEL_UNKNOWN, E_GPU_UNKNOWN, E_OUT_UNWRITABLE
 */
export const run: CommandModule['run'] = async (raw, files, context) => {
  const read = files.map((file) => ({ file, seen: readLog(file, readTextFile(file, 'a log', 'correct its path.')) }));
  const observations = read.flatMap(({ seen }) => (seen && seen.seen.length > 0 ? [seen] : []));
  const first = (pick: (seen: Observations) => string | undefined): string | undefined =>
    observations.map(pick).find((value) => value !== undefined);
  const name = text(raw.model) ?? first((seen) => seen.model);
  const engine = text(raw.engine) ?? first((seen) => seen.engine);
  const precision = text(raw.precision) ?? first((seen) => seen.precision);
  const missing = [
    ...(name ? [] : ['--model']),
    ...(raw.gpu || raw.instanceType ? [] : ['--gpu or --instance-type']),
    ...(precision ? [] : ['--precision']),
  ];
  if (observations.length === 0 || missing.length > 0)
    throw useless(
      read.map(({ file }) => file),
      observations.length === 0,
      missing,
    );
  const options = estimateOptions({ ...raw, model: name, engine, precision });
  const catalog = loadCatalog();
  const references = loadReferences(fromRoot('catalog/reference'));
  const found = findEstimateModel(catalog, references, options.model ?? '');
  if (found.kind === 'unmodelled') {
    throw new KitError({
      code: 'E_CALIBRATION_LOG',
      message: `${found.unmodelled.id} is not modelled: ${found.unmodelled.reason}.`,
      next: 'calibrate with another model.',
    });
  }
  const model = withMaxPixels(found.model, options.maxPixels);
  const pictures: Pictures = options;
  const device = options.gpu
    ? deviceOfGpu(catalog, references, options.gpu)
    : deviceOfInstance(catalog, references, options.instanceType ?? '');
  const engineVersion = options.engineVersion ?? first((seen) => seen.engineVersion) ?? 'unknown';
  const settings = merged(observations);
  const held = observations.map((seen) => {
    const visibleGib = seen.visibleGib ?? settings.visibleGib;
    return {
      seen,
      made: estimate({
        model,
        precision: options.precision ?? 'bf16',
        device: visibleGib === undefined ? device : { ...device, visibleBytes: visibleGib * GIB },
        engine: options.engine,
        engineVersion,
        kvDtype: options.kvDtype,
        tensorParallel: options.tensorParallel > 1 ? options.tensorParallel : (settings.tensorParallel ?? 1),
        gpuMemoryUtilization: options.gpuMemoryUtilization ?? settings.gpuMemoryUtilization,
        maxModelLen: options.maxModelLen ?? settings.maxModelLen,
        maxNumSeqs: options.maxNumSeqs ?? settings.maxNumSeqs,
        maxNumBatchedTokens: options.maxNumBatchedTokens ?? settings.maxNumBatchedTokens,
        load: countedLoad({ ...pictures, ...seen.load }, model),
        usdPerHour: hourlyPrice(catalog, device.gpu?.key ?? null, 1, options.region, undefined),
      }),
    };
  });
  const comparisons = held.flatMap(({ seen, made }) => compare(seen, made));
  const doubts = held.flatMap(({ seen, made }) => doubtOf(seen, made, KV_DTYPES[options.kvDtype]) ?? []);
  if (comparisons.length === 0)
    throw useless(
      read.map(({ file }) => file),
      true,
      [],
    );
  const measured: MeasuredRun = {
    engine: options.engine,
    engineVersion,
    device: device.key,
    model: model.id,
    precision: options.precision ?? 'bf16',
    comparisons: [...comparisons],
  };
  const calibration: Calibration = {
    kind: 'calibration',
    schemaVersion: 1,
    name: text(raw.name) ?? `${device.key} ${model.id} ${context.now().toISOString().slice(0, 10)}`,
    madeAt: context.now().toISOString(),
    runs: [measured],
  };
  const target = text(raw.to) ?? join(text(raw.out) ?? 'out', 'calibration.json');
  writeFileAtomically(target, `${JSON.stringify(calibration, null, 2)}\n`);
  const skipped = read
    .filter(({ seen }) => !seen)
    .map(({ file }) => `${file}: neither a log of vLLM or llama.cpp nor a result of vllm bench serve; left out.`);
  // the slowest start decides: a probe has to wait for it
  const startSeconds = Math.max(...read.map(({ seen }) => seen?.startSeconds ?? 0)) || null;
  return {
    exitCode: ExitCode.pass,
    json: { ...calibration, file: target, skipped, doubts, startSeconds },
    text: report(calibration, target, [...skipped, ...doubts], startSeconds),
  };
};

/** Settings that one of the logs names hold for all of them. */
function merged(observations: readonly Observations[]): Partial<Observations> {
  return Object.assign(
    {},
    ...[...observations].reverse().map((seen) => Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== undefined))),
  );
}

function report(calibration: Calibration, target: string, notes: readonly string[], startSeconds: number | null): string {
  const rows = calibration.runs.flatMap((run) => run.comparisons);
  const body = table(rows, [
    { title: 'term', cell: (row) => row.term },
    { title: 'estimate', cell: (row) => `${Number(row.estimate.toPrecision(5))} ${row.unit}`, right: true },
    { title: 'measured', cell: (row) => `${Number(row.measured.toPrecision(5))} ${row.unit}`, right: true },
    { title: 'measured/estimate', cell: (row) => `${row.ratio.toFixed(3)}${Math.abs(row.ratio - 1) > NOTABLE ? ' !' : ''}`, right: true },
    { title: 'from', cell: (row) => row.from },
  ]);
  return [
    body,
    ...notes,
    ...(startSeconds === null
      ? []
      : [`The slowest start took ${startSeconds} s from its first line: startup.engineSeconds in release.yaml, for probes and scaling.`]),
    `Wrote ${target}.`,
    `Next: npx ovkit estimate … --calibration ${target}, or npx ovkit plan --calibration ${target}`,
  ].join('\n');
}

function useless(files: readonly string[], nothing: boolean, missing: readonly string[]): KitError {
  const message = nothing
    ? `nothing to compare was found in ${files.join(', ') || 'no file at all'}.`
    : `the logs do not say ${missing.join(', ')}.`;
  return new KitError({
    code: 'E_CALIBRATION_LOG',
    message,
    allowed: 'start-up logs of vLLM, logs of llama-server, results of `vllm bench serve --save-result --max-concurrency N`.',
    next: missing.length > 0 ? `add ${missing.join(', ')}.` : 'name other files.',
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
