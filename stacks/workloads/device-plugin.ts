import { Release as HelmRelease } from '@cdktf/provider-helm/lib/release';
import { hclJson } from '../gate/hcl-text';
import type { KitStack } from '../kit-stack';
import type { ChartRelease } from './chart-release';

/** NVIDIA's chart and its version. Source: NVIDIA/k8s-device-plugin releases; used with EKS by aws-ia/terraform-aws-eks-blueprints. */
const CHART = {
  repository: 'https://nvidia.github.io/k8s-device-plugin',
  chart: 'nvidia-device-plugin',
  version: '0.17.1',
} as const;

/** NVIDIA's device plugin: without it a node of the AL2023 NVIDIA image offers no nvidia.com/gpu. */
export const DEVICE_PLUGIN: ChartRelease = {
  ...CHART,
  name: 'nvidia-device-plugin',
  namespace: 'kube-system',
  values: hclJson({
    nodeSelector: { 'nvidia.com/gpu.present': 'true' },
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  }),
};

export function createDevicePlugin(stack: KitStack): HelmRelease {
  const { values, name, namespace } = DEVICE_PLUGIN;
  return new HelmRelease(stack, 'device_plugin', {
    ...CHART,
    name,
    namespace,
    // nodes may be at zero; the DaemonSet is then complete without a pod
    wait: false,
    values: [values],
  });
}
