import { findGpu, priceDate } from '../../catalog/find';
import type { Catalog, InstanceType, Model } from '../../catalog/schema';
import { type Figure, unknownFigure } from '../../core/figure';
import { nodePrice } from '../price/node-price';
import { type Ranged, scale } from '../ranged';
import { requestShape } from '../request';
import { visionFlopsPerImage } from '../throughput/vision-flops';
import { GIB, SECONDS_PER_HOUR, TERA } from '../units';
import { TRAINING } from './constants';
import { crossChecks } from './cross-checks';
import { trainingMemory } from './memory';
import { flopsPerPair, trainedParameters } from './trained';
import type { FineTuneEnvelope, FineTuneOptions, TrainingMachine, TrainingTerm } from './types';

export { FINE_TUNE_METHODS, type FineTuneEnvelope, type FineTuneOptions } from './types';

export const FINE_TUNE_DEFAULTS: Omit<FineTuneOptions, 'method' | 'region'> = {
  pairs: 5000,
  epochs: 3,
  imageWidthPx: 1280,
  imageHeightPx: 960,
  textTokens: 256,
  loraRank: 16,
  microBatch: 1,
};

/** GPUs that the authors' recipes shard over. */
const EIGHT = 8;
const A100_TFLOPS = 312;
const NOTE =
  'An estimate from published formulas; nothing was trained for it. Start-up, data loading, evaluation, failed runs and storage come on top; leave room for two or three runs.';

/**
 * What fine-tuning takes: memory by term, hours for the pairs, price on the machines of a region.
 * For the command line see scripts/commands/estimate-finetune.ts (`ovkit estimate --finetune lora|full|adapter`).
 *
 * @throws KitError E_REGION_UNKNOWN; RangeError for images with extreme sides
 */
export function fineTuneEnvelope(model: Model, options: FineTuneOptions, catalog: Catalog): FineTuneEnvelope {
  const load = { imagesPerRequest: model.vision ? 1 : 0, promptTokens: options.textTokens, outputTokens: 1, ...options };
  const pair = requestShape({ ...load, peakRequestsPerSecond: 1, hoursPerMonth: 1 }, model);
  const sample = { tokens: pair.inputTokens, visionForwardFlops: pair.visionFlops };
  const setup = (shards: number, checkpointing: boolean) => ({
    method: options.method,
    loraRank: options.loraRank,
    shards,
    checkpointing,
    tokens: pair.inputTokens * options.microBatch,
    patches: pair.visionPatches * options.microBatch,
  });
  const totalFlops = (checkpointing: boolean) =>
    flopsPerPair(model, options.method, sample, checkpointing) * options.pairs * options.epochs;
  const row = (name: string, shards: number, checkpointing: boolean) => {
    const terms = trainingMemory(model, setup(shards, checkpointing));
    return { setup: name, shards, checkpointing, totalGib: gibOf(terms), terms };
  };
  return {
    kind: 'fine-tune',
    schemaVersion: 1,
    model: { id: model.id, title: model.title },
    options,
    trainedParameters: trainedParameters(model, options.method, options.loraRank),
    tokensPerPair: pair.inputTokens,
    memory: [row('one GPU', 1, false), row('one GPU, checkpointing', 1, true), row('one of eight, ZeRO-3, checkpointing', EIGHT, true)],
    a100GpuHours: hoursOn(totalFlops(true), A100_TFLOPS, 1, TRAINING.hardwareUtilisation, 'A100'),
    machines: machines(),
    priceDate: priceDate(catalog, options.region),
    crossChecks: crossChecks(model, (patches) => visionFlopsPerImage(model, patches)),
    note: NOTE,
  };

  function machines(): readonly TrainingMachine[] {
    return catalog.instances
      .filter((instance) => instance.gpu !== null && !instance.fractionalGpu && instance.arch === 'x86_64')
      .flatMap((instance) => machine(instance) ?? [])
      .sort(byPrice);
  }

  /** The way that fits with the least work: everything on each GPU, then checkpointing, then ZeRO-3. */
  function machine(instance: InstanceType): TrainingMachine | undefined {
    const gpu = findGpu(catalog, instance.gpu as string);
    const price = nodePrice(instance, options.region, 'on-demand', catalog);
    if (!gpu.bf16Native || price.kind === 'not-offered') return undefined;
    const capacity = gpu.cudaVisibleGib;
    const ways = [
      { shards: 1, checkpointing: false },
      { shards: 1, checkpointing: true },
      ...(instance.gpuCount > 1 ? [{ shards: instance.gpuCount, checkpointing: true }] : []),
    ].map((way) => ({ ...way, gib: gibOf(trainingMemory(model, setup(way.shards, way.checkpointing))) }));
    const way = ways.find(({ gib }) => capacity !== null && gib.high <= capacity) ?? (ways.at(-1) as (typeof ways)[number]);
    const fits = capacity === null ? null : way.gib.high <= capacity;
    const shared = instance.gpuCount > 1 && gpu.memoryClass === 'gddr' && way.shards > 1;
    const share = shared ? multiply(TRAINING.hardwareUtilisation, TRAINING.pcieShare) : TRAINING.hardwareUtilisation;
    const hours =
      gpu.bf16Tflops === null
        ? unknownFigure(`the arithmetic of ${gpu.name} is not known`)
        : hoursOn(totalFlops(way.checkpointing), gpu.bf16Tflops, instance.gpuCount, share, gpu.name);
    return {
      instanceType: instance.type,
      gpu: gpu.name,
      gpuCount: instance.gpuCount,
      sharding: way.shards > 1 ? 'zero-3' : 'none',
      checkpointing: way.checkpointing,
      gibPerGpu: way.gib,
      capacityGib: capacity,
      fits,
      hours,
      usd: costOf(hours, price.usdPerHour),
    };
  }
}

function hoursOn(flops: number, tflops: number, gpus: number, utilisation: Ranged, name: string): Figure {
  const hours = (share: number) => flops / (tflops * TERA * gpus * share * SECONDS_PER_HOUR);
  return {
    value: hours(utilisation.value),
    low: hours(utilisation.high),
    high: hours(utilisation.low),
    basis: 'extrapolated',
    source: `floating-point operations over ${gpus} x ${name} at ${tflops} TFLOPS x ${utilisation.value.toFixed(2)} (${utilisation.low.toFixed(2)} to ${utilisation.high.toFixed(2)}); ${TRAINING.hardwareUtilisation.source}`,
  };
}

function costOf(hours: Figure, usdPerHour: Figure): Figure {
  if (hours.value === null || usdPerHour.value === null) return unknownFigure(hours.value === null ? hours.source : usdPerHour.source);
  const cost = (end: 'value' | 'low' | 'high') => (hours[end] as number) * (usdPerHour[end] as number);
  return { value: cost('value'), low: cost('low'), high: cost('high'), basis: 'extrapolated', source: `hours x ${usdPerHour.source}` };
}

function gibOf(terms: readonly TrainingTerm[]): Ranged {
  const total = (end: 'value' | 'low' | 'high') => terms.reduce((sum, term) => sum + term[end], 0);
  return scale({ value: total('value'), low: total('low'), high: total('high') }, 1 / GIB);
}

function multiply(a: Ranged, b: Ranged): Ranged {
  return { value: a.value * b.value, low: a.low * b.low, high: a.high * b.high };
}

/** What fits before what does not, then by price; what has no price comes last. */
function byPrice(a: TrainingMachine, b: TrainingMachine): number {
  const rank = (machine: TrainingMachine) => (machine.fits ? 0 : 1);
  const usd = (machine: TrainingMachine) => machine.usd.value ?? Number.MAX_VALUE;
  return rank(a) - rank(b) || usd(a) - usd(b) || (a.instanceType < b.instanceType ? -1 : 1);
}
