import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import { admissionRelease, createAdmissionRelease } from './admission-release';
import { eksConnection, kubeconfigConnection } from './cluster-connection';
import { createDevicePlugin, DEVICE_PLUGIN } from './device-plugin';
import { handOver } from './gitops';
import { type ChartSource, createInferenceRelease, inferenceRelease } from './inference-release';

/** The kit's own charts with the values of this release. */
export interface Charts {
  readonly inference: ChartSource;
  readonly admission: ChartSource;
}

/**
 * What runs in the cluster: the GPU device plugin, what admission lets through, and the inference service, as Helm releases, or handed over
 * to GitOps.
 */
export class WorkloadsStack extends KitStack {
  constructor(scope: Construct, context: StackContext, charts: Charts) {
    const onAws = context.release.placement.target === 'aws';
    super(scope, 'workloads', context, { gated: true, aws: onAws });
    const needsPlugin = onAws && context.plan.placement.device === 'gpu';
    if (context.settings.delivery === 'gitops') {
      handOver(this, [
        ...(needsPlugin ? [DEVICE_PLUGIN] : []),
        admissionRelease(this, charts.admission),
        inferenceRelease(this, charts.inference),
      ]);
      return;
    }
    new HelmProvider(this, 'helm', { kubernetes: onAws ? eksConnection(this) : kubeconfigConnection(context) });
    const before = [...(needsPlugin ? [createDevicePlugin(this)] : []), createAdmissionRelease(this, charts.admission)];
    createInferenceRelease(this, charts.inference, before);
  }
}
