import { AssetType, TerraformAsset } from 'cdktf';
import { karpenterValues } from '../../charts/karpenter-values';
import { fromRoot } from '../../core/project-root';
import type { KitStack } from '../kit-stack';
import { karpenterProfileName } from '../names';
import { isArm } from '../platform/ami-type';
import { modelLabels } from '../platform/node-marks';
import type { ChartRelease } from './chart-release';
import { hclValues } from './hcl-values';

/**
 * Release of the EKS optimised images without OVKIT_NODE_RELEASE. Source: awslabs/amazon-eks-ami releases; the one of 2026-10-03 warns of a
 * kernel panic with Kubernetes 1.31 to 1.35.
 */
const DEFAULT_IMAGE_RELEASE = 'v20260903';
/** Stand for what only Terraform knows. */
const MARKERS = { securityGroups: 'own-security-groups', subnets: 'own-subnets' } as const;

/** NodePool and EC2NodeClass of the release, which the kit's own chart makes. */
export function karpenterNodesRelease(stack: KitStack, clusterFqn: string): ChartRelease {
  const { release, plan, settings, tags } = stack.context;
  const asset = new TerraformAsset(stack, 'karpenter_nodes_chart', {
    path: fromRoot('charts', 'karpenter-nodes'),
    type: AssetType.DIRECTORY,
  });
  const values = karpenterValues(release, plan, {
    labels: modelLabels(stack.context),
    architecture: isArm(plan.placement.instanceType ?? '') ? 'arm64' : 'amd64',
    instanceProfile: karpenterProfileName(release),
    securityGroupIds: MARKERS.securityGroups,
    subnetIds: settings.subnetIds.length > 0 ? settings.subnetIds : MARKERS.subnets,
    tags,
    imageRelease: settings.nodeRelease === null ? DEFAULT_IMAGE_RELEASE : `v${settings.nodeRelease.split('-')[1]}`,
    capacityReservation: settings.capacityReservation,
  });
  return {
    name: `${release.metadata.name}-nodes`,
    namespace: 'kube-system',
    chart: asset.path,
    repository: null,
    version: null,
    values: hclValues(values, {
      [MARKERS.securityGroups]: `[${clusterFqn}.vpc_config[0].cluster_security_group_id]`,
      [MARKERS.subnets]: `sort(${clusterFqn}.vpc_config[0].subnet_ids)`,
    }),
  };
}
