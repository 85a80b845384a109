import type { Option, Recommendation, ScoreRow, Step } from './types';

const RULE =
  'The cheapest month among the releases whose plan holds: it fits, meets the targets and stays within its budget. Published scores do not decide; what the dearer ones buy is listed as a step up.';

/**
 * The recommended option by the stated rule. Licences do not enter it: they decide whether a release may go out at all, and stand beside.
 * Ties go to the name that comes first.
 */
export function recommend(options: readonly Option[], scores: readonly ScoreRow[]): Recommendation {
  const holding = options
    .map((option, index) => ({ option, index, usd: option.cost.usdPerMonth.value }))
    .filter((item): item is typeof item & { usd: number } => item.option.state === 'ok' && item.usd !== null)
    .sort((a, b) => a.usd - b.usd || (a.option.name < b.option.name ? -1 : 1));
  const [best, ...dearer] = holding;
  if (!best) return { rule: RULE, name: null, because: 'No plan holds, so nothing is recommended.', steps: [] };
  const out = options.filter((option) => option.state !== 'ok').map((option) => `${option.name} is out (${option.state})`);
  const against = dearer.map(({ option, usd }) => `${option.name} costs ${moreOrSame(usd - best.usd)}`);
  return {
    rule: RULE,
    name: best.option.name,
    because: [`${best.option.name} holds for ${dollars(best.usd)} a month`, ...against, ...out]
      .join('; ')
      .concat('.', licences(best.option)),
    steps: dearer.map((item) => step(best, item, scores)).filter((found) => !isLevel(found)),
  };
}

/** A recommendation is no release: that is decided by the check. */
function licences({ licence }: Option): string {
  if (licence?.state === 'allowed') return '';
  return ` It may not be released before its licences are settled: ${licence === null ? 'not checked' : licence.state}.`;
}

interface Held {
  readonly option: Option;
  readonly index: number;
  readonly usd: number;
}

function step(from: Held, to: Held, scores: readonly ScoreRow[]): Step {
  const gains = scores.flatMap(({ values }) => {
    const [a, b] = [values[from.index], values[to.index]];
    return a == null || b == null ? [] : [b - a];
  });
  const token = (held: Held) => held.option.performance.timePerOutputTokenMs.value;
  const [fast, slow] = [token(from), token(to)];
  return {
    name: to.option.name,
    usdPerMonthMore: to.usd - from.usd,
    percentMore: (to.usd / from.usd - 1) * 100,
    better: gains.filter((gain) => gain > 0).length,
    compared: gains.length,
    meanPoints: gains.length === 0 ? null : gains.reduce((sum, gain) => sum + gain, 0) / gains.length,
    tokenTimeRatio: fast === null || slow === null ? null : slow / fast,
  };
}

/** Less than a cent a month is no difference. */
const CENT = 0.01;

/** A step that costs nothing and changes nothing is none: the same release twice. */
function isLevel({ usdPerMonthMore, meanPoints, better, tokenTimeRatio }: Step): boolean {
  const sameScores = better === 0 && (meanPoints === null || meanPoints === 0);
  return usdPerMonthMore < CENT && sameScores && (tokenTimeRatio === null || tokenTimeRatio === 1);
}

function moreOrSame(usd: number): string {
  return usd < CENT ? 'the same' : `${dollars(usd)} a month more`;
}

function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`;
}
