import { priceDate } from '../catalog/find';
import type { Placed } from './choose/evaluate';
import type { Question } from './choose/question';
import type { PlanProblem } from './plan';

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
          spot(chosen),
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
        'add the price to the catalogue, or placement.cluster.usdPerNodeHour to the release.',
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

function spot(chosen: Placed): PlanProblem | undefined {
  if (chosen.capacity !== 'spot') return undefined;
  return warning(
    'W_SPOT_INTERRUPTION',
    `spot capacity can be taken away at two minutes' notice, and its price moves; ${chosen.name} was seen between $${chosen.usdPerHour.low?.toFixed(2)} and $${chosen.usdPerHour.high?.toFixed(2)} an hour.`,
    'add on-demand to placement.capacity if the show must not stop.',
  );
}

/** Targets are decided on the central value; the reader learns when the slow end misses them. */
function pessimistic({ release }: Question, { performance, name }: Placed): PlanProblem | undefined {
  const { targets } = release;
  const token = performance.timePerOutputTokenMs.high ?? 0;
  const first = performance.timeToFirstTokenMs.high ?? 0;
  if (token <= targets.timePerOutputTokenMs && first <= targets.timeToFirstTokenMs) return undefined;
  return warning(
    'W_TARGET_PESSIMISTIC',
    `${name} meets the targets at the central estimate, but not at its slow end (${first.toFixed(0)} ms to the first token, ${token.toFixed(0)} ms per token).`,
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
