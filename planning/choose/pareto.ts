import type { Placed } from './evaluate';

/** Seconds from a request to its last token at the central estimate. */
function answerSeconds({ performance }: Placed, outputTokens: number): number | null {
  const { timeToFirstTokenMs: first, timePerOutputTokenMs: token } = performance;
  return first.value === null || token.value === null ? null : (first.value + token.value * (outputTokens - 1)) / 1000;
}

/**
 * The placements that no other one beats: none is both as cheap a month and as quick to the last token, and better in one of the two.
 * Those without a known price or speed are not on the front.
 */
export function paretoFront(placed: readonly Placed[], outputTokens: number): ReadonlySet<Placed> {
  const known = placed.flatMap((item) => {
    const seconds = answerSeconds(item, outputTokens);
    return item.usdPerMonth.value === null || seconds === null ? [] : [{ item, usd: item.usdPerMonth.value, seconds }];
  });
  known.sort((a, b) => a.usd - b.usd || a.seconds - b.seconds);
  const front = new Set<Placed>();
  let best: { usd: number; seconds: number } | undefined;
  for (const point of known) {
    const equal = best && point.usd === best.usd && point.seconds === best.seconds;
    if (best && point.seconds >= best.seconds && !equal) continue;
    front.add(point.item);
    best = point;
  }
  return front;
}
