import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';

/** The VPC, with its default security group emptied, so that nothing falls into an open one by accident. */
export function createVpc(stack: KitStack): Vpc {
  const vpc = new Vpc(stack, 'vpc', {
    cidrBlock: stack.context.settings.vpcCidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: { Name: boundedName(stack.context.release, 'vpc') },
  });
  new DefaultSecurityGroup(stack, 'default_security_group', { vpcId: vpc.id });
  return vpc;
}
