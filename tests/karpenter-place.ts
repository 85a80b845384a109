import type { KarpenterPlace } from '../charts/karpenter-values';

/** A network for Karpenter's nodes, with ids as AWS writes them. */
export const KARPENTER_PLACE: KarpenterPlace = {
  labels: { 'onevision-kit/nodes': 'model', 'nvidia.com/gpu.present': 'true', 'k8s.amazonaws.com/accelerator': 'nvidia-l4' },
  architecture: 'amd64',
  instanceProfile: 'show-node',
  securityGroupIds: ['sg-0a'],
  subnetIds: ['subnet-0a', 'subnet-0b'],
  tags: { Release: 'puppet-show', ManagedBy: 'cdktf' },
  imageRelease: 'v20260903',
  capacityReservation: null,
};
