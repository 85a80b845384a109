import type { Expected } from './expectation';
import type { Measurement } from './schema';
import type { StreamedAnswer } from './smoke';

const MS_PER_SECOND = 1000;

/** The measured answer beside the ranges of the plan. A single request: it says nothing of the service under load. */
export function measurementsOf(answer: StreamedAnswer, expected: Expected): Measurement[] {
  const { low, high } = expected.timePerOutputTokenMs;
  const speed = { low: high === null ? null : MS_PER_SECOND / high, high: low === null ? null : MS_PER_SECOND / low };
  return [
    measurement('timeToFirstTokenMs', answer.timeToFirstTokenMs, expected.timeToFirstTokenMs, 'low'),
    ...(answer.outputTokensPerSecond === null ? [] : [measurement('outputTokensPerSecond', answer.outputTokensPerSecond, speed, 'high')]),
  ];
}

function measurement(
  name: Measurement['name'],
  measured: number,
  { low, high }: { readonly low: number | null; readonly high: number | null },
  betterIs: 'low' | 'high',
): Measurement {
  const place = low === null || high === null ? 'no plan' : measured < low ? 'low' : measured > high ? 'high' : 'as planned';
  const verdict = place === 'low' || place === 'high' ? (place === betterIs ? 'better than planned' : 'worse than planned') : place;
  return { name, measured: Math.round(measured * 10) / 10, low, high, verdict };
}
