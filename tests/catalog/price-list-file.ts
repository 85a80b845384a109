import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Catalog } from '../../catalog/schema';

/** An offer file of the real format, made from the catalogue: what the AWS Price List would say if these were its prices. */
export interface OfferOptions {
  readonly region: string;
  /** US dollars per hour of a type, or null for a product without an on-demand term. */
  readonly price: (type: string) => number | null | undefined;
  readonly currency?: string;
  readonly offerCode?: string;
  readonly publicationDate?: string;
  /** Bytes of other rows (Windows, dedicated, reserved terms), which are most of a real file. */
  readonly fillBytes?: number;
}

interface Product {
  readonly sku: string;
  readonly family: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly usd: number | null;
  readonly unit: string;
}

const TERM = 'JRTCKXETXF';
const RATE = '6YS6EN2CT7';

export function productsOf(catalog: Catalog, options: OfferOptions): Product[] {
  const products: Product[] = [];
  for (const { type } of catalog.instances) {
    const usd = options.price(type);
    if (usd === undefined) continue;
    const family = type.endsWith('.metal') ? 'Compute Instance (bare metal)' : 'Compute Instance';
    const add = (change: Record<string, string>, amount: number | null) => {
      const attributes = { ...computeAttributes(type, options.region), ...change };
      products.push({ sku: sku(`${JSON.stringify(attributes)}`), family, attributes, usd: amount, unit: 'Hrs' });
    };
    add({}, usd);
    // Rows that a careless reader takes for the price.
    add({ operatingSystem: 'Windows', operation: 'RunInstances:0002', licenseModel: 'No License required' }, (usd ?? 1) * 1.9);
    add({ tenancy: 'Dedicated', usagetype: `DedicatedUsage:${type}` }, (usd ?? 1) * 1.1);
    add({ capacitystatus: 'UnusedCapacityReservation', usagetype: `UnusedBox:${type}` }, (usd ?? 1) * 1.01);
    add({ capacitystatus: 'AllocatedCapacityReservation', usagetype: `Reservation:${type}` }, 0);
    add({ preInstalledSw: 'SQL Std', operation: 'RunInstances:0004' }, (usd ?? 1) * 3);
    add({ locationType: 'AWS Local Zone', location: 'US West (Los Angeles)', usagetype: `LAX1-BoxUsage:${type}` }, (usd ?? 1) * 1.2);
  }
  const base = { servicecode: 'AmazonEC2', location: 'US East (N. Virginia)', locationType: 'AWS Region', regionCode: options.region };
  products.push(
    {
      sku: 'T4GMEDIUM0000001',
      family: 'Compute Instance',
      attributes: computeAttributes('t4g.medium', options.region),
      usd: 0.0337,
      unit: 'Hrs',
    },
    {
      sku: 'GP3VOLUME0000001',
      family: 'Storage',
      attributes: { ...base, volumeApiName: 'gp3', usagetype: 'EBS:VolumeUsage.gp3' },
      usd: 0.081,
      unit: 'GB-Mo',
    },
    {
      sku: 'NATHOURS00000001',
      family: 'NAT Gateway',
      attributes: { ...base, operation: 'NatGateway', usagetype: 'NatGateway-Hours' },
      usd: 0.046,
      unit: 'Hrs',
    },
    {
      sku: 'NATBYTES00000001',
      family: 'NAT Gateway',
      attributes: { ...base, operation: 'NatGateway', usagetype: 'NatGateway-Bytes' },
      usd: 0.047,
      unit: 'GB',
    },
  );
  return products;
}

/** The file in JSON, as a list of pieces. */
export function* offerJson(catalog: Catalog, options: OfferOptions): Generator<string> {
  const products = productsOf(catalog, options);
  const date = options.publicationDate ?? '2026-11-20T10:11:12Z';
  yield `{\n  "formatVersion" : "v1.0",\n  "disclaimer" : "This pricing list is for informational purposes only. \\"All\\" prices {are} subject to [change].",\n`;
  yield `  "offerCode" : "${options.offerCode ?? 'AmazonEC2'}",\n  "version" : "${date.replace(/\D/g, '')}",\n  "publicationDate" : "${date}",\n  "products" : {`;
  let first = true;
  for (const { sku: id, family, attributes } of products) {
    yield `${first ? '' : ','}\n    "${id}" : ${JSON.stringify({ sku: id, productFamily: family, attributes }, null, 2)}`;
    first = false;
  }
  const fill = options.fillBytes ?? 0;
  for (let bytes = 0; bytes < fill / 2; ) {
    const id = sku(`fill ${bytes}`);
    const attributes = {
      ...computeAttributes('m5.large', options.region),
      operatingSystem: 'Windows',
      processorFeatures: 'Intel AVX; Intel AVX2; "Turbo" {x}',
    };
    const text = `,\n    "${id}" : ${JSON.stringify({ sku: id, productFamily: 'Compute Instance', attributes }, null, 2)}`;
    bytes += text.length;
    yield text;
  }
  yield `\n  },\n  "terms" : {\n    "OnDemand" : {`;
  first = true;
  for (const { sku: id, usd, unit } of products) {
    if (usd === null) continue;
    yield `${first ? '' : ','}\n      "${id}" : ${JSON.stringify(term(id, usd, unit, options.currency ?? 'USD'), null, 2)}`;
    first = false;
  }
  yield `\n    },\n    "Reserved" : {`;
  first = true;
  for (let bytes = 0; bytes < fill / 2; ) {
    const id = sku(`fill ${bytes}`);
    const text = `${first ? '' : ','}\n      "${id}" : ${JSON.stringify(term(id, 0.1, 'Hrs', 'USD'), null, 2)}`;
    first = false;
    bytes += text.length;
    yield text;
  }
  yield `\n    }\n  },\n  "attributesList" : { }\n}`;
}

/** The file in CSV. */
export function offerCsv(catalog: Catalog, options: OfferOptions): string {
  const date = options.publicationDate ?? '2026-11-20T10:11:12Z';
  const titles = {
    'Product Family': 'family',
    Location: 'location',
    'Location Type': 'locationType',
    'Instance Type': 'instanceType',
    Tenancy: 'tenancy',
    'Operating System': 'operatingSystem',
    usageType: 'usagetype',
    operation: 'operation',
    CapacityStatus: 'capacitystatus',
    'Pre Installed S/W': 'preInstalledSw',
    'Region Code': 'regionCode',
    MarketOption: 'marketoption',
    'Volume API Name': 'volumeApiName',
  };
  const row = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  const head = [
    'SKU',
    'OfferTermCode',
    'RateCode',
    'TermType',
    'PriceDescription',
    'EffectiveDate',
    'StartingRange',
    'EndingRange',
    'Unit',
    'PricePerUnit',
    'Currency',
  ];
  const lines = [
    row(['FormatVersion', 'v1.0']),
    row(['Disclaimer', 'A "quoted", list']),
    row(['Publication Date', date]),
    row(['Version', date.replace(/\D/g, '')]),
    row(['OfferCode', options.offerCode ?? 'AmazonEC2']),
    row([...head, ...Object.keys(titles)]),
  ];
  for (const { sku: id, family, attributes, usd, unit } of productsOf(catalog, options)) {
    const rest = Object.values(titles).map((name) => (name === 'family' ? family : (attributes[name] ?? '')));
    const cells = (type: string, amount: number) => [
      id,
      TERM,
      `${id}.${TERM}.${RATE}`,
      type,
      `$${amount} per "hour", on demand`,
      '2026-11-01',
      '0',
      'Inf',
      unit,
      amount.toFixed(10),
      options.currency ?? 'USD',
    ];
    if (usd !== null) lines.push(row([...cells('OnDemand', usd), ...rest]));
    lines.push(row([...cells('Reserved', 0.1), ...rest]));
  }
  return `${lines.join('\n')}\n`;
}

/** Writes pieces to a file without holding them all. */
export async function writePieces(file: string, pieces: Iterable<string>): Promise<void> {
  const stream = createWriteStream(file, { highWaterMark: 2 ** 20 });
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < 2 ** 18) continue;
    if (!stream.write(batch)) await once(stream, 'drain');
    batch = '';
  }
  stream.end(batch);
  await finished(stream);
}

function computeAttributes(type: string, region: string): Record<string, string> {
  return {
    servicecode: 'AmazonEC2',
    location: 'US East (N. Virginia)',
    locationType: 'AWS Region',
    instanceType: type,
    currentGeneration: 'Yes',
    instanceFamily: 'GPU instance',
    vcpu: '4',
    physicalProcessor: 'AMD EPYC 7R13 Processor',
    memory: '16 GiB',
    storage: '1 x 250 NVMe SSD',
    networkPerformance: 'Up to 10 Gigabit',
    processorArchitecture: '64-bit',
    tenancy: 'Shared',
    operatingSystem: 'Linux',
    licenseModel: 'No License required',
    usagetype: `BoxUsage:${type}`,
    operation: 'RunInstances',
    availabilityzone: 'NA',
    capacitystatus: 'Used',
    classicnetworkingsupport: 'false',
    marketoption: 'OnDemand',
    normalizationSizeFactor: '8',
    preInstalledSw: 'NA',
    regionCode: region,
    servicename: 'Amazon Elastic Compute Cloud',
    vpcnetworkingsupport: 'true',
  };
}

function term(id: string, usd: number, unit: string, currency: string) {
  const code = `${id}.${TERM}`;
  return {
    [code]: {
      offerTermCode: TERM,
      sku: id,
      effectiveDate: '2026-11-01T00:00:00Z',
      priceDimensions: {
        [`${code}.${RATE}`]: {
          rateCode: `${code}.${RATE}`,
          description: `$${usd} per On Demand Linux Instance Hour`,
          beginRange: '0',
          endRange: 'Inf',
          unit,
          pricePerUnit: { [currency]: usd.toFixed(10) },
          appliesTo: [],
        },
      },
      termAttributes: {},
    },
  };
}

function sku(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16).toUpperCase();
}
