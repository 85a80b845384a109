import { type Check, notApplicable, notOk, ok, unknown } from './check';
import { type AwsPlace, withClient } from './client';
import { isMissing } from './failure';

/** A quota that a plan needs, in vCPU of running instances. */
export interface NeededQuota {
  readonly code: string;
  readonly name: string;
  readonly vcpuNeeded: number;
}

export interface QuotaFound extends NeededQuota {
  /** null when AWS knows no such quota in the region. */
  readonly value: number | null;
  /** The account's own value, or AWS's default where the account never had another. */
  readonly applied: boolean;
  /** A request for more that is not closed yet. */
  readonly request: { readonly desired: number; readonly status: string } | null;
}

const OPEN_REQUEST = ['PENDING', 'CASE_OPENED'];

/** Reads the vCPU quotas of the plan (Service Quotas; EC2 counts running instances of a family in vCPU). @throws KitError, see `withClient` */
export async function readQuotas(place: AwsPlace, needed: readonly NeededQuota[]): Promise<readonly QuotaFound[]> {
  if (needed.length === 0) return [];
  const sdk = await import('@aws-sdk/client-service-quotas');
  return withClient(
    place,
    'Service Quotas',
    (options) => new sdk.ServiceQuotasClient(options),
    async (client, request) => {
      const found: QuotaFound[] = [];
      for (const quota of needed) {
        const key = { ServiceCode: 'ec2', QuotaCode: quota.code };
        const applied = await orMissing(client.send(new sdk.GetServiceQuotaCommand(key), request));
        const answer = applied ?? (await orMissing(client.send(new sdk.GetAWSDefaultServiceQuotaCommand(key), request)));
        const value = answer?.Quota?.Value ?? null;
        const short = value !== null && value < quota.vcpuNeeded;
        const history = short
          ? await orMissing(client.send(new sdk.ListRequestedServiceQuotaChangeHistoryByQuotaCommand(key), request))
          : undefined;
        const open = history?.RequestedQuotas?.find(({ Status }) => OPEN_REQUEST.includes(Status ?? ''));
        found.push({
          ...quota,
          value,
          applied: applied !== undefined,
          request: open ? { desired: open.DesiredValue ?? 0, status: open.Status ?? '' } : null,
        });
      }
      return found;
    },
  );
}

async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error, 'NoSuchResourceException')) return undefined;
    throw error;
  }
}

/** The command that asks AWS for a higher quota. */
export function requestCommand({ code, vcpuNeeded }: NeededQuota, region: string): string {
  return `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${code} --desired-value ${vcpuNeeded} --region ${region}`;
}

/**
 * Whether the account's quotas hold all replicas of the plan. What already runs in the account counts against the same quota and is not
 * subtracted: "enough" says that the plan alone fits.
 */
export function judgeQuotas(found: readonly QuotaFound[], region: string): Check {
  if (found.length === 0) return notApplicable('quotas', 'the plan names no vCPU quota');
  const values = { quotas: found };
  const short = found.filter(({ value, vcpuNeeded }) => value !== null && value < vcpuNeeded);
  const lost = found.filter(({ value }) => value === null);
  if (short.length > 0) {
    const parts = short.map(({ code, name, value, vcpuNeeded, request }) => {
      const asked = request ? `; a request for ${request.desired} is ${request.status}` : '';
      return `not enough: ${vcpuNeeded} vCPU > quota ${value} for ${code} (${name})${asked}`;
    });
    const toAsk = short.filter(({ request, vcpuNeeded }) => request === null || request.desired < vcpuNeeded);
    const next =
      toAsk.length > 0 ? toAsk.map((quota) => requestCommand(quota, region)).join(' && ') : 'wait until AWS has granted the request';
    return notOk('quotas', parts.join('; '), next, values);
  }
  if (lost.length > 0) {
    const names = lost.map(({ code, name }) => `${code} (${name})`).join(', ');
    return unknown(
      'quotas',
      `AWS knows no quota ${names} in ${region}`,
      `aws service-quotas list-service-quotas --service-code ec2 --region ${region}`,
      values,
    );
  }
  const parts = found.map(
    ({ code, value, vcpuNeeded, applied }) => `${vcpuNeeded} of ${value} vCPU for ${code}${applied ? '' : ' (the default of AWS)'}`,
  );
  return ok('quotas', `enough: ${parts.join('; ')}; what runs already is not subtracted`, values);
}
