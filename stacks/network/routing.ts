import { Eip } from '@cdktf/provider-aws/lib/eip';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';
import type { Subnets } from './subnets';

export interface Routing {
  readonly public: RouteTable;
  /** One, or with NAT in each zone one for each. */
  readonly private: readonly RouteTable[];
  readonly natGateways: readonly NatGateway[];
}

const ANYWHERE = '0.0.0.0/0';

/**
 * Routes: public subnets to the internet gateway, private ones through a NAT gateway: one for all (each further one costs as much
 * again), one in each zone, or none (OVKIT_NAT).
 */
export function createRouting(stack: KitStack, vpc: Vpc, subnets: Subnets): Routing {
  const tag = (suffix: string) => ({ Name: boundedName(stack.context.release, suffix) });
  const gateway = new InternetGateway(stack, 'internet_gateway', { vpcId: vpc.id, tags: tag('internet') });
  const publicTable = new RouteTable(stack, 'public_routes', { vpcId: vpc.id, tags: tag('public') });
  new Route(stack, 'public_default_route', { routeTableId: publicTable.id, destinationCidrBlock: ANYWHERE, gatewayId: gateway.id });
  associate(stack, 'public', subnets.public, () => publicTable);
  const { nat } = stack.context.settings;
  const natGateways: NatGateway[] = [];
  const tables = (nat === 'per-zone' ? subnets.public : subnets.public.slice(0, 1)).map((subnet, index) => {
    // the first keeps the names that it had when it was the only one
    const suffix = index === 0 ? '' : `_${index}`;
    const table = new RouteTable(stack, `private_routes${suffix}`, { vpcId: vpc.id, tags: tag(`private${suffix.replace('_', '-')}`) });
    if (nat !== 'none') natGateways.push(addNat(stack, { table, subnet, gateway, suffix, tags: tag(`nat${suffix.replace('_', '-')}`) }));
    return table;
  });
  associate(stack, 'private', subnets.private, (index) => tables[index] ?? tables[0]);
  return { public: publicTable, private: tables, natGateways };
}

interface NatOptions {
  readonly table: RouteTable;
  readonly subnet: Subnets['public'][number];
  readonly gateway: InternetGateway;
  readonly suffix: string;
  readonly tags: Record<string, string>;
}

function addNat(stack: KitStack, { table, subnet, gateway, suffix, tags }: NatOptions): NatGateway {
  const address = new Eip(stack, `nat_address${suffix}`, { domain: 'vpc', tags, dependsOn: [gateway] });
  const nat = new NatGateway(stack, `nat${suffix}`, { allocationId: address.id, subnetId: subnet.id, tags, dependsOn: [gateway] });
  new Route(stack, `private_default_route${suffix}`, { routeTableId: table.id, destinationCidrBlock: ANYWHERE, natGatewayId: nat.id });
  return nat;
}

function associate(
  stack: KitStack,
  kind: 'public' | 'private',
  subnets: Subnets['public'],
  tableOf: (index: number) => RouteTable | undefined,
): void {
  for (const [index, subnet] of subnets.entries()) {
    const routeTableId = tableOf(index)?.id ?? '';
    new RouteTableAssociation(stack, `${kind}_subnet_${index}_routes`, { subnetId: subnet.id, routeTableId });
  }
}
