import { DataAwsSubnet } from '@cdktf/provider-aws/lib/data-aws-subnet';
import { TerraformLocal, Token } from 'cdktf';
import { TerraformData } from '../gate/terraform-data';
import type { KitStack } from '../kit-stack';
import type { Network } from './network-stack';
import { createZones } from './zones';

/** EKS user guide: the subnets of a cluster lie in at least two zones. */
const LEAST_ZONES = 2;

/** A network that somebody else owns: nothing is made, tagged or changed in it; its subnets are looked up and checked. */
export function lookUpNetwork(stack: KitStack, vpcId: string): Network {
  const { offering } = createZones(stack);
  const subnets = stack.context.settings.subnetIds.map((id, index) => new DataAwsSubnet(stack, `subnet_${index}`, { id }));
  const list = `[${subnets.map((subnet) => subnet.fqn).join(', ')}]`;
  new TerraformData(stack, 'existing_network', {
    precondition: [
      {
        condition: `\${alltrue([for subnet in ${list} : subnet.vpc_id == "${vpcId}"])}`,
        errorMessage: `A subnet of OVKIT_SUBNET_IDS lies outside OVKIT_VPC_ID ${vpcId}. Next: name subnets of that VPC.`,
      },
      {
        condition: `\${length(distinct([for subnet in ${list} : subnet.availability_zone])) >= ${LEAST_ZONES}}`,
        errorMessage: `The subnets of OVKIT_SUBNET_IDS lie in one zone; EKS wants ${LEAST_ZONES}. Next: name a subnet of another zone.`,
      },
    ],
  });
  const only = offering === null ? '' : ` if contains(${offering.fqn}, subnet.availability_zone)`;
  const local = new TerraformLocal(stack, 'local_model_subnet_ids', `\${[for subnet in ${list} : subnet.id${only}]}`);
  local.overrideLogicalId('model_subnet_ids');
  return { privateSubnetIds: subnets.map((subnet) => subnet.id), modelSubnetIds: Token.asList(local.expression), natGatewayIds: [] };
}
