import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { PolicyStatement } from '../iam';
import type { KitStack } from '../kit-stack';
import { CLUSTER_AUTOSCALER } from '../system-accounts';
import { createPodRole } from './pod-role';

/**
 * What the Cluster Autoscaler may do: read, and set the size of the groups that EKS tagged as belonging to this cluster.
 * Source: kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md, "Minimal IAM permissions policy" with tag condition.
 */
export function autoscalerStatements(clusterName: string, nodeGroupArns: readonly string[]): PolicyStatement[] {
  return [
    {
      Sid: 'Read',
      Effect: 'Allow',
      Action: [
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeAutoScalingInstances',
        'autoscaling:DescribeLaunchConfigurations',
        'autoscaling:DescribeScalingActivities',
        'ec2:DescribeImages',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplateVersions',
        'ec2:GetInstanceTypesFromInstanceRequirements',
      ],
      Resource: '*',
    },
    { Sid: 'ReadNodeGroups', Effect: 'Allow', Action: 'eks:DescribeNodegroup', Resource: nodeGroupArns },
    {
      Sid: 'SetSize',
      Effect: 'Allow',
      Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      Resource: '*',
      // EKS puts this tag on the Auto Scaling group of each managed node group
      Condition: { StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${clusterName}`]: 'owned' } },
    },
  ];
}

/** The role of the Cluster Autoscaler. */
export function createAutoscalerRole(stack: KitStack, clusterName: string, groups: readonly EksNodeGroup[]): void {
  createPodRole(stack, {
    id: 'autoscaler',
    description: 'The Cluster Autoscaler sets the size of node groups',
    statements: autoscalerStatements(
      clusterName,
      groups.map((group) => group.arn),
    ),
    clusterName,
    association: 'autoscaler_access',
    ...CLUSTER_AUTOSCALER,
  });
}
