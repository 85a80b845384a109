import type { Plan } from '../planning/plan';
import type { ChartValues } from './chart-values';

/**
 * Seconds between leaving the Service and the signal to stop, and seconds until a pod that goes is killed.
 *
 * Formula: grace = sleep + 2 x (time to first token + output tokens x time per output token), read high, + 10, in whole ten seconds; 60 to 600.
 * Source: 15 s and 60 s are those of KServe (aaac4e2); the rest lets an answer of the planned size end that began just before.
 */
export function shutdownTimes({ performance, request }: Plan): ChartValues['shutdown'] {
  const first = performance.timeToFirstTokenMs.high ?? 0;
  const each = performance.timePerOutputTokenMs.high ?? 0;
  const answerSeconds = (first + request.outputTokens * each) / 1000;
  const wanted = SLEEP_SECONDS + MARGIN * answerSeconds + END_SECONDS;
  const graceSeconds = Math.min(LONGEST_SECONDS, Math.max(LEAST_SECONDS, Math.ceil(wanted / TEN) * TEN));
  return { preStopSleepSeconds: SLEEP_SECONDS, graceSeconds };
}

const SLEEP_SECONDS = 15;
const LEAST_SECONDS = 60;
const LONGEST_SECONDS = 600;
const END_SECONDS = 10;
const MARGIN = 2;
const TEN = 10;
