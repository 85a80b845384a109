import { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';
import type { HelmProviderKubernetes } from '@cdktf/provider-helm/lib/provider';
import { Fn } from 'cdktf';
import { hclText } from '../gate/hcl-text';
import { type KitStack, regionOf, type StackContext } from '../kit-stack';
import { clusterNameOf } from '../names';

/** The cluster of the release, by its name. */
export function lookUpOwnCluster(stack: KitStack): DataAwsEksCluster {
  return new DataAwsEksCluster(stack, 'cluster', { name: clusterNameOf(stack.context) });
}

/**
 * The cluster of the platform stack, looked up by name, so that this stack needs none of its state. Tokens come from
 * `aws eks get-token` at each call: a token in the configuration would expire after 15 minutes. Needs `aws` on PATH.
 */
export function eksConnection(stack: KitStack, cluster: DataAwsEksCluster): HelmProviderKubernetes {
  const name = clusterNameOf(stack.context);
  return {
    host: cluster.endpoint,
    clusterCaCertificate: Fn.base64decode(cluster.certificateAuthority.get(0).data),
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'aws',
      args: ['eks', 'get-token', '--cluster-name', name, '--region', regionOf(stack.context.release), '--output', 'json'],
    },
  };
}

/** An existing cluster by the context of a kubeconfig. */
export function kubeconfigConnection({ release, settings }: StackContext): HelmProviderKubernetes {
  return { configPath: hclText(settings.kubeconfig), configContext: hclText(release.placement.cluster?.context ?? '') };
}
