import { DataAwsServicequotasServiceQuota } from '@cdktf/provider-aws/lib/data-aws-servicequotas-service-quota';
import { Fn, Op, type TerraformResourceLifecycle } from 'cdktf';
import type { KitStack } from '../kit-stack';
import type { CapacityGroup } from './capacity';

export type Preconditions = NonNullable<TerraformResourceLifecycle['precondition']>;

/**
 * What must hold before a node for the model is made: a zone that offers its type, and a quota for each kind of capacity. Without them
 * everything up to the instance deploys, and then no node ever comes.
 */
export function capacityConditions(stack: KitStack, groups: readonly CapacityGroup[], subnetIds: string[]): Preconditions {
  const { instanceType } = stack.context.plan.placement;
  const offered = {
    // not "> 0": cdktf 0.21 renders a literal 0 in an operation as undefined
    condition: Op.gte(Fn.lengthOf(subnetIds), 1),
    errorMessage: `No zone of the VPC offers ${instanceType}. Next: allow another family in placement.instanceFamilies, or another region.`,
  };
  return [offered, ...groups.flatMap((group) => quotaConditions(stack, group))];
}

/**
 * The account's vCPU quota must hold all replicas, and one node more while an update rolls: a new account has 0 for GPUs. Spot has quotas of its
 * own; a reservation of capacity counts against that of on-demand.
 */
function quotaConditions(stack: KitStack, { id, quota, capacity }: CapacityGroup): Preconditions {
  const { maxReplicas, vcpu } = stack.context.plan.placement;
  if (quota === null || vcpu === 0) return [];
  const found = new DataAwsServicequotasServiceQuota(stack, `${id}_quota`, { serviceCode: 'ec2', quotaCode: quota.code });
  const nodes = Math.round(quota.vcpuNeeded / vcpu);
  const request = `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${quota.code} --desired-value ${quota.vcpuNeeded} --region ${stack.context.plan.placement.region}`;
  return [
    {
      condition: `\${${found.fqn}.value >= ${quota.vcpuNeeded}}`,
      errorMessage:
        `${vcpu} vCPU x ${nodes} nodes (${maxReplicas} replicas, and one node more while an update rolls; ${capacity}) = ${quota.vcpuNeeded} ` +
        `> quota \${${found.fqn}.value} for ${quota.code} (${quota.name}): request it with \`${request}\``,
    },
  ];
}
