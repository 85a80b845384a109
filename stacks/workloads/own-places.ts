import { DataAwsPrefixList } from '@cdktf/provider-aws/lib/data-aws-prefix-list';
import { bucketName } from '../bootstrap/bucket';
import { accountIdOf, type KitStack, regionOf } from '../kit-stack';
import { hclValues } from './hcl-values';

/**
 * Stand in the values of charts for what only Terraform knows. RFC 2606 reserves `.invalid`, so that such a name can never pull or fetch
 * anything if it is left in place.
 */
export const OWN_REGISTRY = 'own-registry.onevision-kit.invalid';
export const OWN_WEIGHTS = 'own-weights.onevision-kit.invalid';
/** In the place of a list: the addresses of S3 in the region. */
export const OWN_STORAGE = 'own-storage.onevision-kit.invalid';

const HTTPS = 443;

/** Values of a chart of the kit as JSON, with the account's own registry, bucket and addresses of S3 where their names stand. */
export function ownValues(stack: KitStack, values: unknown): string {
  if (stack.account === null) return hclValues(values);
  const registry = `${accountIdOf(stack)}.dkr.ecr.${regionOf(stack.context.release)}.amazonaws.com`;
  const text = JSON.stringify(values) ?? '';
  const egress: Record<string, string> = text.includes(OWN_STORAGE) ? { [OWN_STORAGE]: storageEgress(stack) } : {};
  return hclValues(values, egress).replaceAll(OWN_REGISTRY, registry).replaceAll(OWN_WEIGHTS, bucketName(stack, 'weights'));
}

/** Rules for the addresses of S3, which AWS keeps in a prefix list; a gateway endpoint does not change them. */
function storageEgress(stack: KitStack): string {
  const id = 'storage_addresses';
  const known = stack.node.tryFindChild(id) as DataAwsPrefixList | undefined;
  const list = known ?? new DataAwsPrefixList(stack, id, { name: `com.amazonaws.${regionOf(stack.context.release)}.s3` });
  return `[for cidr in ${list.fqn}.cidr_blocks : { name = "S3", cidr = cidr, ports = [${HTTPS}] }]`;
}
