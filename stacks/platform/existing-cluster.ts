import { DataAwsEksCluster } from '@cdktf/provider-aws/lib/data-aws-eks-cluster';
import { TerraformData } from '../gate/terraform-data';
import type { KitStack } from '../kit-stack';

/** A cluster that somebody else owns (OVKIT_EKS_CLUSTER): it is looked up and checked; only nodes and roles are added to it. */
export function lookUpCluster(stack: KitStack, name: string): { readonly name: string } {
  const cluster = new DataAwsEksCluster(stack, 'existing_cluster', { name });
  const { vpcId } = stack.context.settings;
  new TerraformData(stack, 'existing_cluster_checks', {
    precondition: [
      {
        condition: `\${${cluster.fqn}.vpc_config[0].vpc_id == "${vpcId}"}`,
        errorMessage: `The cluster ${name} lies in the VPC \${${cluster.fqn}.vpc_config[0].vpc_id}, not in OVKIT_VPC_ID ${vpcId}. Next: name its VPC and its private subnets.`,
      },
      {
        condition: `\${${cluster.fqn}.access_config[0].authentication_mode != "CONFIG_MAP"}`,
        errorMessage: `The cluster ${name} knows only the aws-auth ConfigMap. Next: aws eks update-cluster-config --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP`,
      },
    ],
  });
  return cluster;
}
