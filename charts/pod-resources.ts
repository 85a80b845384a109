import type { Plan } from '../planning/plan';
import type { ChartValues } from './chart-values';

/**
 * What a pod asks of its node, so that it fits beside what Kubernetes itself takes there. Memory is requested and limited alike: an engine that
 * outgrows it is stopped before it takes the node along. CPU has no limit, since throttling lengthens the time to first token.
 * What stands beside the engine in its pod comes off its share.
 * On an existing cluster the release says what a node has for the service, and the pod asks for just that.
 */
export function podResources(
  placement: Plan['placement'],
  beside: { readonly milliCpu: number; readonly memoryMib: number } = { milliCpu: 0, memoryMib: 0 },
): ChartValues['resources'] {
  const pods = podsPerNode(placement);
  const onOwnNodes = placement.target === 'aws';
  const memoryMib = onOwnNodes ? allocatableMemoryMib(placement.memoryGib, placement.vcpu) : placement.memoryGib * MIB_PER_GIB;
  const milliCpu = onOwnNodes ? allocatableMilliCpu(placement.vcpu) : placement.vcpu * MILLI;
  // a refused plan has no node; its values still have to be well-formed, since `OVKIT_GATE=report` synthesises them
  const memory = `${Math.max(1, Math.floor(memoryMib / pods) - beside.memoryMib)}Mi`;
  return { requests: { cpu: `${Math.max(1, Math.floor(milliCpu / pods) - beside.milliCpu)}m`, memory }, limits: { memory } };
}

/** Replicas that share a node: as many as its GPUs can carry, and one on a CPU node. */
export function podsPerNode(placement: Plan['placement']): number {
  return placement.device === 'gpu' ? Math.max(1, Math.floor(placement.gpuCount / placement.tensorParallel)) : 1;
}

const MIB_PER_GIB = 1024;
const MILLI = 1000;
/** Share of the nominal memory that a guest does not see. Source: Karpenter, vmMemoryOverheadPercent 0.075. */
const VM_MEMORY_OVERHEAD = 0.075;
/** kubelet reservation on EKS: 255 MiB and 11 MiB for each pod the node may hold. Source: amazon-eks-ami bootstrap, Karpenter kubeReservedResources. */
const KUBE_RESERVED_MIB = 255;
const KUBE_RESERVED_MIB_PER_POD = 11;
/** Hard eviction threshold memory.available. Source: kubelet default, 100Mi. */
const EVICTION_MIB = 100;
/** Pods by network interfaces: 58 up to 2xlarge, 234 for the larger GPU and compute types. Source: amazon-eks-ami eni-max-pods. */
const MAX_PODS_SMALL = 58;
const MAX_PODS_LARGE = 234;
const LARGE_FROM_VCPU = 16;
/** Room for the DaemonSets of the node (network, DNS, device plugin, metrics): estimate, 2026-11. */
const DAEMONSETS_MIB = 512;
const DAEMONSETS_MILLI_CPU = 400;

/** g6.xlarge (16 GiB, 4 vCPU): 14,162 MiB allocatable as in Karpenter's table, less the DaemonSets. */
function allocatableMemoryMib(memoryGib: number, vcpu: number): number {
  const maxPods = vcpu >= LARGE_FROM_VCPU ? MAX_PODS_LARGE : MAX_PODS_SMALL;
  const seen = memoryGib * MIB_PER_GIB * (1 - VM_MEMORY_OVERHEAD);
  return seen - KUBE_RESERVED_MIB - KUBE_RESERVED_MIB_PER_POD * maxPods - EVICTION_MIB - DAEMONSETS_MIB;
}

/** kubelet reservation: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest. Source: amazon-eks-ami. */
function allocatableMilliCpu(vcpu: number): number {
  const share = (core: number) => (core === 0 ? 0.06 : core === 1 ? 0.01 : core < 4 ? 0.005 : 0.0025);
  let reserved = 0;
  for (let core = 0; core < vcpu; core++) reserved += share(core) * MILLI;
  return vcpu * MILLI - reserved - DAEMONSETS_MILLI_CPU;
}
