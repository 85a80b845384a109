import { Annotations } from 'cdktf';
import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import type { Network } from '../network/network-stack';
import { createAccessEntries } from './access';
import { createNetworkAddons, createSchedulingAddons } from './addons';
import { createAnomalyMonitor } from './anomaly';
import { createAlertTopic, createBudget } from './budget';
import { createCluster } from './cluster';
import { createEncryptionKey } from './encryption-key';
import { createModelNodes } from './model-nodes';
import { createNodeRole } from './node-role';
import { createSystemNodes } from './system-nodes';
import { createWeightsAccess } from './weights-access';

/** The cluster of a release: EKS, system nodes, the nodes that the plan chose for the model, and the alarms on its cost. */
export class PlatformStack extends KitStack {
  readonly clusterName: string;

  constructor(scope: Construct, context: StackContext, network: Network) {
    super(scope, 'platform', context, { gated: true, aws: true });
    const key = createEncryptionKey(this);
    const cluster = createCluster(this, key, network.privateSubnetIds);
    createAccessEntries(this, cluster);
    const networking = createNetworkAddons(this, cluster);
    const nodeRole = createNodeRole(this);
    const systemNodes = createSystemNodes(this, { cluster, nodeRole, subnetIds: [...network.privateSubnetIds], after: networking });
    createModelNodes(this, { cluster, nodeRole, subnetIds: network.modelSubnetIds, after: networking });
    createSchedulingAddons(this, cluster, systemNodes);
    createWeightsAccess(this, cluster);
    const topic = createAlertTopic(this, key);
    createBudget(this, topic);
    createAnomalyMonitor(this, topic);
    this.clusterName = cluster.name;
    if (context.settings.clusterCidrs.length === 0) {
      Annotations.of(this).addWarning(
        "The cluster's API endpoint is private: deploy `workloads` from inside the VPC, or name your network, e.g. OVKIT_CLUSTER_CIDRS=203.0.113.7/32.",
      );
    }
  }
}
