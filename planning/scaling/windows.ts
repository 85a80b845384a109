import type { Chosen, Window } from './schema';

/** Longest window and period that autoscaling/v2 takes, in seconds. */
const MOST_WINDOW = 3600;
const MOST_PERIOD = 1800;
/** Kubernetes' own window before replicas are taken away; llm-d keeps it for models. */
const LEAST_DOWN = 300;
/** A spike that is over within a quarter of the cold start is over before a new replica could help; a minute is the most that a queue waits for certainty. */
const UP_SHARE = 4;
const MOST_UP = 60;
/** HPA asks every 15 s; a step is not shorter than that. */
const LEAST_PERIOD = 15;
const DOWN_PERIOD = 60;

/**
 * Windows of both directions. A queue grows until the replica that was asked for answers; without a limit it would ask for more and more of
 * them, so one cold start allows half of the range (at least one replica) and no more.
 * @param coldStart  seconds, in the middle and at the slow end
 * @param range  maxReplicas less minReplicas
 */
export function scaleUpWindow(coldStart: number, range: number): Window {
  return {
    stabilizationSeconds: chosen(
      Math.min(MOST_UP, Math.ceil(coldStart / UP_SHARE)),
      `min(${MOST_UP}, ${coldStart} / ${UP_SHARE})`,
      'a spike shorter than that ends before a new replica answers',
    ),
    replicas: chosen(Math.max(1, Math.ceil(range / 2)), `max(1, ${range} / 2)`, 'GPUs are scarce: half of the range per cold start'),
    periodSeconds: chosen(
      Math.min(MOST_PERIOD, Math.max(LEAST_PERIOD, coldStart)),
      `${coldStart} s of cold start within ${LEAST_PERIOD} to ${MOST_PERIOD}`,
      'the queue cannot shrink before the replica that was asked for answers',
    ),
  };
}

/** Taking away is slow on purpose: a replica that was dear to start is kept for twice its cold start. */
export function scaleDownWindow(coldStart: number): Window {
  return {
    stabilizationSeconds: chosen(
      Math.min(MOST_WINDOW, Math.max(LEAST_DOWN, 2 * coldStart)),
      `2 x ${coldStart} s within ${LEAST_DOWN} to ${MOST_WINDOW}`,
      'twice the slow cold start; Kubernetes and llm-d take 300 s',
    ),
    replicas: chosen(1, '1', 'one at a time: each is a place that is dear to get back'),
    periodSeconds: chosen(DOWN_PERIOD, String(DOWN_PERIOD), 'answers in flight end within the grace of the pod'),
  };
}

function chosen(value: number, formula: string, source: string): Chosen {
  return { value, formula, source };
}
