import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { Annotations, type ITerraformDependable } from 'cdktf';
import type { KitStack } from '../kit-stack';
import type { Network } from '../network/network-stack';
import { createAccessEntries } from './access';
import { createNetworkAddons, createSchedulingAddons } from './addons';
import { createCluster } from './cluster';
import { lookUpCluster } from './existing-cluster';
import { createNodeRole, type NodeRole } from './node-role';
import { createSystemNodes } from './system-nodes';

/** A cluster into which nodes for the model can come. */
export interface ClusterBase {
  readonly cluster: { readonly name: string };
  /** What must be there before a node can become Ready. */
  readonly after: readonly ITerraformDependable[];
  /** null in a cluster of somebody else. */
  readonly nodeRole: NodeRole | null;
  readonly systemNodes: EksNodeGroup | null;
}

/** The release's own cluster with add-ons and system nodes, or one that exists (OVKIT_EKS_CLUSTER), which brings all that along. */
export function createClusterBase(stack: KitStack, key: KmsKey, network: Network): ClusterBase {
  const { eksCluster, clusterCidrs } = stack.context.settings;
  if (eksCluster !== null) return { cluster: lookUpCluster(stack, eksCluster), after: [], nodeRole: null, systemNodes: null };
  const cluster = createCluster(stack, key, network.privateSubnetIds);
  createAccessEntries(stack, cluster);
  const after = createNetworkAddons(stack, cluster);
  const nodeRole = createNodeRole(stack);
  const systemNodes = createSystemNodes(stack, { cluster, nodeRole, subnetIds: [...network.privateSubnetIds], after });
  createSchedulingAddons(stack, cluster, systemNodes);
  if (clusterCidrs.length === 0) {
    Annotations.of(stack).addWarning(
      "The cluster's API endpoint is private: deploy `workloads` from inside the VPC, or name your network, e.g. OVKIT_CLUSTER_CIDRS=203.0.113.7/32.",
    );
  }
  return { cluster, after, nodeRole, systemNodes };
}
