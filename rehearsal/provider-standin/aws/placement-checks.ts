import { contains, overlaps, parseCidr } from '../../../core/cidr';
import type { Cloud } from '../cloud';
import type { ValueMap } from '../protocol/value';
import { anError, type Diagnostic } from '../stand-in';
import { valuesAt } from './objects';
import type { AwsWorld } from './world';

/** EC2 VPC user guide: a VPC has /16 to /28, and so has a subnet. */
const NETWORK_BITS = { least: 16, most: 28 };
/** EKS user guide: subnets of a cluster lie in at least two zones. */
const CLUSTER_ZONES = 2;

/** What can be said once all values are known and the cloud can be asked: addresses, zones, capacity. */
export function placementProblems(world: AwsWorld, cloud: Cloud, type: string, value: ValueMap): Diagnostic[] {
  if (type === 'aws_vpc' || type === 'aws_subnet') return networkProblems(world, cloud, type, value);
  if (type === 'aws_eks_cluster') return clusterProblems(cloud, value);
  return type === 'aws_eks_node_group' ? nodeGroupProblems(world, cloud, value) : [];
}

function networkProblems(world: AwsWorld, cloud: Cloud, type: string, value: ValueMap): Diagnostic[] {
  const network = parseCidr(String(value.cidr_block));
  if (!network) return [];
  if (network.bits < NETWORK_BITS.least || network.bits > NETWORK_BITS.most)
    return [anError(`${type}: ${String(value.cidr_block)} has no size that EC2 takes`, 'Allowed: /16 to /28.')];
  if (type === 'aws_vpc') return [];
  const zone = String(value.availability_zone ?? '');
  if (zone !== '' && !world.zonesOf(world.region).includes(zone))
    return [anError(`there is no zone ${zone}`, `Allowed: ${world.zonesOf(world.region).join(', ')}.`)];
  const vpc = parseCidr(String(cloud.get('aws_vpc', String(value.vpc_id))?.value.cidr_block));
  if (vpc && !contains(vpc, network))
    return [anError(`subnet ${String(value.cidr_block)} lies outside its VPC`, `The VPC ${String(value.vpc_id)} is another network.`)];
  const neighbours = cloud.ofType('aws_subnet').filter((other) => other.value.vpc_id === value.vpc_id);
  return neighbours
    .filter((other) => {
      const its = parseCidr(String(other.value.cidr_block));
      return its !== undefined && overlaps(its, network);
    })
    .map((other) =>
      anError(
        `subnet ${String(value.cidr_block)} overlaps ${String(other.value.cidr_block)}`,
        `Subnet ${other.id} has these addresses (InvalidSubnet.Conflict).`,
      ),
    );
}

function zonesOfSubnets(cloud: Cloud, ids: readonly unknown[]): string[] {
  return [...new Set(ids.map((id) => String(cloud.get('aws_subnet', String(id))?.value.availability_zone ?? '')))];
}

function clusterProblems(cloud: Cloud, value: ValueMap): Diagnostic[] {
  const zones = zonesOfSubnets(cloud, valuesAt(value, 'vpc_config.subnet_ids'));
  return zones.length >= CLUSTER_ZONES
    ? []
    : [anError('the subnets of the cluster lie in one zone', `EKS wants ${CLUSTER_ZONES} zones; these lie in ${zones.join(', ')}.`)];
}

function nodeGroupProblems(world: AwsWorld, cloud: Cloud, value: ValueMap): Diagnostic[] {
  const zones = zonesOfSubnets(cloud, valuesAt(value, 'subnet_ids'));
  const arm = String(value.ami_type ?? '').includes('ARM_64');
  return valuesAt(value, 'instance_types').flatMap((type) => {
    const instance = world.instance(String(type));
    if (!instance)
      return [
        anError(
          `instance type ${String(type)} is not known`,
          'Allowed: the types of catalog/instances.json and those that the stacks use for system nodes.',
        ),
      ];
    if ((instance.arch === 'arm64') !== arm)
      return [
        anError(
          `${String(type)} is ${instance.arch}, the node image ${String(value.ami_type)} is not`,
          'Choose the image of the same architecture.',
        ),
      ];
    const missing = zones.filter((zone) => !world.zonesOffering(String(type)).includes(zone));
    return missing.length === 0
      ? []
      : [
          anError(
            `${String(type)} is not offered in ${missing.join(', ')}`,
            `It is offered in ${world.zonesOffering(String(type)).join(', ')} (UnsupportedAvailabilityZone).`,
          ),
        ];
  });
}
