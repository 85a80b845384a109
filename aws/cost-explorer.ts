import { KitError } from '../core/error';
import { type AwsPlace, withClient } from './client';
import { isMissing } from './failure';

/** Cost Explorer has one endpoint for all regions. Source: AWS General Reference, "Cost Explorer endpoints". */
const COST_REGION = 'us-east-1';

/** Cost of one day, split by service or by the value of a tag. */
export interface BilledDay {
  /** First day, `2026-11-24`. */
  readonly day: string;
  readonly key: string;
  readonly usd: number;
  /** AWS may still change it. */
  readonly estimated: boolean;
}

export interface CostQuestion {
  /** First day, and the day after the last, both `2026-11-01`. */
  readonly start: string;
  readonly end: string;
  /** Tags that the resources carry, all of them. */
  readonly tags: Readonly<Record<string, string>>;
  /** Split by the values of this tag; by service without it. */
  readonly byTag?: string;
}

/**
 * What was billed for resources with the tags, by day (Cost Explorer GetCostAndUsage, UnblendedCost, all pages). AWS charges 0.01 USD a request.
 * Empty when Cost Explorer has no data yet.
 * @throws KitError, see `withClient`; E_AWS_ANSWER for another currency
 */
export async function readCost(place: Omit<AwsPlace, 'region'>, question: CostQuestion): Promise<readonly BilledDay[]> {
  const sdk = await import('@aws-sdk/client-cost-explorer');
  return withClient(
    { ...place, region: COST_REGION },
    'Cost Explorer',
    (options) => new sdk.CostExplorerClient(options),
    async (client, request) => {
      const days: BilledDay[] = [];
      let NextPageToken: string | undefined;
      do {
        const page = await orNoData(
          client.send(
            new sdk.GetCostAndUsageCommand({
              TimePeriod: { Start: question.start, End: question.end },
              Granularity: 'DAILY',
              Metrics: ['UnblendedCost'],
              Filter: { And: Object.entries(question.tags).map(([Key, value]) => ({ Tags: { Key, Values: [value] } })) },
              GroupBy: [question.byTag === undefined ? { Type: 'DIMENSION', Key: 'SERVICE' } : { Type: 'TAG', Key: question.byTag }],
              NextPageToken,
            }),
            request,
          ),
        );
        for (const result of page?.ResultsByTime ?? []) {
          for (const { Keys = [], Metrics = {} } of result.Groups ?? []) {
            days.push({
              day: result.TimePeriod?.Start ?? '',
              key: keyOf(Keys[0] ?? '', question.byTag),
              usd: usdOf(Metrics.UnblendedCost),
              estimated: result.Estimated === true,
            });
          }
        }
        NextPageToken = page?.NextPageToken;
      } while (NextPageToken !== undefined);
      return days;
    },
  );
}

/** Whether each tag is active as a cost allocation tag; null when the account may not ask, which only the payer's may. */
export async function readTagStates(
  place: Omit<AwsPlace, 'region'>,
  keys: readonly string[],
): Promise<Readonly<Record<string, boolean>> | null> {
  const sdk = await import('@aws-sdk/client-cost-explorer');
  try {
    return await withClient(
      { ...place, region: COST_REGION },
      'Cost Explorer',
      (options) => new sdk.CostExplorerClient(options),
      async (client, request) => {
        const { CostAllocationTags = [] } = await client.send(
          new sdk.ListCostAllocationTagsCommand({ TagKeys: [...keys], Type: 'UserDefined' }),
          request,
        );
        const active = new Set(CostAllocationTags.filter(({ Status }) => Status === 'Active').map(({ TagKey }) => TagKey));
        return Object.fromEntries(keys.map((key): [string, boolean] => [key, active.has(key)]));
      },
    );
  } catch (error) {
    if (error instanceof KitError && error.code === 'E_AWS_DENIED') return null;
    throw error;
  }
}

async function orNoData<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error, 'DataUnavailableException')) return undefined;
    throw error;
  }
}

/** A group by tag is called `Key$value`; without the tag `Key$`. */
function keyOf(key: string, tag: string | undefined): string {
  return tag === undefined ? key : key.slice(key.indexOf('$') + 1) || '(without the tag)';
}

function usdOf(metric: { readonly Amount?: string; readonly Unit?: string } | undefined): number {
  const usd = Number(metric?.Amount);
  if (metric?.Unit === 'USD' && Number.isFinite(usd)) return usd;
  throw new KitError({
    code: 'E_AWS_ANSWER',
    message: `Cost Explorer answered in ${metric?.Unit ?? 'no currency'} (${metric?.Amount ?? 'no amount'}), not in USD.`,
    next: 'see the currency of the account in the billing console; the kit compares US dollars.',
  });
}
