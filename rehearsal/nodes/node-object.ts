/** A node that is to be made up: what the scheduler decides by. */
export interface NodeSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule';
  }[];
  readonly capacity: { readonly milliCpu: number; readonly memoryMib: number; readonly gpus: number };
  /** What pods may take of it; default: the capacity. */
  readonly allocatable?: { readonly milliCpu: number; readonly memoryMib: number };
  readonly pods?: number;
}

/** The fields of a plan that a node is made of. */
interface PlannedNode {
  readonly instanceType: string | null;
  readonly region: string | null;
  readonly device: 'gpu' | 'cpu' | null;
  readonly gpu: string | null;
  readonly gpuCount: number;
  readonly vcpu: number;
  readonly memoryGib: number;
}

const MIB_PER_GIB = 1024;
const MILLI = 1000;
/** Share of the nominal memory that a guest of EC2 does not see. Source: Karpenter, vmMemoryOverheadPercent 0.075. */
const VM_MEMORY_OVERHEAD = 0.075;
/** Taken by the kubelet: 255 MiB, 11 MiB for each of 58 pods, 100 MiB for eviction. Source: amazon-eks-ami. */
const RESERVED_MIB = 255 + 11 * 58 + 100;
const RESERVED_MILLI_CPU = 80;
const ZONES = ['a', 'b', 'c'];
const GPU_TAINT = 'nvidia.com/gpu';

/**
 * Nodes as the plan's instance type would make them on EKS: its labels, the taint of GPU nodes, its GPUs, and what its kubelet leaves for pods.
 * They go round the zones. For an existing cluster a node has what the release says that it has for the service.
 */
export function plannedNodes(placement: PlannedNode, count: number): NodeSpec[] {
  const onAws = placement.instanceType !== null;
  const gpus = placement.device === 'gpu' ? placement.gpuCount : 0;
  const nominalMib = placement.memoryGib * MIB_PER_GIB;
  const memoryMib = Math.floor(onAws ? nominalMib * (1 - VM_MEMORY_OVERHEAD) : nominalMib);
  const capacity = { milliCpu: placement.vcpu * MILLI, memoryMib, gpus };
  const allocatable = onAws ? { milliCpu: capacity.milliCpu - RESERVED_MILLI_CPU, memoryMib: memoryMib - RESERVED_MIB } : capacity;
  const region = placement.region ?? 'local';
  return Array.from({ length: count }, (_, index) => ({
    name: `${(placement.instanceType ?? 'node').replaceAll('.', '-')}-${index + 1}`,
    labels: {
      ...(placement.instanceType === null ? {} : { 'node.kubernetes.io/instance-type': placement.instanceType }),
      'topology.kubernetes.io/region': region,
      'topology.kubernetes.io/zone': `${region}${ZONES[index % ZONES.length]}`,
      ...(gpus > 0
        ? { 'nvidia.com/gpu.present': 'true', ...(placement.gpu ? { 'nvidia.com/gpu.product': labelValue(placement.gpu) } : {}) }
        : {}),
    },
    taints: gpus > 0 ? [{ key: GPU_TAINT, value: 'true', effect: 'NoSchedule' as const }] : [],
    capacity,
    allocatable,
  }));
}

function labelValue(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 63);
}

const PODS_PER_NODE = 58;

/** The Node object, without conditions. */
export function nodeObject(spec: NodeSpec): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: spec.name,
      labels: {
        'kubernetes.io/hostname': spec.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': process.arch === 'arm64' ? 'arm64' : 'amd64',
        ...spec.labels,
      },
      annotations: { 'onevision-kit/stand-in': 'no kubelet and no container runtime: see rehearsal/nodes' },
    },
    spec: { taints: spec.taints },
  };
}

/** Its status: addresses, capacity and the conditions of a healthy node. */
export function nodeStatus(spec: NodeSpec, internalIp: string, kubeletPort: number, now: Date): Readonly<Record<string, unknown>> {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const condition = (type: string, status: 'True' | 'False', reason: string) => ({
    type,
    status,
    reason,
    message: 'stand-in of the rehearsal',
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  });
  return {
    capacity: quantities(spec, spec.capacity),
    allocatable: quantities(spec, spec.allocatable ?? spec.capacity),
    addresses: [
      { type: 'InternalIP', address: internalIp },
      { type: 'Hostname', address: spec.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    conditions: [
      condition('Ready', 'True', 'StandInReady'),
      condition('MemoryPressure', 'False', 'StandIn'),
      condition('DiskPressure', 'False', 'StandIn'),
      condition('PIDPressure', 'False', 'StandIn'),
    ],
    nodeInfo: {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      bootID: '',
      containerRuntimeVersion: 'onevision-kit://stand-in',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.3-onevision-kit-stand-in',
      machineID: '',
      operatingSystem: 'linux',
      osImage: '',
      systemUUID: '',
    },
  };
}

function quantities(spec: NodeSpec, of: { readonly milliCpu: number; readonly memoryMib: number }): Record<string, string> {
  return {
    cpu: `${of.milliCpu}m`,
    memory: `${of.memoryMib}Mi`,
    'ephemeral-storage': '200Gi',
    pods: String(spec.pods ?? PODS_PER_NODE),
    ...(spec.capacity.gpus > 0 ? { [GPU_TAINT]: String(spec.capacity.gpus) } : {}),
  };
}
