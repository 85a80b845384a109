import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import { createServiceEndpoints, createStorageEndpoint } from './endpoints';
import { lookUpNetwork } from './existing-network';
import { createFlowLogs } from './flow-logs';
import { createRouting } from './routing';
import { createSubnets } from './subnets';
import { createVpc } from './vpc';
import { createZones } from './zones';

/** What the platform stands on. */
export interface Network {
  /** Private subnets: control plane and system nodes. */
  readonly privateSubnetIds: readonly string[];
  /** Those of them whose zone offers the plan's instance type, as one list token. */
  readonly modelSubnetIds: string[];
  /** Empty without NAT, and in a network of somebody else. */
  readonly natGatewayIds: readonly string[];
}

/**
 * The VPC of a release: public and private subnets in the zones that offer the instance type, NAT, endpoints, flow logs.
 * With OVKIT_VPC_ID it makes none of it: it looks up the subnets that OVKIT_SUBNET_IDS names.
 */
export class NetworkStack extends KitStack implements Network {
  readonly privateSubnetIds: readonly string[];
  readonly modelSubnetIds: string[];
  readonly natGatewayIds: readonly string[];

  constructor(scope: Construct, context: StackContext) {
    super(scope, 'network', context, { gated: true, aws: true });
    const { vpcId } = context.settings;
    const network = vpcId === null ? this.create() : lookUpNetwork(this, vpcId);
    this.privateSubnetIds = network.privateSubnetIds;
    this.modelSubnetIds = network.modelSubnetIds;
    this.natGatewayIds = network.natGatewayIds;
  }

  private create(): Network {
    const zones = createZones(this);
    const vpc = createVpc(this, zones);
    const subnets = createSubnets(this, vpc, zones);
    const routing = createRouting(this, vpc, subnets);
    createStorageEndpoint(this, vpc, routing);
    createServiceEndpoints(this, vpc, subnets);
    createFlowLogs(this, vpc);
    return {
      privateSubnetIds: subnets.private.map((subnet) => subnet.id),
      modelSubnetIds: subnets.modelSubnetIds,
      natGatewayIds: routing.natGateways.map((gateway) => gateway.id),
    };
  }
}
