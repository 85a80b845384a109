import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import { eksConnection, kubeconfigConnection } from './cluster-connection';
import { createDevicePlugin, DEVICE_PLUGIN } from './device-plugin';
import { handOver } from './gitops';
import { type ChartSource, createInferenceRelease, inferenceRelease } from './inference-release';

/** What runs in the cluster: the GPU device plugin and the inference service, as Helm releases, or handed over to GitOps. */
export class WorkloadsStack extends KitStack {
  constructor(scope: Construct, context: StackContext, chart: ChartSource) {
    const onAws = context.release.placement.target === 'aws';
    super(scope, 'workloads', context, { gated: true, aws: onAws });
    const needsPlugin = onAws && context.plan.placement.device === 'gpu';
    if (context.settings.delivery === 'gitops') {
      handOver(this, [...(needsPlugin ? [DEVICE_PLUGIN] : []), inferenceRelease(this, chart)]);
      return;
    }
    new HelmProvider(this, 'helm', { kubernetes: onAws ? eksConnection(this) : kubeconfigConnection(context) });
    createInferenceRelease(this, chart, needsPlugin ? [createDevicePlugin(this)] : []);
  }
}
