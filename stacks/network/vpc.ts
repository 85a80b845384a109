import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';
import type { Zones } from './zones';

/**
 * The VPC, with its default security group emptied, so that nothing falls into an open one by accident. It is refused where no zone offers the
 * instance type of the plan: NAT and cluster would be made and billed before the nodes are missed.
 */
export function createVpc(stack: KitStack, { offering }: Zones): Vpc {
  const { placement } = stack.context.plan;
  const precondition =
    offering === null
      ? []
      : [
          {
            condition: `\${length(${offering.fqn}) >= 1}`,
            errorMessage: `No zone of ${placement.region} offers ${placement.instanceType} to this account. Next: allow another family in placement.instanceFamilies, or another region; \`npx ovkit preflight\` asks for it.`,
          },
        ];
  const vpc = new Vpc(stack, 'vpc', {
    cidrBlock: stack.context.settings.vpcCidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: { Name: boundedName(stack.context.release, 'vpc') },
    ...(precondition.length > 0 ? { lifecycle: { precondition } } : {}),
  });
  new DefaultSecurityGroup(stack, 'default_security_group', { vpcId: vpc.id });
  return vpc;
}
