import { EksAddon } from '@cdktf/provider-aws/lib/eks-addon';
import type { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster';
import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { ITerraformDependable } from 'cdktf';
import type { KitStack } from '../kit-stack';

/** DaemonSets that a node needs before it is Ready; they need no node to be created. */
const NETWORK_ADDONS = ['vpc-cni', 'kube-proxy', 'eks-pod-identity-agent'];
/** Without it the NetworkPolicies of the chart are stored, and nothing enforces them. Source: EKS user guide, "Configure your cluster for Kubernetes network policies". */
const CONFIGURATION: Readonly<Record<string, unknown>> = { 'vpc-cni': { enableNetworkPolicy: 'true' } };
/** Deployments: EKS reports them degraded until a node can run them. */
const SCHEDULING_ADDONS = ['coredns', 'metrics-server'];

/** EKS add-ons without which no node becomes Ready. Versions: EKS's default for the cluster's version. */
export function createNetworkAddons(stack: KitStack, cluster: EksCluster): EksAddon[] {
  return NETWORK_ADDONS.map((name) => addon(stack, cluster, name, []));
}

/** EKS add-ons that need a node to run on. */
export function createSchedulingAddons(stack: KitStack, cluster: EksCluster, systemNodes: EksNodeGroup): EksAddon[] {
  return SCHEDULING_ADDONS.map((name) => addon(stack, cluster, name, [systemNodes]));
}

function addon(stack: KitStack, cluster: EksCluster, name: string, dependsOn: ITerraformDependable[]): EksAddon {
  return new EksAddon(stack, `addon_${name.replaceAll('-', '_')}`, {
    clusterName: cluster.name,
    addonName: name,
    configurationValues: name in CONFIGURATION ? JSON.stringify(CONFIGURATION[name]) : undefined,
    resolveConflictsOnCreate: 'OVERWRITE',
    resolveConflictsOnUpdate: 'OVERWRITE',
    dependsOn,
  });
}
