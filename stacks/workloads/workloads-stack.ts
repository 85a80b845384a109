import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import type { Release as HelmRelease } from '@cdktf/provider-helm/lib/release';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import { nodeScaler } from '../platform/autoscaling';
import { createAddon } from './addons/addon';
import { neededAddons } from './addons/needed';
import { admissionRelease, createAdmissionRelease } from './admission-release';
import { createChartRelease } from './chart-release';
import { eksConnection, kubeconfigConnection, lookUpOwnCluster } from './cluster-connection';
import { handOver } from './gitops';
import { type ChartSource, createInferenceRelease, inferenceRelease } from './inference-release';
import { karpenterNodesRelease } from './karpenter-nodes';
import { weightsMirrorRelease } from './weights-mirror';

/** The kit's own charts with the values of this release. */
export interface Charts {
  readonly inference: ChartSource;
  readonly admission: ChartSource;
  /** Values null where nothing can be mirrored. */
  readonly mirror: ChartSource;
}

/**
 * Seconds that Helm waits, at a destroy, for the EC2NodeClass to go: Karpenter keeps it until its last instance has ended. Without the wait the
 * controller would be removed first, and its instances would run, and be billed, for ever.
 */
const NODES_SECONDS = 1800;

/**
 * What runs in the cluster: add-ons, what Karpenter may start, what admission lets through, and the inference service, as Helm releases, or
 * handed over to GitOps.
 */
export class WorkloadsStack extends KitStack {
  constructor(scope: Construct, context: StackContext, charts: Charts) {
    const onAws = context.release.placement.target === 'aws';
    super(scope, 'workloads', context, { gated: true, aws: onAws });
    const addons = neededAddons(this);
    const handsOver = context.settings.delivery === 'gitops';
    const ownNodes = nodeScaler(context) === 'karpenter';
    const cluster = onAws && (ownNodes || !handsOver) ? lookUpOwnCluster(this) : null;
    const nodes = ownNodes && cluster ? [karpenterNodesRelease(this, cluster.fqn)] : [];
    const mirror = weightsMirrorRelease(this, charts.mirror);
    if (handsOver) {
      handOver(this, [
        ...addons.map((addon) => addon.release),
        ...nodes,
        ...(mirror ? [mirror] : []),
        admissionRelease(this, charts.admission),
        inferenceRelease(this, charts.inference),
      ]);
      return;
    }
    new HelmProvider(this, 'helm', { kubernetes: cluster ? eksConnection(this, cluster) : kubeconfigConnection(context) });
    const made = new Map<string, HelmRelease>();
    for (const addon of addons) made.set(addon.id, createAddon(this, addon, made.get(addon.after ?? '')));
    const before: ITerraformDependable[] = [...made.values()];
    for (const release of nodes) before.push(createChartRelease(this, 'karpenter_nodes', release, NODES_SECONDS, before));
    if (mirror) before.push(createChartRelease(this, 'weights_mirror', mirror, charts.mirror.timeoutSeconds, before.slice()));
    before.push(createAdmissionRelease(this, charts.admission));
    createInferenceRelease(this, charts.inference, before);
  }
}
