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
  readonly private: RouteTable;
}

const ANYWHERE = '0.0.0.0/0';

/** Routes: public subnets to the internet gateway, private ones through one NAT gateway (each further one costs as much again). */
export function createRouting(stack: KitStack, vpc: Vpc, subnets: Subnets): Routing {
  const tag = (suffix: string) => ({ Name: boundedName(stack.context.release, suffix) });
  const gateway = new InternetGateway(stack, 'internet_gateway', { vpcId: vpc.id, tags: tag('internet') });
  const publicTable = new RouteTable(stack, 'public_routes', { vpcId: vpc.id, tags: tag('public') });
  new Route(stack, 'public_default_route', { routeTableId: publicTable.id, destinationCidrBlock: ANYWHERE, gatewayId: gateway.id });
  const address = new Eip(stack, 'nat_address', { domain: 'vpc', tags: tag('nat'), dependsOn: [gateway] });
  const nat = new NatGateway(stack, 'nat', {
    allocationId: address.id,
    subnetId: subnets.public[0]?.id,
    tags: tag('nat'),
    dependsOn: [gateway],
  });
  const privateTable = new RouteTable(stack, 'private_routes', { vpcId: vpc.id, tags: tag('private') });
  new Route(stack, 'private_default_route', { routeTableId: privateTable.id, destinationCidrBlock: ANYWHERE, natGatewayId: nat.id });
  associate(stack, 'public', publicTable, subnets.public);
  associate(stack, 'private', privateTable, subnets.private);
  return { public: publicTable, private: privateTable };
}

function associate(stack: KitStack, kind: 'public' | 'private', table: RouteTable, subnets: Subnets['public']): void {
  for (const [index, subnet] of subnets.entries()) {
    new RouteTableAssociation(stack, `${kind}_subnet_${index}_routes`, { subnetId: subnet.id, routeTableId: table.id });
  }
}
