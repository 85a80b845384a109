import type { KitStack } from '../../kit-stack';
import { nodeScaler } from '../../platform/autoscaling';
import type { Addon } from './addon';
import { clusterAutoscaler } from './cluster-autoscaler';
import { DEVICE_PLUGIN } from './device-plugin';
import { KARPENTER_CRDS, karpenterController } from './karpenter';
import { KEDA } from './keda';
import { PROMETHEUS } from './prometheus';

/** The add-ons that a release needs on AWS, in the order in which they are installed; none where the cluster has them (OVKIT_ADDONS). */
export function neededAddons(stack: KitStack): readonly Addon[] {
  const { plan, settings, release } = stack.context;
  if (release.placement.target !== 'aws' || settings.addons === 'none') return [];
  const scaler = nodeScaler(stack.context);
  return [
    ...(plan.placement.device === 'gpu' ? [DEVICE_PLUGIN] : []),
    ...(scaler === 'cluster-autoscaler' ? [clusterAutoscaler(stack)] : []),
    ...(scaler === 'karpenter' ? [KARPENTER_CRDS, karpenterController(stack)] : []),
    ...(plan.scaling.mode === 'keda' ? [...(settings.prometheusUrl === null ? [PROMETHEUS] : []), KEDA] : []),
  ];
}
