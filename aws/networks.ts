import { overlaps, parseCidr } from '../core/cidr';
import { type Check, notApplicable, ok } from './check';
import type { AwsPlace } from './client';
import { withEc2 } from './ec2';

/** The network that a release will make. */
export interface NeededNetwork {
  readonly cidr: string;
  /** Tags by which the VPC of this very release is known once it is there. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface FoundNetwork {
  readonly id: string;
  readonly name: string | null;
  /** All IPv4 networks of the VPC. */
  readonly cidrs: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads the VPCs of the region (EC2 DescribeVpcs). @throws KitError, see `withClient` */
export function readNetworks(place: AwsPlace): Promise<readonly FoundNetwork[]> {
  return withEc2(place, async (client, request, sdk) => {
    const found: FoundNetwork[] = [];
    for await (const { Vpcs = [] } of sdk.paginateDescribeVpcs({ client }, {}, request)) {
      for (const { VpcId = '', CidrBlock, CidrBlockAssociationSet = [], Tags = [] } of Vpcs) {
        const associated = CidrBlockAssociationSet.filter(({ CidrBlockState }) => CidrBlockState?.State !== 'disassociated');
        const cidrs = [CidrBlock, ...associated.map((each) => each.CidrBlock)].filter((text) => text !== undefined);
        const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        found.push({ id: VpcId, name: tags.Name ?? null, cidrs: [...new Set(cidrs)], tags });
      }
    }
    return found;
  });
}

/**
 * Which other VPCs of the region have addresses of the network. AWS makes such a VPC without a word, and never connects the two: a peering
 * and routes by a transit gateway need networks that do not overlap. So a deploy works, and this says what will not.
 * Source: VPC peering guide, "VPC peering limitations".
 */
export function judgeNetwork(needed: NeededNetwork | string, existing: readonly FoundNetwork[]): Check {
  if (typeof needed === 'string') return notApplicable('network', needed);
  const own = parseCidr(needed.cidr);
  const others = existing.filter(({ tags }) => !Object.entries(needed.tags).every(([key, value]) => tags[key] === value));
  const clashes = others.flatMap(({ id, name, cidrs }) =>
    cidrs
      .filter((cidr) => {
        const other = parseCidr(cidr);
        return own !== undefined && other !== undefined && overlaps(own, other);
      })
      .map((cidr) => ({ id, name, cidr })),
  );
  const found = { cidr: needed.cidr, vpcs: existing.length, overlaps: clashes };
  if (clashes.length === 0) return ok('network', `${needed.cidr} overlaps none of the ${existing.length} VPCs of the region`, found);
  const named = clashes.map(({ id, name, cidr }) => `${id} (${name === null ? '' : `${name}, `}${cidr})`).join(', ');
  const check = ok('network', `${needed.cidr} overlaps ${named}: a deploy works, but AWS will never connect the two`, found);
  return { ...check, next: 'if they are to be connected, choose another network by OVKIT_VPC_CIDR before the first deploy' };
}
