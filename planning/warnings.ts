import { priceDate } from '../catalog/find';
import type { Placed } from './choose/evaluate';
import type { Question } from './choose/question';
import type { PlanProblem } from './plan';
import { nodePrice } from './price/node-price';
import { hoursUpPerMonth } from './price/off-hours';
import { countText } from './units';

const DAY_MS = 86_400_000;

/** What holds, but should be read: stale or unchecked prices, spot, figures at the edge, revisions never seen. */
export function warnings(question: Question, chosen: Placed | undefined, today: Date): readonly PlanProblem[] {
  return [
    stalePrices(question, today),
    unknownRevision(question),
    downscaled(question),
    ...(chosen
      ? [
          unknownFigure(chosen),
          contractEnded(question, chosen),
          spot(question, chosen),
          fallbackCost(question, chosen),
          hoursUp(question, chosen),
          pessimistic(question, chosen),
          extrapolated(chosen),
          weightOnlyFp8(question, chosen),
        ]
      : []),
  ].filter((problem) => problem !== undefined);
}

function stalePrices({ catalog, region }: Question, today: Date): PlanProblem | undefined {
  if (region === null) return undefined;
  const { staleAfterDays } = catalog.prices;
  const date = priceDate(catalog, region);
  const days = Math.floor((today.getTime() - Date.parse(date)) / DAY_MS);
  if (days <= staleAfterDays) return undefined;
  return warning(
    'W_PRICE_STALE',
    `the prices are of ${date}, ${days} days ago; after ${staleAfterDays} days they should be refreshed.`,
    'run `npx ovkit prices refresh`.',
  );
}

function unknownRevision({ release, model }: Question): PlanProblem | undefined {
  const { revision } = release.model;
  if (model.knownRevisions.length === 0 || model.knownRevisions.includes(revision)) return undefined;
  return warning(
    'W_REVISION_UNKNOWN',
    `the catalogue has not seen revision ${revision.slice(0, 12)} of ${model.id}; its size may differ.`,
    `use ${model.knownRevisions[0]}, or check the files of yours.`,
  );
}

function downscaled({ request, release, model }: Question): PlanProblem | undefined {
  if (!request.downscaled || !model.vision) return undefined;
  const { imageWidthPx, imageHeightPx } = release.load;
  return warning(
    'W_IMAGE_DOWNSCALED',
    `images of ${imageWidthPx}x${imageHeightPx} are scaled down to ${model.vision.maxPixels} pixels before the model sees them.`,
    'send smaller images, or expect small details to be lost.',
  );
}

function unknownFigure(chosen: Placed): PlanProblem | undefined {
  if (chosen.unknown === null && chosen.usdPerMonth.value !== null) return undefined;
  const reason = chosen.unknown ?? chosen.usdPerMonth.source;
  const speed = chosen.performance.timePerOutputTokenMs.value === null;
  return speed
    ? warning(
        'W_SPEED_UNKNOWN',
        `whether the targets are met cannot be told: ${lowerFirst(reason)}`,
        'give placement.cluster.nodeMemoryBandwidthGbPerSecond, or measure it.',
      )
    : warning(
        'W_PRICE_UNKNOWN',
        `the price cannot be told: ${lowerFirst(reason)}`,
        'give it in a file under budget.priceOverrides (docs/prices.md), or as placement.cluster.usdPerNodeHour for a cluster of your own.',
      );
}

function contractEnded({ region }: Question, { node, name }: Placed): PlanProblem | undefined {
  const contract = region === null ? undefined : node.instance?.price[region]?.contract;
  if (!contract?.ended) return undefined;
  return warning(
    'W_CONTRACT_ENDED',
    `the contract price of ${name} held until ${contract.validUntil}; the plan takes the list price (${contract.source}).`,
    'bring the file under budget.priceOverrides up to date, or remove it.',
  );
}

function spot({ release }: Question, chosen: Placed): PlanProblem | undefined {
  if (chosen.capacity !== 'spot') return undefined;
  const { low, high } = chosen.usdPerNodeHour;
  const seen =
    low === null || high === null
      ? `nobody has seen that of ${chosen.name}`
      : `${chosen.name} was seen between $${low.toFixed(2)} and $${high.toFixed(2)} an hour`;
  const taken = "spot capacity can be taken away at two minutes' notice, and its price moves";
  return release.placement.capacity.includes('on-demand')
    ? warning(
        'W_SPOT_INTERRUPTION',
        `${taken}; ${seen}. Where there is no spot, on-demand nodes take over; requests in flight on a node that is taken away are lost.`,
        'remove spot from placement.capacity if a pause of a cold start is too long.',
      )
    : warning('W_SPOT_INTERRUPTION', `${taken}; ${seen}.`, 'add on-demand to placement.capacity if the show must not stop.');
}

/** A month without spot is a month at the on-demand price: said when the budget does not hold it. */
function fallbackCost({ release, catalog, region }: Question, chosen: Placed): PlanProblem | undefined {
  if (chosen.capacity !== 'spot' || !release.placement.capacity.includes('on-demand')) return undefined;
  if (region === null || chosen.node.instance === null) return undefined;
  const price = nodePrice(chosen.node.instance, region, 'on-demand', catalog);
  const usd = price.kind === 'price' ? price.usdPerHour.value : null;
  const spotUsd = chosen.usdPerNodeHour.value;
  if (usd === null || spotUsd === null || chosen.usdPerMonth.value === null) return undefined;
  const month = chosen.usdPerMonth.value + (usd - spotUsd) * chosen.nodes * release.load.hoursPerMonth;
  if (month <= release.budget.monthlyUsd) return undefined;
  return warning(
    'W_SPOT_FALLBACK',
    `a month on the on-demand fallback alone would cost $${month.toFixed(2)}, more than the budget of $${release.budget.monthlyUsd}.`,
    'raise budget.monthlyUsd, or remove on-demand from placement.capacity and accept that the service may stop.',
  );
}

/** Nodes run by the clock, not by the load: whoever plans with fewer hours than that plans a smaller bill than will come. */
function hoursUp({ release, region }: Question, { nodes, usdPerNodeHour }: Placed): PlanProblem | undefined {
  const { load, placement } = release;
  if (region === null || placement.minReplicas === 0) return undefined;
  const up = hoursUpPerMonth(placement);
  if (up <= load.hoursPerMonth * HOURS_TOLERANCE) return undefined;
  const usd =
    usdPerNodeHour.value === null ? '' : `, about $${((up - load.hoursPerMonth) * nodes * usdPerNodeHour.value).toFixed(0)} a month more`;
  return warning(
    'W_HOURS_UP',
    `the price counts ${load.hoursPerMonth} hours a month, but nothing takes the nodes down before ${up.toFixed(0)} hours${usd}.`,
    'set placement.offHours (e.g. 19:00-07:00 Europe/Amsterdam), or load.hoursPerMonth to the hours that the nodes run.',
  );
}

/** Schedules are daily and months differ. */
const HOURS_TOLERANCE = 1.1;

/** Targets are decided on the central value; the reader learns when the slow end misses them. */
function pessimistic({ release }: Question, { performance, name }: Placed): PlanProblem | undefined {
  const { targets } = release;
  const token = performance.timePerOutputTokenMs.high ?? 0;
  const first = performance.timeToFirstTokenMs.high ?? 0;
  if (token <= targets.timePerOutputTokenMs && first <= targets.timeToFirstTokenMs) return undefined;
  return warning(
    'W_TARGET_PESSIMISTIC',
    `${name} meets the targets at the central estimate, but not at its slow end (${countText(Math.round(first))} ms to the first token, ${countText(Math.round(token))} ms per token).`,
    'measure it before the show, or loosen the targets.',
  );
}

function extrapolated({ performance }: Placed): PlanProblem | undefined {
  if (performance.timePerOutputTokenMs.basis !== 'extrapolated') return undefined;
  return warning(
    'W_EXTRAPOLATED',
    'speed is extrapolated: no measurement of this model on this device was found.',
    'read the ranges, not the middle, until you have measured it.',
  );
}

function weightOnlyFp8({ release }: Question, { node }: Placed): PlanProblem | undefined {
  if (release.model.precision !== 'fp8' || !node.gpu || node.gpu.fp8Native) return undefined;
  return warning(
    'W_FP8_WEIGHT_ONLY',
    `${node.gpu.name} has no fp8 arithmetic: weights are stored in fp8 and computed in 16 bit.`,
    'expect memory to be saved, not time.',
  );
}

function warning(code: string, message: string, next: string): PlanProblem {
  return { code, severity: 'warning', message, next };
}

function lowerFirst(text: string): string {
  const end = text.endsWith('.') ? '' : '.';
  return text.charAt(0).toLowerCase() + text.slice(1) + end;
}
