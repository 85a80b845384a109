import type { Plan } from '../planning/plan';
import { figureLine, formatCount, formatUsd, plural, UNKNOWN } from './format';

/** What use makes of the price, one sentence each: busy all the time, idle, break-even, a failed node. */
export function useLines({ cost, placement }: Pick<Plan, 'cost' | 'placement'>): readonly string[] {
  if (placement.replicas === 0) return [];
  return [
    `Busy all the time: ${busyText(cost.saturated)}.`,
    ...idleText(cost.idle),
    ...offHoursText(cost.offHours),
    ...fallbackText(placement),
    `One node lost at the peak: ${failureText(placement)}.`,
  ];
}

function busyText({ usdPerThousandImages, usdPerMillionOutputTokens: tokens }: Plan['cost']['saturated']): string {
  const images = usdPerThousandImages.value === null ? '' : `1,000 images ${figureLine(usdPerThousandImages, formatUsd)}, `;
  return tokens.value === null ? UNKNOWN : `nodes alone, ${images}1 M output tokens ${figureLine(tokens, formatUsd)}`;
}

function idleText({ utilisation, usdPerMonth, halfIdleRequestsPerMonth: half, breakEven }: Plan['cost']['idle']): string[] {
  if (utilisation.value === null || half === null) return [`Idle: ${UNKNOWN}.`];
  const idle = `Idle: ${formatUsd(usdPerMonth.value)} a month waits for requests (${percent(utilisation.value)} used); half of it would at ${formatCount(half)} requests a month.`;
  if (!breakEven) return [idle];
  const { requestsPerMonth: from, reachable, reached } = breakEven;
  const state = reached ? 'reached' : reachable === false ? 'more than these nodes can serve' : 'not reached';
  return [
    idle,
    `Break-even: cheaper than ${formatUsd(breakEven.externalUsdPerThousandImages)} per 1,000 images from ${figureLine(from, formatCount)} requests a month, ${state}.`,
  ];
}

function offHoursText(offHours: Plan['cost']['offHours']): string[] {
  if (offHours === null) return [];
  const { schedule, hoursOffPerMonth: off, hoursUpPerMonth: up, usdSavedPerMonth: saved } = offHours;
  const hours = `no nodes for the model ${formatCount(off)} h a month, ${formatCount(up)} h with them`;
  return [`Off hours ${schedule}: ${hours}; saves ${figureLine(saved, formatUsd)} a month against nodes that always run.`];
}

function fallbackText({ capacity, fallback }: Plan['placement']): string[] {
  return fallback === null ? [] : [`When there is no ${capacity} capacity: ${fallback.capacity} nodes take over, at their own price.`];
}

function failureText({ oneFailure }: Plan['placement']): string {
  const { survives, replicasToSurvive, usdPerMonthMore: more } = oneFailure;
  if (survives) return 'what is left holds the peak';
  return `the peak is not held until it is replaced; ${plural(replicasToSurvive ?? 0, 'replica')} would${more === null ? '' : `, for ${formatUsd(more)} a month more`} (placement.surviveOneFailure)`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
