import { type Check, notOk, ok } from './check';
import type { AwsPlace } from './client';
import { withEc2 } from './ec2';

/** Zones of a region and the types that each offers. */
export interface Offerings {
  /** Zones that the account can use without opting in. */
  readonly zones: readonly string[];
  /** Zones by instance type. */
  readonly offered: Readonly<Record<string, readonly string[]>>;
}

/** Reads which zones offer the types (EC2 DescribeInstanceTypeOfferings). @throws KitError, see `withClient` */
export function readOfferings(place: AwsPlace, types: readonly string[]): Promise<Offerings> {
  return withEc2(place, async (client, request, sdk) => {
    const { AvailabilityZones = [] } = await client.send(
      new sdk.DescribeAvailabilityZonesCommand({ Filters: [{ Name: 'opt-in-status', Values: ['opt-in-not-required'] }] }),
      request,
    );
    const offered = Object.fromEntries(types.map((type): [string, string[]] => [type, []]));
    const pages = sdk.paginateDescribeInstanceTypeOfferings(
      { client },
      { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: [...types] }] },
      request,
    );
    for await (const { InstanceTypeOfferings = [] } of pages) {
      for (const { InstanceType, Location } of InstanceTypeOfferings) {
        if (InstanceType !== undefined && Location !== undefined) offered[InstanceType]?.push(Location);
      }
    }
    const zones = AvailabilityZones.map(({ ZoneName }) => ZoneName ?? '').filter((name) => name !== '');
    return { zones: zones.sort(), offered: Object.fromEntries(Object.entries(offered).map(([type, list]) => [type, list.sort()])) };
  });
}

/** Zones that EKS wants for a control plane. Source: EKS user guide, "Subnet requirements". */
const CLUSTER_ZONES = 2;

/** Whether the region has zones for a cluster, and offers every type in at least one zone that the account may use. */
export function judgeOfferings({ zones, offered }: Offerings, region: string): Check {
  const found = { region, zones, offered };
  if (zones.length < CLUSTER_ZONES) {
    return notOk(
      'offerings',
      `${region} gives this account ${zones.length} zone(s); EKS wants ${CLUSTER_ZONES}`,
      'choose another placement.region',
      found,
    );
  }
  const usable = Object.entries(offered).map(([type, list]) => ({ type, in: list.filter((zone) => zones.includes(zone)) }));
  const missing = usable.filter((entry) => entry.in.length === 0).map(({ type }) => type);
  if (missing.length > 0) {
    return notOk(
      'offerings',
      `no zone of ${region} offers ${missing.join(', ')}`,
      'choose another placement.region or placement.instanceFamilies; `npx ovkit catalog list instances --region REGION` lists what is sold where',
      found,
    );
  }
  return ok('offerings', usable.map((entry) => `${entry.type} in ${entry.in.join(', ')}`).join('; '), found);
}
