/** Service accounts of add-ons that act on AWS: the platform gives them a role, the workloads install them under these names. */
export const CLUSTER_AUTOSCALER = { namespace: 'kube-system', serviceAccount: 'cluster-autoscaler' } as const;
export const KARPENTER = { namespace: 'kube-system', serviceAccount: 'karpenter' } as const;
