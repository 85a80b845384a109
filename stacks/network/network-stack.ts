import type { Construct } from 'constructs';
import { KitStack, type StackContext } from '../kit-stack';
import { createStorageEndpoint } from './endpoints';
import { createFlowLogs } from './flow-logs';
import { createRouting } from './routing';
import { createSubnets } from './subnets';
import { createVpc } from './vpc';
import { createZones } from './zones';

/** The VPC of a release: public and private subnets in the zones that offer the instance type, one NAT gateway, flow logs. */
export class NetworkStack extends KitStack {
  /** Private subnets, as a list token: control plane and system nodes. */
  readonly privateSubnetIds: readonly string[];
  /** Those of them whose zone offers the plan's instance type, as one list token. */
  readonly modelSubnetIds: string[];

  constructor(scope: Construct, context: StackContext) {
    super(scope, 'network', context, { gated: true, aws: true });
    const vpc = createVpc(this);
    const zones = createZones(this);
    const subnets = createSubnets(this, vpc, zones);
    const routing = createRouting(this, vpc, subnets);
    createStorageEndpoint(this, vpc, routing);
    createFlowLogs(this, vpc);
    this.privateSubnetIds = subnets.private.map((subnet) => subnet.id);
    this.modelSubnetIds = subnets.modelSubnetIds;
  }
}
