import type { Candidate } from '../../planning/plan';

/** A candidate as a point: what all its replicas cost and how many requests they answer. */
export interface ScatterPoint {
  readonly label: string;
  readonly chosen: boolean;
  readonly requestsPerSecond: number;
  readonly lowRequestsPerSecond: number;
  readonly highRequestsPerSecond: number;
  readonly usdPerHour: number;
}

/** How a candidate is named in the chart and in the table. */
export function candidateName(candidate: Candidate): string {
  const capacity = candidate.capacity && candidate.capacity !== 'on-demand' ? ` ${candidate.capacity}` : '';
  return `${candidate.candidate}${candidate.candidate.includes(capacity.trim()) ? '' : capacity}`;
}

/** Points of all candidates whose price and throughput are known; the chosen one first, so that it gets its name. */
export function scatterPoints(candidates: readonly Candidate[]): readonly ScatterPoint[] {
  return candidates
    .flatMap((candidate) => {
      const rate = candidate.performance.requestsPerSecondPerReplica;
      const usdPerHour = candidate.usdPerHour.value;
      if (!isPositive(rate.value) || !isPositive(usdPerHour)) return [];
      return [
        {
          label: `${candidateName(candidate)}${candidate.replicas > 1 ? ` × ${candidate.replicas}` : ''}`,
          chosen: candidate.chosen,
          requestsPerSecond: rate.value * candidate.replicas,
          lowRequestsPerSecond: (isPositive(rate.low) ? rate.low : rate.value) * candidate.replicas,
          highRequestsPerSecond: (isPositive(rate.high) ? rate.high : rate.value) * candidate.replicas,
          usdPerHour,
        },
      ];
    })
    .filter((point) => point.requestsPerSecond > 0)
    .sort((a, b) => Number(b.chosen) - Number(a.chosen) || a.usdPerHour - b.usdPerHour);
}

function isPositive(value: number | null): value is number {
  return value !== null && Number.isFinite(value) && value > 0;
}
