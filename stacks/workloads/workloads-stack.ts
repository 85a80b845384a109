import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import { eksConnection, kubeconfigConnection } from './cluster-connection';
import { createDevicePlugin } from './device-plugin';
import { type ChartSource, createInferenceRelease } from './inference-release';

/** What runs in the cluster: the GPU device plugin and the inference service, as Helm releases. */
export class WorkloadsStack extends KitStack {
  constructor(scope: Construct, context: StackContext, chart: ChartSource) {
    const onAws = context.release.placement.target === 'aws';
    super(scope, 'workloads', context, { gated: true, aws: onAws });
    new HelmProvider(this, 'helm', { kubernetes: onAws ? eksConnection(this) : kubeconfigConnection(context) });
    const plugin = onAws && context.plan.placement.device === 'gpu' ? [createDevicePlugin(this)] : [];
    createInferenceRelease(this, chart, plugin);
  }
}
