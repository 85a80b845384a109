import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Annotations } from 'cdktf';
import { type KitStack, regionOf } from '../kit-stack';
import { boundedName } from '../names';
import type { Routing } from './routing';
import type { Subnets } from './subnets';

/** A gateway endpoint for S3: it costs nothing, and weights and image layers then pay no NAT traffic. */
export function createStorageEndpoint(stack: KitStack, vpc: Vpc, routing: Routing): VpcEndpoint {
  return new VpcEndpoint(stack, 's3_endpoint', {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${regionOf(stack.context.release)}.s3`,
    vpcEndpointType: 'Gateway',
    routeTableIds: [...routing.private, routing.public].map((table) => table.id),
    tags: { Name: boundedName(stack.context.release, 's3') },
  });
}

const HTTPS = 443;
/** Without a NAT gateway a node reaches the control plane, its images and its identity only by these. */
const NEEDED_WITHOUT_NAT = ['ec2', 'ecr.api', 'ecr.dkr', 'eks', 'eks-auth', 'sts'];

/** Interface endpoints that OVKIT_ENDPOINTS names, in all private subnets; reachable from the VPC alone. */
export function createServiceEndpoints(stack: KitStack, vpc: Vpc, subnets: Subnets): void {
  const { endpoints, nat } = stack.context.settings;
  const lacking = nat === 'none' ? NEEDED_WITHOUT_NAT.filter((service) => !endpoints.includes(service)) : [];
  if (lacking.length > 0) {
    Annotations.of(stack).addWarning(
      `OVKIT_NAT=none, and no endpoint for ${lacking.join(', ')}: nodes will not join. Add them to OVKIT_ENDPOINTS.`,
    );
  }
  if (endpoints.length === 0) return;
  const name = boundedName(stack.context.release, 'endpoints');
  const group = new SecurityGroup(stack, 'endpoints_security_group', {
    name,
    description: 'HTTPS from the VPC to interface endpoints',
    vpcId: vpc.id,
    tags: { Name: name },
  });
  new VpcSecurityGroupIngressRule(stack, 'endpoints_https', {
    securityGroupId: group.id,
    description: 'HTTPS from the VPC',
    cidrIpv4: vpc.cidrBlock,
    ipProtocol: 'tcp',
    fromPort: HTTPS,
    toPort: HTTPS,
  });
  for (const service of new Set(endpoints)) {
    new VpcEndpoint(stack, `${service.replace(/[.-]/g, '_')}_endpoint`, {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${regionOf(stack.context.release)}.${service}`,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: subnets.private.map((subnet) => subnet.id),
      securityGroupIds: [group.id],
      tags: { Name: boundedName(stack.context.release, service.replaceAll('.', '-')) },
    });
  }
}
