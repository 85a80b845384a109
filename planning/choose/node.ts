import { findGpu } from '../../catalog/find';
import type { Catalog, Gpu, InstanceType } from '../../catalog/schema';
import { KitError } from '../../core/error';
import type { Release } from '../../release/schema';
import { MIB } from '../units';

/** One machine that may run replicas: an instance type, or a node of an existing cluster. */
export interface Node {
  readonly name: string;
  readonly instance: InstanceType | null;
  readonly arch: 'x86_64' | 'arm64';
  readonly vcpu: number;
  readonly memoryGib: number;
  /** False when memoryGib is already what the node gives to pods. */
  readonly reservesMemory: boolean;
  readonly localNvmeGb: number;
  readonly gpu: Gpu | null;
  /** Whole GPUs that a scheduler can hand out; 1 for a part of a GPU. */
  readonly gpuCount: number;
  /** Part of a GPU that a partition is, 1 for whole ones. */
  readonly gpuFraction: number;
  /** Memory of one GPU as CUDA reports it; null when nobody knows. */
  readonly gpuMemoryBytes: number | null;
  /** Memory bandwidth that the CPUs of this machine share, GB/s; null when nobody knows. */
  readonly cpuBandwidthGbPerSecond: number | null;
}

/** A half L4 shows about 10.7 GiB to CUDA of the 11,444 MiB that EC2 reports; unverified, and no partition is ever chosen on it; estimates say so. */
export const PARTITION_VISIBLE_SHARE = 0.957;

/** A machine of the catalogue. */
export function nodeOfInstance(instance: InstanceType, catalog: Catalog): Node {
  const gpu = instance.gpu === null ? null : findGpu(catalog, instance.gpu);
  return {
    name: instance.type,
    instance,
    arch: instance.arch,
    vcpu: instance.vcpu,
    memoryGib: instance.memoryGib,
    reservesMemory: true,
    localNvmeGb: instance.localNvmeGb,
    gpu,
    gpuCount: instance.fractionalGpu ? 1 : Math.floor(instance.gpuCount),
    gpuFraction: instance.fractionalGpu ? instance.gpuCount : 1,
    gpuMemoryBytes: gpu === null ? null : memoryOfGpu(gpu, instance),
    cpuBandwidthGbPerSecond: cpuBandwidth(instance, catalog),
  };
}

/**
 * A node of the existing cluster that the release describes.
 * @throws KitError E_GPU_UNKNOWN, E_RELEASE_INVALID when the release has no cluster
 */
export function nodeOfCluster(placement: Release['placement'], catalog: Catalog): Node {
  const { cluster } = placement;
  if (!cluster) {
    throw new KitError({
      code: 'E_RELEASE_INVALID',
      message: 'placement.cluster is missing; target cluster needs it.',
      next: 'add "cluster:" with context, nodeVcpu and nodeMemoryGib.',
    });
  }
  const gpu = cluster.nodeGpu === undefined ? null : findGpu(catalog, cluster.nodeGpu);
  return {
    name: `node of ${cluster.context}`,
    instance: null,
    arch: 'x86_64',
    vcpu: cluster.nodeVcpu,
    memoryGib: cluster.nodeMemoryGib,
    reservesMemory: false,
    localNvmeGb: 0,
    gpu,
    gpuCount: gpu ? (cluster.nodeGpuCount ?? 1) : 0,
    gpuFraction: 1,
    gpuMemoryBytes: gpu?.cudaVisibleGib ? gpu.cudaVisibleGib * 2 ** 30 : null,
    cpuBandwidthGbPerSecond: cluster.nodeMemoryBandwidthGbPerSecond ?? null,
  };
}

function memoryOfGpu(gpu: Gpu, instance: InstanceType): number | null {
  if (gpu.cudaVisibleGib === null) return null;
  if (!instance.fractionalGpu) return gpu.cudaVisibleGib * 2 ** 30;
  return instance.gpuMemoryEc2Mib === null ? null : instance.gpuMemoryEc2Mib * MIB * PARTITION_VISIBLE_SHARE;
}

/** A machine gets the share of its socket that it has of the vCPUs of the largest type of its family, which fills a socket. */
function cpuBandwidth(instance: InstanceType, catalog: Catalog): number | null {
  const socket = instance.socketMemoryBandwidthGbPerSecond;
  if (socket === null) return null;
  const largest = Math.max(...catalog.instances.filter((other) => other.family === instance.family).map((other) => other.vcpu));
  return (socket * instance.vcpu) / largest;
}
