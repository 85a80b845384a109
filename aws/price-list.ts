import { KitError } from '../core/error';
import { type AwsPlace, withClient } from './client';

/** Regions that have an endpoint of the Price List API. Source: AWS General Reference, "AWS Price List endpoints and quotas", read 2026-11. */
const PRICING_REGION = 'us-east-1';
/** What of EC2 the catalogue prices, as filters of the API; `catalog/price-import` sorts out the rest. */
const QUERIES: readonly Readonly<Record<string, string>>[] = [
  { productFamily: 'Compute Instance', operatingSystem: 'Linux', tenancy: 'Shared', preInstalledSw: 'NA', capacitystatus: 'Used' },
  {
    productFamily: 'Compute Instance (bare metal)',
    operatingSystem: 'Linux',
    tenancy: 'Shared',
    preInstalledSw: 'NA',
    capacitystatus: 'Used',
  },
  { productFamily: 'Storage', volumeApiName: 'gp3' },
  { productFamily: 'NAT Gateway' },
];

/**
 * The products of AmazonEC2 in a region with their terms, as the Price List API hands them out: one JSON text each (Pricing GetProducts, all pages).
 * @throws KitError, see `withClient`; E_AWS_ANSWER when a page repeats
 */
export async function* readProducts(place: Omit<AwsPlace, 'region'>, region: string): AsyncGenerator<string> {
  const sdk = await import('@aws-sdk/client-pricing');
  for (const query of QUERIES) {
    const Filters = Object.entries({ ...query, regionCode: region }).map(([Field, Value]) => ({
      Type: sdk.FilterType.TERM_MATCH,
      Field,
      Value,
    }));
    const seen = new Set<string>();
    let NextToken: string | undefined;
    do {
      const page = await withClient(
        { ...place, region: PRICING_REGION },
        'AWS Price List',
        (options) => new sdk.PricingClient(options),
        (client, request) =>
          client.send(new sdk.GetProductsCommand({ ServiceCode: 'AmazonEC2', FormatVersion: 'aws_v1', Filters, NextToken }), request),
      );
      for (const product of page.PriceList ?? []) yield String(product);
      NextToken = page.NextToken;
      if (NextToken !== undefined && seen.has(NextToken))
        throw new KitError({
          code: 'E_AWS_ANSWER',
          message: 'the AWS Price List hands out the same page again.',
          next: 'run it again; the catalogue is as it was.',
        });
      if (NextToken !== undefined) seen.add(NextToken);
    } while (NextToken !== undefined);
  }
}
