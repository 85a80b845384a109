import { z } from 'zod';
import { KitError } from '../../core/error';

/** Prices of one price list, reduced to what the catalogue holds. */
export interface PriceList {
  readonly publicationDate: string;
  readonly version: string;
  /** On-demand prices by region and instance type; null for a type that is offered without an on-demand price. */
  readonly instances: ReadonlyMap<string, ReadonlyMap<string, ListedPrice>>;
  /** Prices of services by region and key of the catalogue. */
  readonly services: ReadonlyMap<string, ReadonlyMap<string, ListedPrice>>;
}

export interface ListedPrice {
  readonly usd: number | null;
  readonly sku: string;
}

/** Attributes of a product under the names of the JSON format; the CSV format has the same under other heads. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** What a row of the price list is the price of, or undefined for the hundred thousand others. */
export interface Subject {
  readonly kind: 'instance' | 'service';
  readonly key: string;
  readonly region: string;
  /** Unit that the price must be in. */
  readonly unit: string;
}

/** Type of the system nodes, whose hour the catalogue prices as a service; as stacks/platform/system-nodes.ts. */
const SYSTEM_NODE_TYPE = 't4g.medium';

/**
 * What a product is the price of. Of EC2 only what the kit uses: on-demand Linux on shared hardware without preinstalled software,
 * gp3 volumes, and NAT gateways. Reserved rows ("AllocatedCapacityReservation" and so on) repeat the type at price 0.
 */
export function subjectOf(family: string | undefined, attributes: Attributes, regions: ReadonlySet<string>): Subject | undefined {
  const region = attributes.regionCode;
  if (region === undefined || !regions.has(region)) return undefined;
  // Local and Wavelength zones have rows of their own.
  if (attributes.locationType !== undefined && attributes.locationType !== 'AWS Region') return undefined;
  switch (family) {
    case 'Compute Instance':
    case 'Compute Instance (bare metal)':
      return isPlainLinux(attributes) && attributes.instanceType
        ? { kind: 'instance', key: attributes.instanceType, region, unit: 'Hrs' }
        : undefined;
    case 'Storage':
      return attributes.volumeApiName === 'gp3' ? { kind: 'service', key: 'ebs-gp3', region, unit: 'GB-Mo' } : undefined;
    case 'NAT Gateway':
      if (attributes.operation !== 'NatGateway') return undefined;
      if (/(^|-)NatGateway-Hours$/.test(attributes.usagetype ?? ''))
        return { kind: 'service', key: 'nat-gateway-hour', region, unit: 'Hrs' };
      if (/(^|-)NatGateway-Bytes$/.test(attributes.usagetype ?? '')) return { kind: 'service', key: 'nat-gateway-gb', region, unit: 'GB' };
      return undefined;
    default:
      return undefined;
  }
}

function isPlainLinux(attributes: Attributes): boolean {
  return (
    attributes.operatingSystem === 'Linux' &&
    attributes.tenancy === 'Shared' &&
    attributes.preInstalledSw === 'NA' &&
    attributes.capacitystatus === 'Used' &&
    attributes.operation === 'RunInstances' &&
    (attributes.marketoption === undefined || attributes.marketoption === '' || attributes.marketoption === 'OnDemand')
  );
}

/** Terms of a product, as offer files and the API have them. */
export const OnDemandTermsSchema = z.record(
  z.string(),
  z.object({ priceDimensions: z.record(z.string(), z.object({ unit: z.string(), pricePerUnit: z.record(z.string(), z.string()) })) }),
);
type OnDemandTerms = z.output<typeof OnDemandTermsSchema>;

/** Collects the prices of a list, and refuses what contradicts itself or is in another currency. */
export class PriceCollector {
  readonly #prices = { instance: new Map<string, Map<string, ListedPrice>>(), service: new Map<string, Map<string, ListedPrice>>() };

  /** A product that is offered, whatever its price. */
  offer(subject: Subject, sku: string): void {
    const region = this.#region(subject);
    if (!region.has(subject.key)) region.set(subject.key, { usd: null, sku });
  }

  /** @throws KitError E_PRICE_LIST */
  price(subject: Subject, sku: string, currency: string, amount: string, unit: string): void {
    if (currency !== 'USD') {
      throw badPriceList(
        `the price of ${subject.key} in ${subject.region} is in ${currency}, not in USD.`,
        'take the price list of a commercial AWS region outside China.',
      );
    }
    // NAT and storage have lines in other units (replicated snapshots, provisioned IOPS) under the same product.
    if (unit !== subject.unit) return;
    const usd = Number(amount);
    if (!/^\d+(\.\d+)?$/.test(amount) || !Number.isFinite(usd)) {
      throw badPriceList(`the price of ${subject.key} in ${subject.region} is ${JSON.stringify(amount)}, not a number.`);
    }
    const region = this.#region(subject);
    const known = region.get(subject.key)?.usd ?? null;
    // Capacity that is sold in another way (Capacity Blocks) is listed at 0; that is no price.
    if (usd === 0) {
      this.offer(subject, sku);
      return;
    }
    if (known !== null && known !== usd) {
      throw badPriceList(`it has two prices of ${subject.key} in ${subject.region}, ${known} and ${usd} USD.`);
    }
    region.set(subject.key, { usd, sku });
  }

  /** Every price of a product's terms on demand. @throws KitError E_PRICE_LIST */
  terms(subject: Subject, sku: string, terms: OnDemandTerms): void {
    for (const { priceDimensions } of Object.values(terms)) {
      for (const { unit, pricePerUnit } of Object.values(priceDimensions)) {
        const prices = Object.entries(pricePerUnit);
        const [currency = 'nothing', amount = ''] = prices.find(([name]) => name === 'USD') ?? prices[0] ?? [];
        this.price(subject, sku, currency, amount, unit);
      }
    }
  }

  /** The list; the hour of a system node is that of its instance type. */
  list(publicationDate: string, version: string): PriceList {
    for (const [region, types] of this.#prices.instance) {
      const node = types.get(SYSTEM_NODE_TYPE);
      if (node && node.usd !== null)
        this.#region({ kind: 'service', key: 'system-node-hour', region, unit: 'Hrs' }).set('system-node-hour', node);
    }
    return { publicationDate, version, instances: this.#prices.instance, services: this.#prices.service };
  }

  #region(subject: Subject): Map<string, ListedPrice> {
    const regions = this.#prices[subject.kind];
    const known = regions.get(subject.region);
    if (known) return known;
    const region = new Map<string, ListedPrice>();
    regions.set(subject.region, region);
    return region;
  }
}

/** @param reason  what is wrong with the price list */
export function badPriceList(reason: string, next = 'download the price list again; the catalogue is as it was.'): KitError {
  return new KitError({ code: 'E_PRICE_LIST', message: `the price list cannot be used: ${reason}`, next });
}

/** @throws KitError E_PRICE_LIST */
export function checkHead(offerCode: string | undefined, publicationDate: string | undefined): void {
  if (offerCode !== 'AmazonEC2') {
    throw badPriceList(
      offerCode === undefined ? 'it names no offer.' : `it is the offer ${JSON.stringify(offerCode)}, not "AmazonEC2".`,
      'take offers/v1.0/aws/AmazonEC2/current/REGION/index.json of the AWS Price List.',
    );
  }
  if (publicationDate === undefined || !/^\d{4}-\d{2}-\d{2}T/.test(publicationDate) || Number.isNaN(Date.parse(publicationDate))) {
    throw badPriceList(`its publication date is ${JSON.stringify(publicationDate ?? null)}.`);
  }
}
