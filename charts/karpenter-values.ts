import type { Plan } from '../planning/plan';
import type { Capacity, Release } from '../release/schema';
import { podsPerNode } from './pod-resources';

/** Values of the chart `charts/karpenter-nodes`, as its `values.schema.json` allows them. */
export interface KarpenterValues {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly instanceTypes: readonly string[];
  readonly architecture: 'amd64' | 'arm64';
  readonly capacityTypes: readonly Capacity[];
  readonly capacityReservationIds: readonly string[];
  readonly gpu: { readonly count: number; readonly resourceName: 'nvidia.com/gpu' };
  readonly vcpuPerNode: number;
  readonly maxNodes: number;
  readonly consolidateAfterSeconds: number;
  readonly ami: string;
  readonly instanceProfile: string;
  readonly securityGroupIds: unknown;
  readonly subnetIds: unknown;
  readonly volumeGib: number;
  readonly localDisks: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** What release and plan do not know: the place. Ids may be references of Terraform. */
export interface KarpenterPlace
  extends Pick<KarpenterValues, 'labels' | 'architecture' | 'instanceProfile' | 'securityGroupIds' | 'subnetIds' | 'tags'> {
  /** Release of the EKS optimised images, v and the date. */
  readonly imageRelease: string;
  readonly capacityReservation: string | null;
}

/** An empty node is not removed sooner than this. Source: ai-on-eks and Karpenter's documentation for slow loads. */
const LEAST_CONSOLIDATION_SECONDS = 300;

/**
 * What Karpenter may start for a release: the plan's type in the plan's kinds of capacity, up to the nodes of maxReplicas and one more while a
 * node is replaced. An empty node stays as long as a cold start takes at its slow end.
 */
export function karpenterValues(release: Release, { placement, scaling }: Plan, place: KarpenterPlace): KarpenterValues {
  const { imageRelease, capacityReservation, ...rest } = place;
  return {
    ...rest,
    // NodePools belong to the whole cluster, which may hold another environment
    name: `${release.metadata.name}-${release.metadata.environment}`,
    instanceTypes: placement.instanceType === null ? [] : [placement.instanceType],
    capacityTypes: capacityTypes(placement, capacityReservation),
    capacityReservationIds: capacityReservation === null ? [] : [capacityReservation],
    gpu: { count: placement.device === 'gpu' ? placement.gpuCount : 0, resourceName: 'nvidia.com/gpu' },
    vcpuPerNode: placement.vcpu,
    maxNodes: Math.ceil(placement.maxReplicas / podsPerNode(placement)) + 1,
    consolidateAfterSeconds: Math.max(LEAST_CONSOLIDATION_SECONDS, scaling.coldStartSeconds.high ?? 0),
    ami: `al2023@${imageRelease}`,
    volumeGib: placement.volumeGib,
    localDisks: placement.localNvmeGb > 0,
  };
}

/**
 * A named reservation is used, and nothing else unless the release allows it. "reserved" without a name means every open reservation of the
 * account: Karpenter finds them by their match criteria and starts each node in one of them by its id. On-demand nodes stay out of them: with the
 * feature gate ReservedCapacity (on since 1.6) Karpenter asks EC2 for that. Source: Karpenter 1.14.1, pkg/providers/capacityreservation/types.go
 * and pkg/providers/launchtemplate/types.go; its task "Utilizing On-Demand Capacity Reservations".
 */
function capacityTypes({ capacity, fallback }: Plan['placement'], reservation: string | null): Capacity[] {
  const chosen = reservation !== null && capacity === 'on-demand' ? 'reserved' : (capacity ?? 'on-demand');
  return fallback === null ? [chosen] : [chosen, fallback.capacity];
}
