import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import type { Network } from '../network/network-stack';
import { createAlarms } from './alarms';
import { createAlertTopic } from './alert-topic';
import { createAnomalyMonitor } from './anomaly';
import { createBudget } from './budget';
import { createClusterBase } from './cluster-base';
import { createEncryptionKey } from './encryption-key';
import { reportLaunchFailures } from './launch-failures';
import { createModelCapacity } from './model-capacity';
import { createWeightsAccess } from './weights-access';

/** The cluster of a release: EKS, system nodes, the nodes that the plan chose for the model, and the alarms on health and cost. */
export class PlatformStack extends KitStack {
  constructor(scope: Construct, context: StackContext, network: Network) {
    super(scope, 'platform', context, { gated: true, aws: true });
    const key = createEncryptionKey(this);
    const base = createClusterBase(this, key, network);
    const { nodeGroups, interruptions } = createModelCapacity(this, base, network);
    createWeightsAccess(this, base.cluster.name);

    const cost = createAlertTopic(this, key, {
      id: 'cost_alerts',
      publishers: { sid: 'CostServicesPublish', services: ['budgets.amazonaws.com', 'costalerts.amazonaws.com'] },
    });
    createBudget(this, cost);
    createAnomalyMonitor(this, cost);

    const alarms = createAlertTopic(this, key, {
      id: 'alarms',
      publishers: { sid: 'CloudWatchPublishes', services: ['cloudwatch.amazonaws.com'] },
    });
    const groups = base.systemNodes ? [base.systemNodes, ...nodeGroups] : nodeGroups;
    const { natGatewayIds } = network;
    createAlarms(this, alarms, { clusterName: base.cluster.name, nodeGroups: groups, natGatewayIds, interruptions });
    reportLaunchFailures(this, alarms, key, groups);
  }
}
