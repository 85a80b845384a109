import type { Plan } from '../planning/plan';

/** Columns of FOCUS 1.2, in the order of its specification; the last ones are this kit's own, which the specification wants to begin with `x_`. */
export const FOCUS_COLUMNS = [
  ...['AvailabilityZone', 'BilledCost', 'BillingAccountId', 'BillingAccountName', 'BillingAccountType', 'BillingCurrency'],
  ...['BillingPeriodEnd', 'BillingPeriodStart', 'CapacityReservationId', 'CapacityReservationStatus', 'ChargeCategory', 'ChargeClass'],
  ...['ChargeDescription', 'ChargeFrequency', 'ChargePeriodEnd', 'ChargePeriodStart', 'CommitmentDiscountCategory', 'CommitmentDiscountId'],
  ...[
    'CommitmentDiscountName',
    'CommitmentDiscountQuantity',
    'CommitmentDiscountStatus',
    'CommitmentDiscountType',
    'CommitmentDiscountUnit',
  ],
  ...['ConsumedQuantity', 'ConsumedUnit', 'ContractedCost', 'ContractedUnitPrice', 'EffectiveCost', 'InvoiceId', 'InvoiceIssuerName'],
  ...[
    'ListCost',
    'ListUnitPrice',
    'PricingCategory',
    'PricingCurrency',
    'PricingCurrencyContractedUnitPrice',
    'PricingCurrencyEffectiveCost',
  ],
  ...['PricingCurrencyListUnitPrice', 'PricingQuantity', 'PricingUnit', 'ProviderName', 'PublisherName', 'RegionId', 'RegionName'],
  ...['ResourceId', 'ResourceName', 'ResourceType', 'ServiceCategory', 'ServiceName', 'ServiceSubcategory', 'SkuId', 'SkuMeter'],
  ...['SkuPriceDetails', 'SkuPriceId', 'SubAccountId', 'SubAccountName', 'SubAccountType', 'Tags'],
  ...['x_ForecastLow', 'x_ForecastHigh', 'x_Basis', 'x_Source', 'x_Formula'],
] as const;
type Column = (typeof FOCUS_COLUMNS)[number];
export type FocusRow = Partial<Record<Column, string | number | null>>;

export interface FocusOptions {
  /** Month of the forecast, `2026-12`. */
  readonly month: string;
  /** Cost allocation tags of everything that the release creates. */
  readonly tags: Readonly<Record<string, string>>;
}

interface Service {
  readonly category: string;
  readonly subcategory: string;
  readonly name: string;
}

/** Service of a cost line, in the words of FOCUS 1.2 (ServiceCategory and ServiceSubcategory). */
const SERVICES: Readonly<Record<string, Service>> = {
  nodes: { category: 'Compute', subcategory: 'Virtual Machines', name: 'Amazon Elastic Compute Cloud' },
  'system-node-hour': { category: 'Compute', subcategory: 'Virtual Machines', name: 'Amazon Elastic Compute Cloud' },
  'eks-control-plane': { category: 'Compute', subcategory: 'Containers', name: 'Amazon Elastic Kubernetes Service' },
  'nat-gateway-hour': { category: 'Networking', subcategory: 'Network Connectivity', name: 'Amazon Virtual Private Cloud' },
  'nat-gateway-gb': { category: 'Networking', subcategory: 'Network Connectivity', name: 'Amazon Virtual Private Cloud' },
  'public-ipv4': { category: 'Networking', subcategory: 'Network Infrastructure', name: 'Amazon Virtual Private Cloud' },
  'ebs-gp3': { category: 'Storage', subcategory: 'Block Storage', name: 'Amazon Elastic Block Store' },
  's3-standard': { category: 'Storage', subcategory: 'Object Storage', name: 'Amazon Simple Storage Service' },
  'ecr-storage': { category: 'Storage', subcategory: 'Other (Storage)', name: 'Amazon Elastic Container Registry' },
  'cloudwatch-logs-gb': { category: 'Management and Governance', subcategory: 'Observability', name: 'Amazon CloudWatch' },
  'kms-key': { category: 'Security', subcategory: 'Other (Security)', name: 'AWS Key Management Service' },
};
const OTHER: Service = { category: 'Other', subcategory: 'Other (Other)', name: 'Existing cluster' };
/** Pricing units as FOCUS writes them. */
const UNITS: Readonly<Record<string, string>> = { hour: 'Hours', 'GB-month': 'GB-Months', GB: 'GB', month: 'Months' };

/**
 * The month of a plan as a cost file in the shape of FOCUS 1.2: one row per part of the month, so that a forecast lies beside the bill.
 * A part whose price is not known has empty costs and the basis "unknown", never 0. It is a forecast: no account and no invoice stands behind it.
 */
export function focusCsv(plan: Plan, options: FocusOptions): string {
  return focusFile(plan.cost.lines.map((line) => focusRow(plan, line, options)));
}

/** Rows as a file: a head line, then one line each. */
export function focusFile(rows: readonly FocusRow[]): string {
  return [FOCUS_COLUMNS, ...rows.map((row) => FOCUS_COLUMNS.map((column) => row[column] ?? null))]
    .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    .join('');
}

/** The calendar month after a day, `2026-12`. */
export function monthAfter(day: Date): string {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1)).toISOString().slice(0, 7);
}

function focusRow(plan: Plan, line: Plan['cost']['lines'][number], { month, tags }: FocusOptions): FocusRow {
  const { placement } = plan;
  const start = new Date(`${month}-01T00:00:00Z`);
  const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
  const service = placement.target === 'aws' ? (SERVICES[line.key] ?? OTHER) : OTHER;
  const { value, low, high, basis, source } = line.usdPerMonth;
  const unit = UNITS[line.unit] ?? line.unit;
  const issuer = placement.target === 'aws' ? 'AWS' : 'own cluster';
  const spot = line.key === 'nodes' && placement.capacity === 'spot';
  return {
    BilledCost: value,
    BillingAccountId: 'forecast',
    BillingAccountName: 'forecast',
    BillingCurrency: 'USD',
    BillingPeriodStart: instant(start),
    BillingPeriodEnd: instant(end),
    ChargeCategory: 'Usage',
    ChargeDescription: `Forecast: ${line.title}`,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodStart: instant(start),
    ChargePeriodEnd: instant(end),
    ConsumedQuantity: line.quantity,
    ConsumedUnit: unit,
    ContractedCost: value,
    ContractedUnitPrice: line.usdPerUnit,
    EffectiveCost: value,
    InvoiceIssuerName: issuer,
    ListCost: value,
    ListUnitPrice: line.usdPerUnit,
    PricingCategory: spot ? 'Dynamic' : 'Standard',
    PricingCurrency: 'USD',
    PricingQuantity: line.quantity,
    PricingUnit: unit,
    ProviderName: issuer,
    PublisherName: issuer,
    RegionId: placement.region,
    RegionName: placement.region,
    ResourceId: `${plan.release.name}/${line.key}`,
    ResourceName: line.title,
    ResourceType: line.key === 'nodes' ? (placement.instanceType ?? 'node') : line.key,
    ServiceCategory: service.category,
    ServiceName: service.name,
    ServiceSubcategory: service.subcategory,
    SkuId: line.key === 'nodes' ? placement.instanceType : line.key,
    SkuPriceId:
      line.key === 'nodes' && placement.instanceType !== null
        ? `${placement.instanceType}/${placement.region}/${placement.capacity}`
        : line.key,
    Tags: JSON.stringify(tags),
    x_ForecastLow: low,
    x_ForecastHigh: high,
    x_Basis: basis,
    x_Source: source,
    x_Formula: line.formula,
  };
}

/** An instant as FOCUS writes it, without fractions of a second. */
export function instant(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}

/** RFC 4180; a leading sign that a spreadsheet would take for a formula is kept from it. Numbers are written in full. */
function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(Number(cell.toPrecision(12)));
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
