import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Fn, TerraformLocal, Token } from 'cdktf';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';
import type { Zones } from './zones';

export interface Subnets {
  readonly public: readonly Subnet[];
  readonly private: readonly Subnet[];
  readonly modelSubnetIds: string[];
}

/** The VPC is cut into eighths: up to four private ones (pods take addresses), the rest holds small public ones. */
const PRIVATE_BITS = 3;
const PUBLIC_BITS = 6;
/** Public subnets start after four eighths, counted in 64ths. */
const FIRST_PUBLIC = 32;

/** One public and one private subnet in each zone. */
export function createSubnets(stack: KitStack, vpc: Vpc, zones: Zones): Subnets {
  const indexes = Array.from({ length: zones.count }, (_, index) => index);
  const make = (kind: 'public' | 'private', index: number): Subnet =>
    new Subnet(stack, `${kind}_subnet_${index}`, {
      vpcId: vpc.id,
      cidrBlock:
        kind === 'private'
          ? Fn.cidrsubnet(vpc.cidrBlock, PRIVATE_BITS, index)
          : Fn.cidrsubnet(vpc.cidrBlock, PUBLIC_BITS, FIRST_PUBLIC + index),
      availabilityZone: zones.name(index),
      // load balancers get their addresses themselves, nodes need none
      mapPublicIpOnLaunch: false,
      tags: {
        Name: boundedName(stack.context.release, `${kind}-${index}`),
        // where the AWS load balancer controller looks for subnets
        [kind === 'public' ? 'kubernetes.io/role/elb' : 'kubernetes.io/role/internal-elb']: '1',
      },
      // a zone that AWS adds later sorts in between; it must not move a subnet
      lifecycle: { ignoreChanges: ['availability_zone'] },
    });
  const publicSubnets = indexes.map((index) => make('public', index));
  const privateSubnets = indexes.map((index) => make('private', index));
  return { public: publicSubnets, private: privateSubnets, modelSubnetIds: modelSubnets(stack, privateSubnets, zones) };
}

function modelSubnets(stack: KitStack, subnets: readonly Subnet[], zones: Zones): string[] {
  const list = subnets.map((subnet) => subnet.fqn).join(', ');
  const only = zones.offering === null ? '' : ` if contains(${zones.offering.fqn}, subnet.availability_zone)`;
  const local = new TerraformLocal(stack, 'local_model_subnet_ids', `\${[for subnet in [${list}] : subnet.id${only}]}`);
  local.overrideLogicalId('model_subnet_ids');
  return Token.asList(local.expression);
}
