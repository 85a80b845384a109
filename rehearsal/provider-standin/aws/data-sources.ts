import type { Cloud } from '../cloud';
import { isMap, type Value, type ValueMap } from '../protocol/value';
import type { Block } from '../schema/schema';
import { anError, type Outcome } from '../stand-in';
import { valuesAt } from './objects';
import type { AwsWorld } from './world';

/** Answers of data sources; an attribute that nothing is said of stays null. */
export async function readAwsData(type: string, config: ValueMap, block: Block, world: AwsWorld, cloud: Cloud): Promise<Outcome> {
  const answer = ANSWERS[type];
  if (!answer)
    return {
      state: null,
      diagnostics: [
        anError(`the stand-in has no answer for data source ${type}`, 'Add it to rehearsal/provider-standin/aws/data-sources.ts.'),
      ],
    };
  const found = answer(config, world, cloud);
  if (typeof found === 'string') return { state: null, diagnostics: [anError(`reading ${type}`, found)] };
  const empty = Object.fromEntries(Object.keys(block.attributes).map((name): [string, Value] => [name, null]));
  const set = Object.fromEntries(Object.entries(found).filter(([name]) => name in block.attributes || name in block.blocks));
  return { state: { ...empty, ...config, ...('region' in block.attributes ? { region: config.region ?? world.region } : {}), ...set } };
}

/** What was found, or in words why not. */
type Answer = (config: ValueMap, world: AwsWorld, cloud: Cloud) => ValueMap | string;

const ANSWERS: Readonly<Record<string, Answer>> = {
  aws_caller_identity: (_, { account }) => ({
    id: account,
    account_id: account,
    arn: `arn:aws:sts::${account}:assumed-role/rehearsal/stand-in`,
    user_id: 'AROAREHEARSAL:stand-in',
  }),
  aws_partition: () => ({ id: 'aws', partition: 'aws', dns_suffix: 'amazonaws.com', reverse_dns_prefix: 'com.amazonaws' }),
  aws_region: (_, { region }) => ({ id: region, name: region, region, description: region, endpoint: `ec2.${region}.amazonaws.com` }),
  aws_availability_zones: (_, world) => {
    const names = world.zonesOf(world.region);
    return { id: world.region, names: [...names], zone_ids: names.map((name) => `${name}-id`), group_names: [world.region] };
  },
  aws_ec2_instance_type_offerings: (config, world) => {
    const wanted = filterValues(config, 'instance-type');
    const pairs = wanted.flatMap((type) => world.zonesOffering(type).map((location) => ({ type, location })));
    return {
      id: world.region,
      instance_types: pairs.map(({ type }) => type),
      locations: pairs.map(({ location }) => location),
      location_types: pairs.map(() => 'availability-zone'),
    };
  },
  // AWS keeps a handful of networks of S3 in it; these are for documentation (RFC 5737)
  aws_prefix_list: (config) => ({
    id: 'pl-stand-in',
    prefix_list_id: 'pl-stand-in',
    name: config.name ?? '',
    cidr_blocks: ['198.51.100.0/24'],
  }),
  aws_eks_cluster: (config, _, cloud) =>
    cloud.get('aws_eks_cluster', String(config.name))?.value ?? `couldn't find EKS Cluster (${String(config.name)})`,
  aws_vpc: (config, _, cloud) => cloud.get('aws_vpc', String(config.id))?.value ?? `no matching EC2 VPC found: ${String(config.id)}`,
  aws_subnets: (config, world, cloud) => {
    const vpcs = filterValues(config, 'vpc-id');
    const subnets = cloud.ofType('aws_subnet').filter(({ value }) => vpcs.includes(String(value.vpc_id)));
    const tags = isMap(config.tags) ? Object.entries(config.tags) : [];
    const ids = subnets
      .filter(({ value }) => tags.every(([key, wanted]) => isMap(value.tags_all) && value.tags_all[key] === wanted))
      .map(({ id }) => id);
    return { id: world.region, ids };
  },
  aws_subnet: (config, _, cloud) =>
    cloud.get('aws_subnet', String(config.id))?.value ?? `no matching EC2 Subnet found: ${String(config.id)}`,
  aws_servicequotas_service_quota: (config, world) => ({
    id: `${String(config.service_code)}/${String(config.quota_code)}`,
    arn: `arn:aws:servicequotas:${world.region}:${world.account}:${String(config.service_code)}/${String(config.quota_code)}`,
    value: QUOTA_VCPU,
    default_value: 0,
    adjustable: true,
    global_quota: false,
  }),
};

/** Every quota of the stand-in's account; AWS gives a new account 0 for GPUs. */
const QUOTA_VCPU = 64;

function filterValues(config: ValueMap, name: string): string[] {
  const filters = Array.isArray(config.filter) ? config.filter : [];
  return filters.filter((filter) => isMap(filter) && filter.name === name).flatMap((filter) => valuesAt(filter, 'values').map(String));
}
