import type { Gpu } from '../../catalog/schema';
import type { BenchPoints, MeasuredModel } from './points';

/** One entry of catalog/reference/measured-points.json; null where the bench could not know. */
export interface MeasuredPoint {
  readonly id: string;
  readonly model: string;
  readonly engine: 'vllm' | 'llama.cpp';
  readonly engineVersion: string;
  readonly gpu: string | null;
  readonly precision: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly load: Readonly<Record<string, number>>;
  readonly measured: Readonly<Record<string, number>>;
  readonly started?: boolean;
  readonly role: 'check';
  readonly grade: 'A';
  readonly source: string;
}

const GIB = 2 ** 30;
/** Flags of vLLM whose value belongs to a point, and its name there. */
const SETTINGS: Readonly<Record<string, string>> = {
  '--max-model-len': 'maxModelLen',
  '--max-num-seqs': 'maxNumSeqs',
  '--gpu-memory-utilization': 'gpuMemoryUtilization',
  '--tensor-parallel-size': 'tensorParallel',
  '--max-num-batched-tokens': 'maxNumBatchedTokens',
};

/**
 * What a bench measured as entries of the catalogue's measured points: one for memory and one for each step, of every model of the run.
 * A tiny run gives none, since its figures mean nothing.
 * @param gpus  cards of the catalogue, to find the one that nvidia-smi named
 */
export function measuredPoints(points: BenchPoints, gpus: readonly Pick<Gpu, 'key' | 'name'>[]): readonly MeasuredPoint[] {
  return [points, ...points.beside].flatMap((each) => ('error' in each ? [] : pointsOf(each, points.measured, gpus)));
}

function pointsOf(run: MeasuredModel, measured: string, gpus: readonly Pick<Gpu, 'key' | 'name'>[]): readonly MeasuredPoint[] {
  const { model, engine, shape, device, weights } = run.conditions;
  if (model.tiny) return [];
  const gpu = gpuKey(device.gpus[0], gpus);
  const day = measured.slice(0, 10);
  const stem = `bench-${model.id.split('/').at(-1)?.toLowerCase()}-${gpu ?? 'unknown-card'}-${day}`;
  const pictures = shape.images > 0 ? `, ${shape.images} picture(s) of ${shape.image_width}x${shape.image_height}` : '';
  const source =
    `ovkit bench engine on ${day}: ${device.gpus[0] ?? device.cpu ?? 'unknown device'}, ${engine.name} ${engine.version}, weights ${weights}, ` +
    `${shape.prompt_tokens} prompt tokens${pictures}, client on the same machine; ${engine.args.join(' ')}`;
  const common = {
    model: model.id,
    engine: engine.kind,
    engineVersion: engine.version,
    gpu,
    precision: model.precision,
    settings: settingsOf(engine.args),
    role: 'check',
    grade: 'A',
    source,
  } as const;
  const { weightsBytes, kvCacheTokens, cudaGraphBytes } = run.engineTerms;
  const memory = known({ weightsGib: gib(weightsBytes), kvTokens: kvCacheTokens, graphsGib: gib(cudaGraphBytes) });
  const steps = run.sweep.filter(({ requests }) => requests > 0);
  return [
    ...(Object.keys(memory).length > 0 ? [{ id: `${stem}-memory`, ...common, load: {}, measured: memory, started: true }] : []),
    ...steps.map((step) => ({
      id: `${stem}-c${step.concurrency}`,
      ...common,
      load: known({
        inputTokens: step.inputTokensMean === null ? undefined : Math.round(step.inputTokensMean),
        outputTokens: shape.output_tokens,
        concurrency: step.concurrency,
        ...(shape.images > 0 ? { images: shape.images, imageWidthPx: shape.image_width, imageHeightPx: shape.image_height } : {}),
      }),
      measured: known({
        tokensPerSecond: step.outputTokensPerSecond ?? undefined,
        ttftMs: step.timeToFirstTokenMs.p50 ?? undefined,
        tpotMs: step.timePerOutputTokenMs.p50 ?? undefined,
      }),
    })),
  ];
}

/** The card of the catalogue that nvidia-smi's line names ("NVIDIA L4, 23034 MiB, 550.54"); null when there is none, or none alone. */
function gpuKey(line: string | undefined, gpus: readonly Pick<Gpu, 'key' | 'name'>[]): string | null {
  const named = plain(line?.split(',')[0] ?? '');
  const found = gpus.filter(({ key, name }) => named === plain(name) || named.split(' ').includes(key));
  return found.length === 1 ? (found[0]?.key ?? null) : null;
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/\b(nvidia|tesla)\b/g, '')
    .replaceAll('-', ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function settingsOf(args: readonly string[]): Readonly<Record<string, number>> {
  const pairs = args.flatMap((arg, index) => {
    const name = SETTINGS[arg];
    const value = Number(args[index + 1]);
    return name !== undefined && Number.isFinite(value) ? [[name, value] as const] : [];
  });
  return { ...Object.fromEntries(pairs), ...maxPixelsOf(args[args.indexOf('--mm-processor-kwargs') + 1]) };
}

function maxPixelsOf(processor: string | undefined): Readonly<Record<string, number>> {
  const found = /"max_pixels":\s*(\d+)/.exec(processor ?? '');
  return found ? { maxPixels: Number(found[1]) } : {};
}

function known(values: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined));
}

function gib(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : Number((bytes / GIB).toFixed(4));
}
