import type { StackContext } from '../kit-stack';

/** Kept free for pods that need a GPU; the device plugin and the chart tolerate it. */
export const GPU_TAINT = { key: 'nvidia.com/gpu', value: 'true', effect: 'NO_SCHEDULE' } as const;

/** Labels of nodes for the model. */
export function modelLabels({ release, plan }: Pick<StackContext, 'release' | 'plan'>): Record<string, string> {
  const { device, gpu } = plan.placement;
  return {
    'onevision-kit/nodes': 'model',
    'onevision-kit/release': release.metadata.name,
    ...(device === 'gpu'
      ? {
          // where the device plugin's DaemonSet goes
          'nvidia.com/gpu.present': 'true',
          // tells the Cluster Autoscaler to wait for the GPU of a new node. Source: its AWS README, "Using AWS GPU instances"
          'k8s.amazonaws.com/accelerator': `nvidia-${String(gpu)
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, '-')}`,
        }
      : {}),
  };
}
