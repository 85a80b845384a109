import type { Catalog, InstanceType, RegionPrice } from '../catalog/schema';
import { type Column, table } from './table';

export const KINDS = ['models', 'engines', 'gpus', 'instances', 'prices'] as const;
export type Kind = (typeof KINDS)[number];

export interface ListFilter {
  readonly region?: string;
  readonly family?: string;
}

/** One list as the rows that JSON gets and the table that people read. */
interface List {
  readonly json: unknown;
  readonly text: string;
}

const GIB = 2 ** 30;
const UNKNOWN = '?';

/** What `ovkit catalog list KIND` prints, by kind. */
export const CATALOG_LISTS: Readonly<Record<Kind, (catalog: Catalog, filter: ListFilter) => List>> = {
  models: ({ models }) =>
    listOf(models, [
      { title: 'MODEL', cell: (model) => model.id },
      { title: 'ROLE', cell: (model) => model.role },
      { title: 'PARAMETERS', cell: (model) => `${(model.parameters.total / 1e9).toFixed(2)} G`, right: true },
      { title: 'PRECISIONS', cell: (model) => model.weights.map((weights) => weights.precision).join(' ') },
      { title: 'ARCHITECTURE', cell: (model) => model.architecture },
    ]),
  engines: ({ engines }) =>
    listOf(engines, [
      { title: 'ENGINE', cell: (engine) => engine.name },
      { title: 'VERSION', cell: (engine) => engine.version },
      { title: 'DEVICES', cell: (engine) => engine.devices.join(' ') },
      { title: 'ARCHITECTURES', cell: (engine) => engine.architectures.join(' ') },
    ]),
  gpus: ({ gpus }) =>
    listOf(gpus, [
      { title: 'GPU', cell: (gpu) => gpu.key },
      { title: 'NAME', cell: (gpu) => gpu.name },
      { title: 'EC2 GiB', cell: (gpu) => (gpu.ec2ApiMib / 1024).toFixed(1), right: true },
      { title: 'CUDA GiB', cell: (gpu) => gpu.cudaVisibleGib?.toFixed(2) ?? UNKNOWN, right: true },
      { title: 'GB/s', cell: (gpu) => gpu.memoryBandwidthGbPerSecond?.toString() ?? UNKNOWN, right: true },
      { title: 'BF16 TFLOPS', cell: (gpu) => (gpu.bf16Native ? (gpu.bf16Tflops?.toString() ?? UNKNOWN) : 'no'), right: true },
      { title: 'FP8 TFLOPS', cell: (gpu) => (gpu.fp8Native ? (gpu.fp8Tflops?.toString() ?? UNKNOWN) : 'no'), right: true },
    ]),
  instances: ({ instances, prices, gpus }, { region, family }) => {
    const regions = region === undefined ? prices.regions : [region];
    const rows = instances.filter((instance) => family === undefined || instance.family === family || instance.type === family);
    return listOf<InstanceType>(rows, [
      { title: 'TYPE', cell: (instance) => instance.type },
      { title: 'GPU', cell: (instance) => (instance.gpu === null ? '-' : `${instance.gpuCount} x ${instance.gpu}`) },
      { title: 'GPU GiB', cell: (instance) => gpuGib(instance, gpus), right: true },
      { title: 'vCPU', cell: (instance) => String(instance.vcpu), right: true },
      { title: 'RAM GiB', cell: (instance) => String(instance.memoryGib), right: true },
      ...regions.map(
        (name): Column<InstanceType> => ({ title: `USD/h ${name}`, cell: (instance) => priceCell(instance.price[name]), right: true }),
      ),
    ]);
  },
  prices: ({ prices }, { region }) => {
    const regions = region === undefined ? prices.regions : [region];
    const list = listOf(prices.services, [
      { title: 'SERVICE', cell: (service) => service.key },
      { title: 'WHAT', cell: (service) => service.title },
      { title: 'PER', cell: (service) => service.unit },
      ...regions.map((name) => ({
        title: `USD ${name}`,
        cell: (service: (typeof prices.services)[number]) => String(service.usd[name] ?? UNKNOWN),
        right: true,
      })),
      { title: 'BASIS', cell: (service) => service.basis },
    ]);
    const sources = Object.entries(prices.sources).map(([name, source]) => `  ${name}: ${source}`);
    const head = `On-demand prices of instances: snapshot of ${prices.date}, called stale after ${prices.staleAfterDays} days.`;
    return { json: prices, text: `${head}\n${sources.join('\n')}\n\n${list.text}` };
  },
};

function listOf<T>(rows: readonly T[], columns: readonly Column<T>[]): List {
  return { json: rows, text: table(rows, columns) };
}

/** `0.805`, or why there is none; a derived price is marked with a tilde. */
function priceCell(price: RegionPrice | undefined): string {
  if (!price || price.basis === 'unknown') return UNKNOWN;
  if (price.usdPerHour === null) return 'not offered';
  return `${price.basis === 'derived' ? '~' : ''}${price.usdPerHour.toFixed(4)}`;
}

function gpuGib(instance: InstanceType, gpus: Catalog['gpus']): string {
  if (instance.gpu === null) return '-';
  if (instance.gpuMemoryEc2Mib !== null) return ((instance.gpuMemoryEc2Mib * 2 ** 20) / GIB).toFixed(1);
  const gpu = gpus.find((candidate) => candidate.key === instance.gpu);
  return gpu ? (gpu.ec2ApiMib / 1024).toFixed(1) : UNKNOWN;
}
