import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { type KitStack, regionOf } from '../kit-stack';
import { boundedName } from '../names';
import type { Routing } from './routing';

/** A gateway endpoint for S3: it costs nothing, and weights and image layers then pay no NAT traffic. */
export function createStorageEndpoint(stack: KitStack, vpc: Vpc, routing: Routing): VpcEndpoint {
  return new VpcEndpoint(stack, 's3_endpoint', {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${regionOf(stack.context.release)}.s3`,
    vpcEndpointType: 'Gateway',
    routeTableIds: [routing.private.id, routing.public.id],
    tags: { Name: boundedName(stack.context.release, 's3') },
  });
}
