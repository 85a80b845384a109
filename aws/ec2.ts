import type { EC2Client } from '@aws-sdk/client-ec2';
import { type AwsPlace, withClient } from './client';

type Sdk = typeof import('@aws-sdk/client-ec2');

/** Asks EC2; the SDK is loaded only when it is needed. @throws KitError, see `withClient` */
export async function withEc2<T>(
  place: AwsPlace,
  ask: (client: EC2Client, request: { readonly abortSignal?: AbortSignal }, sdk: Sdk) => Promise<T>,
): Promise<T> {
  const sdk = await import('@aws-sdk/client-ec2');
  return withClient(
    place,
    'EC2',
    (options) => new sdk.EC2Client(options),
    (client, request) => ask(client, request, sdk),
  );
}
