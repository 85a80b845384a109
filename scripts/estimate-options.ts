import { KitError } from '../core/error';
import { GGUF_MIXES, isGgufType } from '../planning/fit/gguf';
import { KV_DTYPES, type KvDtype } from '../planning/fit/kv-cache';
import type { WeightType } from '../planning/fit/weights';
import { MAX_ASPECT_RATIO } from '../planning/image-tokens';
import type { SpeedEngine } from '../planning/throughput/constants';
import { PRECISIONS } from '../release/vocabulary';

type Options = Readonly<Record<string, unknown>>;

/** Options of `ovkit estimate` as values; everything that was not given is undefined. */
export interface EstimateOptions {
  readonly model?: string;
  readonly config?: string;
  readonly weights: readonly string[];
  readonly gpu?: string;
  readonly instanceType?: string;
  readonly region: string;
  readonly engine: SpeedEngine;
  readonly engineVersion?: string;
  readonly precision?: WeightType;
  readonly gpuMemoryUtilization?: number;
  readonly maxModelLen?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  readonly enforceEager: boolean;
  readonly tensorParallel: number;
  readonly kvDtype: KvDtype;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly concurrency?: number;
  readonly images: number;
  readonly imageWidthPx?: number;
  readonly imageHeightPx?: number;
  readonly maxPixels?: number;
  readonly calibration?: string;
}

/** Names under which an engine may be given. */
const ENGINES: Readonly<Record<string, SpeedEngine>> = {
  vllm: 'vllm',
  'vllm-onevision': 'vllm',
  'llama.cpp': 'llama.cpp',
  'llama-server': 'llama.cpp',
  llamacpp: 'llama.cpp',
  'llama-cpp': 'llama.cpp',
  trtllm: 'trtllm',
  'tensorrt-llm': 'trtllm',
};
const DEFAULT_REGION = 'us-east-1';
const MOST = 1e9;

/** @throws KitError E_ESTIMATE_OPTION with one problem per wrong option */
export function estimateOptions(options: Options): EstimateOptions {
  const problems: Array<ConstructorParameters<typeof KitError>[0]> = [];
  const text = (key: string): string | undefined => (typeof options[key] === 'string' ? (options[key] as string) : undefined);
  const number = (key: string, { integer = true, min = 1, max = MOST } = {}): number | undefined => {
    const given = text(key);
    if (given === undefined) return undefined;
    const value = Number(given);
    if (given.trim() !== '' && Number.isFinite(value) && value >= min && value <= max && (!integer || Number.isInteger(value)))
      return value;
    problems.push(wrong(key, given, `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}.`));
    return undefined;
  };
  const [imageWidthPx, imageHeightPx] = size(text('imageSize'), problems);
  const engineName = text('engine') ?? 'vllm';
  const engine = ENGINES[engineName.toLowerCase()];
  if (!engine) problems.push(wrong('engine', engineName, `${Object.keys(ENGINES).join(', ')}.`));
  const kvName = (text('kvCacheDtype') ?? 'auto').toLowerCase().replace(/^fp8_.*/, 'fp8');
  if (!Object.hasOwn(KV_DTYPES, kvName)) problems.push(wrong('kvCacheDtype', kvName, `${Object.keys(KV_DTYPES).join(', ')}.`));
  const parsed: EstimateOptions = {
    model: text('model'),
    config: text('config'),
    weights: Array.isArray(options.weights) ? (options.weights as string[]) : [],
    gpu: text('gpu'),
    instanceType: text('instanceType'),
    region: text('region') ?? DEFAULT_REGION,
    engine: engine ?? 'vllm',
    engineVersion: text('engineVersion'),
    precision: precision(text('precision'), problems),
    gpuMemoryUtilization: number('gpuMemoryUtilization', { integer: false, min: 0.01, max: 1 }),
    maxModelLen: number('maxModelLen'),
    maxNumSeqs: number('maxNumSeqs'),
    maxNumBatchedTokens: number('maxNumBatchedTokens'),
    enforceEager: options.enforceEager === true,
    tensorParallel: number('tensorParallel', { max: 64 }) ?? 1,
    kvDtype: kvName as KvDtype,
    inputTokens: number('inputTokens'),
    outputTokens: number('outputTokens'),
    concurrency: number('concurrency', { max: 100_000 }),
    images: number('images', { min: 0, max: 64 }) ?? (imageWidthPx === undefined ? 0 : 1),
    imageWidthPx,
    imageHeightPx,
    maxPixels: number('maxPixels', { min: 1024 }),
    calibration: text('calibration'),
  };
  if (!parsed.model && !parsed.config && parsed.weights.length === 0)
    problems.push(wrong('model', 'missing', 'a model, or --config FILE, or --weights FILE of a GGUF.'));
  if (!parsed.gpu && !parsed.instanceType) problems.push(wrong('gpu', 'missing', 'a card, or --instance-type TYPE.'));
  problems.push(...versionProblem(parsed), ...typeProblem(parsed));
  if (problems.length > 0) throw new KitError(problems.flat() as never);
  return parsed;
}

/** Defaults follow the version of vLLM; what is no version would silently count as the newest. */
function versionProblem({ engine, engineVersion }: EstimateOptions) {
  if (engine !== 'vllm' || engineVersion === undefined || /^v?\d+\.\d+/.test(engineVersion)) return [];
  return [wrong('engineVersion', engineVersion, 'a version of vLLM, such as 0.10.2.')];
}

/** Types of 16 bit are every engine's; GGUF types are llama.cpp's alone, the others vLLM's. */
function typeProblem({ engine, precision: given }: EstimateOptions) {
  if (given === undefined || isSixteenBit(given) || isGgufType(given) === (engine === 'llama.cpp')) return [];
  const allowed = engine === 'llama.cpp' ? Object.keys(GGUF_MIXES) : PRECISIONS.filter((name) => !isGgufType(name));
  return [wrong('precision', `${given}, which ${engine} does not load`, `${allowed.join(', ')}.`)];
}

function isSixteenBit(name: WeightType): boolean {
  return /^(bf16|fp16|f16)$/i.test(name);
}

function size(given: string | undefined, problems: unknown[]): readonly [number | undefined, number | undefined] {
  if (given === undefined) return [undefined, undefined];
  const found = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/i.exec(given);
  const [width, height] = [Number(found?.[1]), Number(found?.[2])];
  if (Math.max(width, height) <= MAX_ASPECT_RATIO * Math.min(width, height)) return [width, height];
  problems.push(wrong('imageSize', given, `WIDTHxHEIGHT in pixels, such as 1024x768, with sides of at most ${MAX_ASPECT_RATIO}:1.`));
  return [undefined, undefined];
}

function precision(given: string | undefined, problems: unknown[]): WeightType | undefined {
  if (given === undefined) return undefined;
  const all: readonly string[] = [...PRECISIONS, ...Object.keys(GGUF_MIXES)];
  const found = all.find((name) => name === given) ?? all.find((name) => name.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return isGgufType(found) ? found : (found as WeightType);
  problems.push(wrong('precision', given, `${[...new Set(all)].join(', ')}.`));
  return undefined;
}

function wrong(key: string, given: string, allowed: string) {
  const flag = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return { code: 'E_ESTIMATE_OPTION', message: `${flag} is ${given}.`, allowed, next: 'see `npx ovkit estimate --help`.' };
}
