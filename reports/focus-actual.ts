import type { CostActual } from '../aws/cost-actual';
import { type FocusRow, focusFile, instant } from './focus';

export interface FocusActualOptions {
  /** Account that asked Cost Explorer. */
  readonly account: string;
  readonly region: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;

/** The billed days as a cost file in the shape of FOCUS 1.2, one row for each day and service, so that it lies beside the forecast of `ovkit plan --focus`. */
export function focusActualCsv(cost: CostActual, { account, region, tags }: FocusActualOptions): string {
  const start = new Date(`${cost.month}-01T00:00:00Z`);
  const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
  const rows = cost.days.map(({ day, key, usd, estimated }): FocusRow => {
    const from = new Date(`${day}T00:00:00Z`);
    return {
      BilledCost: usd,
      BillingAccountId: account,
      BillingCurrency: 'USD',
      BillingPeriodStart: instant(start),
      BillingPeriodEnd: instant(end),
      ChargeCategory: 'Usage',
      ChargeDescription: `${key}${estimated ? ' (estimated)' : ''}`,
      ChargeFrequency: 'Usage-Based',
      ChargePeriodStart: instant(from),
      ChargePeriodEnd: instant(new Date(from.getTime() + DAY_MS)),
      EffectiveCost: usd,
      InvoiceIssuerName: 'AWS',
      ProviderName: 'AWS',
      PublisherName: 'AWS',
      RegionId: region,
      RegionName: region,
      ServiceName: key,
      SubAccountId: account,
      Tags: JSON.stringify(tags),
      x_Basis: estimated ? 'estimated' : 'billed',
      x_Source: 'AWS Cost Explorer GetCostAndUsage, UnblendedCost',
    };
  });
  return focusFile(rows);
}
