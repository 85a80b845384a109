import type { z } from 'zod';
import { findRegion } from '../../catalog/find';
import { readCatalogFile } from '../../catalog/json-file';
import { loadCatalog } from '../../catalog/load';
import type { Catalog } from '../../catalog/schema';
import { ExitCode, KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { readTextFile } from '../../core/text-file';
import { readCalibration } from '../../planning/calibration/read';
import { deviceOfGpu, deviceOfInstance } from '../../planning/estimate/device';
import { estimate } from '../../planning/estimate/estimate';
import { findEstimateModel, type ModelAnswer } from '../../planning/estimate/find-model';
import { ArchitectureSchema, HfConfigSchema } from '../../planning/estimate/hf-config';
import { withMaxPixels } from '../../planning/estimate/max-pixels';
import { familyOf, modelOfConfig, noFormulas, whyUnmodelled } from '../../planning/estimate/model-of-config';
import { hourlyPrice } from '../../planning/estimate/price';
import { loadReferences, type References } from '../../planning/estimate/reference';
import { storedPrecision } from '../../planning/estimate/stored-precision';
import type { EstimateDevice, EstimateRequest } from '../../planning/estimate/types';
import { estimateUnmodelled } from '../../planning/estimate/unmodelled';
import { readWeightFiles } from '../../planning/estimate/weight-files';
import { loadedBytes, type WeightFile } from '../../planning/estimate/weight-files/weight-file';
import type { WeightType } from '../../planning/fit/weights';
import type { CommandModule } from '../command';
import { type EstimateOptions, estimateOptions } from '../estimate-options';
import { estimateText } from '../estimate-text';
import { localSource } from '../local-source';
import { runFineTune } from './estimate-finetune';

/** Version of an engine that no --engine-version names: that of the catalogue. TensorRT-LLM is not in it. */
const TRTLLM_VERSION = '1.0.0';

/**
 * `ovkit estimate`: what fits and how fast, for any model on any card. Exit code 0 also for "does not fit" and "unknown".
 * @throws KitError E_ESTIMATE_OPTION, E_MODEL_UNKNOWN, E_GPU_UNKNOWN, E_CONFIG_INVALID, E_WEIGHTS_…
 */
export const run: CommandModule['run'] = async (raw, _args, context) => {
  if (raw.finetune !== undefined) return runFineTune(raw, context);
  const options = estimateOptions(raw);
  const catalog = loadCatalog();
  const region = findRegion(catalog, options.region);
  const references = loadReferences(fromRoot('catalog/reference'));
  const files = await readWeightFiles(options.weights, localSource, { fetch, signal: context.signal });
  const answer = modelAnswer(options, catalog, references, files);
  const device = deviceOf(options, catalog, references);
  const precision = options.precision ?? precisionOf(answer, options, device);
  const request: Omit<EstimateRequest, 'model'> = {
    precision,
    device,
    engine: options.engine,
    engineVersion: options.engineVersion ?? engineVersion(options, catalog),
    tensorParallel: options.tensorParallel,
    kvDtype: options.kvDtype,
    gpuMemoryUtilization: options.gpuMemoryUtilization,
    maxModelLen: options.maxModelLen,
    maxNumSeqs: options.maxNumSeqs,
    maxNumBatchedTokens: options.maxNumBatchedTokens,
    enforceEager: options.enforceEager,
    load: {
      inputTokens: options.inputTokens,
      outputTokens: options.outputTokens,
      concurrency: options.concurrency,
      images: options.images,
      imageWidthPx: options.imageWidthPx,
      imageHeightPx: options.imageHeightPx,
    },
    ...(files.length > 0
      ? {
          weightFiles: {
            bytes: loadedBytes(files, precision === 'bf16' || precision === 'fp16'),
            source: `headers of ${options.weights.join(', ')}`,
          },
        }
      : {}),
    usdPerHour: hourlyPrice(catalog, device.gpu?.key ?? null, options.tensorParallel, region, options.instanceType),
    ...(options.calibration === undefined ? {} : { calibration: readCalibration(options.calibration) }),
  };
  const result =
    answer.kind === 'unmodelled'
      ? estimateUnmodelled(request, answer.unmodelled)
      : estimate({ ...request, model: withMaxPixels(answer.model, options.maxPixels) });
  return { exitCode: ExitCode.pass, json: result, text: estimateText(result) };
};

/** The shape comes from --config, else from --model, else from a GGUF itself. */
function modelAnswer(options: EstimateOptions, catalog: Catalog, references: References, files: readonly WeightFile[]): ModelAnswer {
  if (options.config !== undefined) return configAnswer(options.config, options.model, options.precision);
  if (options.model !== undefined) return findEstimateModel(catalog, references, options.model);
  const inside = files.find((file) => file.config !== null);
  const model = inside?.config ? modelOfConfig(inside.config, { id: inside.name, source: `metadata of ${inside.name}` }) : undefined;
  if (model) return { kind: 'model', model, precision: undefined };
  throw new KitError({
    code: 'E_CONFIG_INVALID',
    message: 'the weight files do not say what shape the model has.',
    next: 'add --model NAME or --config config.json.',
  });
}

function configAnswer(file: string, name: string | undefined, asked: WeightType | undefined): ModelAnswer {
  const id = name ?? file;
  const unmodelled = (reason: string): ModelAnswer => ({ kind: 'unmodelled', unmodelled: { id, aliases: [], reason, files: {} } });
  const [architecture = ''] = readConfig(file, ArchitectureSchema).architectures;
  if (!familyOf(architecture)) return unmodelled(noFormulas(architecture));
  const config = readConfig(file, HfConfigSchema);
  const model = modelOfConfig(config, { id, source: file });
  if (!model) return unmodelled(whyUnmodelled(config) ?? noFormulas(architecture));
  const stored = storedPrecision(config);
  if (stored.kind === 'unmodelled' && asked === undefined) return unmodelled(stored.reason);
  return { kind: 'model', model, precision: stored.kind === 'known' ? stored.precision : undefined };
}

function readConfig<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  readTextFile(file, 'the config.json of the model', 'correct --config.');
  try {
    return readCatalogFile(file, schema);
  } catch (error) {
    if (!(error instanceof KitError)) throw error;
    throw new KitError(
      error.problems.map((problem) => ({
        ...problem,
        code: 'E_CONFIG_INVALID',
        next: 'give the config.json of a language model as on the Hub.',
      })),
    );
  }
}

function deviceOf(options: EstimateOptions, catalog: Catalog, references: References): EstimateDevice {
  if (options.gpu !== undefined) return deviceOfGpu(catalog, references, options.gpu);
  return deviceOfInstance(catalog, references, options.instanceType as string);
}

/** Without --precision: what the name or the config says, else 16 bit as the card computes it, else Q4_K_M. */
function precisionOf(answer: ModelAnswer, { engine }: EstimateOptions, device: EstimateDevice): WeightType {
  if (answer.kind === 'model' && answer.precision) return answer.precision;
  if (engine === 'llama.cpp') return 'Q4_K_M';
  return device.bf16 ? 'bf16' : 'fp16';
}

function engineVersion({ engine }: EstimateOptions, catalog: Catalog): string {
  return catalog.engines.find((candidate) => candidate.name === engine)?.version ?? TRTLLM_VERSION;
}
