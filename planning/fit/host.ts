import type { Engine, Model } from '../../catalog/schema';
import type { Precision } from '../../release/schema';
import { MEMORY } from '../constants';
import type { FitTerm } from '../plan';
import { add, exactly, scale } from '../ranged';
import { GB, GIB, MIB } from '../units';
import { term } from './term';
import { weightBytes } from './weights';

/** Share of a node's nominal memory that the hypervisor keeps, as Karpenter reckons. */
const VM_OVERHEAD_SHARE = 0.075;
/** kubelet reserve: 255 MiB and 11 MiB a pod, and 100 MiB until eviction. Source: EKS node bootstrap. */
const KUBELET_MIB = 255 + 100;
const KUBELET_MIB_PER_POD = 11;
/** Most pods by size of node (ENI limits): 58 up to 8 vCPU, 234 from 16. */
const PODS_SMALL_NODE = 58;
const PODS_LARGE_NODE = 234;
const LARGE_NODE_VCPU = 16;

/**
 * Memory that pods may take of a node, in bytes. Meets the allocatable column of Karpenter's instance-types.md within 1 MiB
 * (g6.xlarge 14,162 MiB of 16 GiB, g6f.4xlarge 57,691 of 64 GiB).
 */
export function allocatableBytes(memoryGib: number, vcpu: number): number {
  const pods = vcpu >= LARGE_NODE_VCPU ? PODS_LARGE_NODE : PODS_SMALL_NODE;
  return Math.max(0, memoryGib * GIB * (1 - VM_OVERHEAD_SHARE) - (KUBELET_MIB + KUBELET_MIB_PER_POD * pods) * MIB);
}

/** Host memory of an engine that keeps its weights on the GPU: processes, shared memory, and the shard that is being read. */
export function gpuHostTerms(model: Model, precision: Precision, engine: Engine, tensorParallel: number): readonly FitTerm[] {
  if (engine.kind === 'llama.cpp') {
    return [term('host process', scale(MEMORY.llamaProcessMib, MIB), 'host', 'llama-server itself', MEMORY.llamaProcessMib.source)];
  }
  const weights = weightBytes(model, precision);
  const wholeBytes = weights.language.value + weights.vision;
  const shard = Math.min(wholeBytes, MEMORY.shardGb.value * GB);
  const workers = scale(MEMORY.vllmHostGib, GIB);
  const more = scale(MEMORY.vllmHostGib, ((tensorParallel - 1) * GIB) / 2);
  const shared = tensorParallel > 1 ? exactly(MEMORY.sharedMemoryGib.high) : exactly(MEMORY.sharedMemoryGib.value);
  return [
    term('host processes', add(workers, more), 'host', 'API server, engine core and one worker per GPU', MEMORY.vllmHostGib.source),
    term('shared memory', scale(shared, GIB), 'host', 'emptyDir of medium Memory at /dev/shm', MEMORY.sharedMemoryGib.source),
    term(
      'weights while loading',
      { value: shard, low: Math.min(shard, MEMORY.shardGb.low * GB), high: shard },
      'host',
      'one shard at a time; the rest is page cache that the kernel takes back',
      MEMORY.shardGb.source,
    ),
  ];
}
