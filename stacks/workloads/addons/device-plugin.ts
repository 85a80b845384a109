import { hclJson } from '../../gate/hcl-text';
import type { Addon } from './addon';

/**
 * NVIDIA's device plugin: without it a node of the AL2023 NVIDIA image offers no nvidia.com/gpu.
 * Source: NVIDIA/k8s-device-plugin releases; used with EKS by aws-ia/terraform-aws-eks-blueprints.
 */
export const DEVICE_PLUGIN: Addon = {
  id: 'device_plugin',
  // nodes may be at zero; the DaemonSet is then complete without a pod
  wait: false,
  release: {
    name: 'nvidia-device-plugin',
    namespace: 'kube-system',
    repository: 'https://nvidia.github.io/k8s-device-plugin',
    chart: 'nvidia-device-plugin',
    version: '0.17.1',
    values: hclJson({
      nodeSelector: { 'nvidia.com/gpu.present': 'true' },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    }),
  },
};
