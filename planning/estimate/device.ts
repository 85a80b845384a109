import { instancesOf } from '../../catalog/find';
import type { Catalog } from '../../catalog/schema';
import { KitError } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import { nodeOfInstance } from '../choose/node';
import { allocatableBytes } from '../fit/host';
import type { SpeedGpu } from '../throughput/step-model';
import { GIB } from '../units';
import type { ReferenceGpu, References } from './reference';
import type { EstimateDevice } from './types';

/**
 * A card by its key: of the catalogue, or a reference card that AWS does not offer. Dashes, underscores and case do not matter.
 * @throws KitError E_GPU_UNKNOWN
 */
export function deviceOfGpu(catalog: Catalog, references: References, key: string): EstimateDevice {
  const gpu = catalog.gpus.find((candidate) => plain(candidate.key) === plain(key));
  const card = references.gpus.find((candidate) => plain(candidate.key) === plain(key));
  if (gpu) {
    return {
      key: gpu.key,
      name: gpu.name,
      gpu: gpu.memoryBandwidthGbPerSecond === null && card ? speedOfCard(card) : gpu,
      bf16: gpu.bf16Native,
      visibleBytes: gpu.cudaVisibleGib === null ? null : gpu.cudaVisibleGib * GIB,
      vcpu: 0,
      gpuCount: 1,
      gpuFraction: 1,
      cpuBandwidthGbPerSecond: null,
      source: gpu.cudaVisibleSource ?? gpu.source,
    };
  }
  if (card) {
    return {
      key: card.key,
      name: card.name,
      gpu: speedOfCard(card),
      bf16: card.bf16Tflops !== null,
      visibleBytes: card.cudaVisibleGib === null ? null : card.cudaVisibleGib * GIB,
      vcpu: 0,
      gpuCount: 1,
      gpuFraction: 1,
      cpuBandwidthGbPerSecond: null,
      source: card.source,
    };
  }
  const keys = [...new Set([...catalog.gpus, ...references.gpus].map((candidate) => candidate.key))];
  throw new KitError({
    code: 'E_GPU_UNKNOWN',
    message: `neither the catalogue nor the reference cards have a GPU "${key}".${didYouMean(key, keys)}`,
    allowed: `${keys.join(', ')}.`,
    next: 'see `npx ovkit catalog list gpus`.',
  });
}

/** The card or the part of one, or without a card the processors, of an instance type. @throws KitError E_FAMILY_UNKNOWN */
export function deviceOfInstance(catalog: Catalog, references: References, type: string): EstimateDevice {
  const [instance] = instancesOf(catalog, [type]);
  if (!instance) throw new Error(`no instance type ${type}`);
  const node = nodeOfInstance(instance, catalog);
  const { vcpu } = node;
  if (instance.gpu !== null) {
    const card = { ...deviceOfGpu(catalog, references, instance.gpu), vcpu, gpuCount: node.gpuCount };
    if (!instance.fractionalGpu) return card;
    // Nothing was measured on a part of a card: a key of its own, so that no figure counts as calibrated.
    const name = `${node.gpuFraction} of an ${card.name}`;
    return { ...card, key: instance.type, name, gpuFraction: node.gpuFraction, visibleBytes: node.gpuMemoryBytes };
  }
  return {
    key: instance.type,
    name: `the processors of ${instance.type}`,
    gpu: null,
    bf16: true,
    visibleBytes: allocatableBytes(instance.memoryGib, instance.vcpu),
    vcpu,
    gpuCount: 0,
    gpuFraction: 1,
    cpuBandwidthGbPerSecond: node.cpuBandwidthGbPerSecond,
    source: catalog.prices.sources.instances ?? 'catalogue',
  };
}

function speedOfCard(card: ReferenceGpu): SpeedGpu {
  return { ...card, fp8Native: card.fp8Tflops !== null };
}

function plain(key: string): string {
  return key.toLowerCase().replace(/[-_ ]/g, '');
}
