import { DataAwsServicequotasServiceQuota } from '@cdktf/provider-aws/lib/data-aws-servicequotas-service-quota';
import type { TerraformResourceLifecycle } from 'cdktf';
import type { KitStack } from '../kit-stack';

type Preconditions = NonNullable<TerraformResourceLifecycle['precondition']>;

/**
 * The account's vCPU quota must hold all replicas: a new account has 0 for GPUs, and without this check everything up to the instance
 * deploys, and then no node ever comes. A reservation of capacity counts against the same quota.
 */
export function quotaConditions(stack: KitStack): Preconditions {
  const { quota, instanceType, maxReplicas, vcpu } = stack.context.plan.placement;
  if (quota === null) return [];
  const found = new DataAwsServicequotasServiceQuota(stack, 'model_quota', { serviceCode: 'ec2', quotaCode: quota.code });
  const request = `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${quota.code} --desired-value ${quota.vcpuNeeded}`;
  return [
    {
      condition: `\${${found.fqn}.value >= ${quota.vcpuNeeded}}`,
      errorMessage: `${quota.vcpuNeeded} vCPU (${maxReplicas} replicas on ${instanceType}, ${vcpu} vCPU each) > quota \${${found.fqn}.value} for ${quota.code}. Next: ${request}`,
    },
  ];
}
