import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones';
import { DataAwsEc2InstanceTypeOfferings } from '@cdktf/provider-aws/lib/data-aws-ec2-instance-type-offerings';
import { TerraformLocal } from 'cdktf';
import type { KitStack } from '../kit-stack';
import { regionOf } from '../kit-stack';

/** Zones that a VPC spans: more zones mean more spot pools and more chances for a scarce GPU. */
const ZONES = 3;
/** Regions where an account sees fewer. Source: AWS regions and zones, us-west-1 gives two zones to each account. */
const FEWER_ZONES: Readonly<Record<string, number>> = { 'us-west-1': 2 };

/**
 * Zones in which EKS makes no control plane (UnsupportedAvailabilityZoneException), by id, since each account names its zones differently.
 * Source: Amazon EKS user guide, "Amazon EKS networking requirements for VPC and subnets".
 */
const ZONES_WITHOUT_EKS = ['use1-az3', 'usw1-az2', 'cac1-az3'];

export interface Zones {
  readonly count: number;
  /** HCL expression of the i-th zone's name. */
  name(index: number): string;
  /** Local with the zones that offer the instance type; null when the plan names none. */
  readonly offering: TerraformLocal | null;
}

/**
 * Chooses the zones: first those that offer the instance type of the plan, then others, since a control plane needs at
 * least two. Local Zones and Wavelength are left out (opt-in).
 */
export function createZones(stack: KitStack): Zones {
  const count = FEWER_ZONES[regionOf(stack.context.release)] ?? ZONES;
  const available = new DataAwsAvailabilityZones(stack, 'zones', {
    state: 'available',
    filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
    excludeZoneIds: [...ZONES_WITHOUT_EKS],
  });
  const instanceType = stack.context.plan.placement.instanceType;
  const names = `${available.fqn}.names`;
  if (instanceType === null) {
    const zones = local(stack, 'zones', `\${sort(${names})}`);
    return { count, offering: null, name: (index) => `\${${zones.fqn}[${index}]}` };
  }
  const offerings = new DataAwsEc2InstanceTypeOfferings(stack, 'offerings', {
    locationType: 'availability-zone',
    filter: [{ name: 'instance-type', values: [instanceType] }],
  });
  const offering = local(stack, 'offering_zones', `\${sort(setintersection(${names}, ${offerings.fqn}.locations))}`);
  const zones = local(stack, 'zones', `\${distinct(concat(${offering.fqn}, sort(${names})))}`);
  return { count, offering, name: (index) => `\${${zones.fqn}[${index}]}` };
}

function local(stack: KitStack, name: string, expression: string): TerraformLocal {
  const value = new TerraformLocal(stack, `local_${name}`, expression);
  value.overrideLogicalId(name);
  return value;
}
