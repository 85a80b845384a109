import { hclJson } from '../../gate/hcl-text';
import { type KitStack, regionOf } from '../../kit-stack';
import { boundedName, clusterNameOf, NAME_LIMIT } from '../../names';
import { CLUSTER_AUTOSCALER } from '../../system-accounts';
import { type Addon, ON_SYSTEM_NODES } from './addon';

/** Longer than a GPU node takes to join; then the group backs off, and the fallback is tried. */
const PROVISION_MINUTES = 8;
/** An empty node is not removed sooner than this, so that a pod that moves finds it. */
const LEAST_IDLE_SECONDS = 600;
/** The priority expander takes the group with the highest number. */
const PRIORITY = { model: 50, fallback: 10 } as const;

/**
 * The Cluster Autoscaler, which starts nodes of the managed groups for pods that wait, prefers the capacity that the plan chose and falls
 * back to the other, and removes a node that was empty for as long as a cold start takes.
 * Source: kubernetes/autoscaler, chart cluster-autoscaler 9.59.0 (autoscaler 1.35); cluster-autoscaler/expander/priority/readme.md.
 */
export function clusterAutoscaler(stack: KitStack): Addon {
  const { release, plan } = stack.context;
  // EKS names the Auto Scaling group of a node group eks-<group>-<uuid>
  const group = (id: 'model' | 'fallback') => `^eks-${boundedName(release, id, NAME_LIMIT.eksNodeGroup)}-`;
  const priorities = Object.entries(PRIORITY).map(([id, priority]) => `${priority}:\n  - "${group(id as 'model')}"\n`);
  return {
    id: 'cluster_autoscaler',
    wait: true,
    release: {
      name: 'cluster-autoscaler',
      namespace: CLUSTER_AUTOSCALER.namespace,
      repository: 'https://kubernetes.github.io/autoscaler',
      chart: 'cluster-autoscaler',
      version: '9.59.0',
      values: hclJson({
        cloudProvider: 'aws',
        awsRegion: regionOf(release),
        autoDiscovery: { clusterName: clusterNameOf(stack.context) },
        rbac: { serviceAccount: { create: true, name: CLUSTER_AUTOSCALER.serviceAccount } },
        nodeSelector: ON_SYSTEM_NODES,
        priorityClassName: 'system-cluster-critical',
        expanderPriorities: priorities.join(''),
        extraArgs: {
          expander: 'priority',
          'max-node-provision-time': `${PROVISION_MINUTES}m`,
          'scale-down-unneeded-time': `${Math.max(LEAST_IDLE_SECONDS, plan.scaling.coldStartSeconds.high ?? 0)}s`,
        },
      }),
    },
  };
}
