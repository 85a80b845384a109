import { type EngineSettings, engineSettings } from '../engine-flags/settings';
import { fitNode, type NodeFit } from '../fit/fit-node';
import { idle, inFlightAt95, type Steady, steadyAt } from '../throughput/at-rate';
import type { End, Speed } from '../throughput/step-model';
import { MS } from '../units';
import type { Node } from './node';
import type { Question } from './question';

/** What keeps a number of replicas from serving the peak. */
type Failure = 'saturated' | 'memory' | 'first-token' | 'output-token';

/** A number of replicas under the peak. */
export interface Trial {
  readonly replicas: number;
  readonly ratePerReplica: number;
  readonly settings: EngineSettings;
  readonly fit: NodeFit;
  readonly steady: Steady | undefined;
  readonly failure: Failure | undefined;
}

/** More replicas than anybody could start; the search for the number that would be needed ends here. */
const SEARCH_LIMIT = 2 ** 30;

/** So many replicas under the peak of the release, at one end of the speed constants. */
function tryReplicas(
  question: Question,
  node: Node,
  speed: Speed | undefined,
  tensorParallel: number,
  replicas: number,
  end: End = 'value',
): Trial {
  const { load, targets } = question.release;
  const ratePerReplica = load.peakRequestsPerSecond / replicas;
  const steady = speed ? steadyAt(speed.model(end), ratePerReplica) : undefined;
  const keepsUp = steady !== undefined && speed !== undefined && steady.decoding <= speed.kneeConcurrency;
  const inFlight = keepsUp ? inFlightAt95(steady.inFlight) : 1;
  const settings = engineSettings(question, inFlight, tensorParallel);
  const fit = fitNode(question, node, settings, inFlight);
  const failure = failureOf();
  return { replicas, ratePerReplica, settings, fit, steady: keepsUp ? steady : undefined, failure };

  function failureOf(): Failure | undefined {
    if (fit.shortage !== null) return 'memory';
    if (!speed) return undefined;
    if (!keepsUp) return 'saturated';
    if (steady.timePerOutputTokenSeconds * MS > targets.timePerOutputTokenMs) return 'output-token';
    if (steady.timeToFirstTokenSeconds * MS > targets.timeToFirstTokenMs) return 'first-token';
    return undefined;
  }
}

/**
 * The fewest replicas, between minReplicas (at least 1) and maxReplicas, that hold the peak and meet the targets;
 * when there are none, the trial with maxReplicas. Everything gets easier with more replicas, so it is a binary search.
 */
export function fewestReplicas(
  question: Question,
  node: Node,
  speed: Speed | undefined,
  tensorParallel: number,
  options: { readonly atLeast?: number; readonly end?: End } = {},
): Trial {
  const { minReplicas, maxReplicas } = question.release.placement;
  const attempt = (replicas: number) => tryReplicas(question, node, speed, tensorParallel, replicas, options.end);
  let low = Math.max(1, options.atLeast ?? minReplicas);
  const first = attempt(low);
  if (first.failure === undefined || low >= maxReplicas) return first;
  let best = attempt(maxReplicas);
  if (best.failure !== undefined) return best;
  while (best.replicas - low > 1) {
    const middle = Math.floor((low + best.replicas) / 2);
    const trial = attempt(middle);
    if (trial.failure === undefined) best = trial;
    else low = middle;
  }
  return best;
}

/** The trial with as many replicas as would be needed without a limit, or undefined when no number of them meets the targets. */
export function trialWithoutLimit(question: Question, node: Node, speed: Speed, tensorParallel: number): Trial | undefined {
  const alone = idle(speed.model('value'));
  const { targets, placement } = question.release;
  if (alone.timePerOutputTokenSeconds * MS > targets.timePerOutputTokenMs) return undefined;
  if (alone.timeToFirstTokenSeconds * MS > targets.timeToFirstTokenMs) return undefined;
  const attempt = (replicas: number) => tryReplicas(question, node, speed, tensorParallel, replicas);
  const works = (replicas: number) => attempt(replicas).failure === undefined;
  let high = placement.maxReplicas;
  while (!works(high)) {
    if (high > SEARCH_LIMIT) return undefined;
    high *= 2;
  }
  let low = placement.maxReplicas;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (works(middle)) high = middle;
    else low = middle;
  }
  return attempt(high);
}

/** Replicas at both ends of the speed constants, and what the loss of a node means. */
export interface Headroom {
  /** Fewest replicas at the fast and the slow end, with the node to spare where one is asked for; the slow end stops at maxReplicas. */
  readonly low: number;
  readonly high: number;
  /** Replicas that hold the peak when those of one node are gone. */
  readonly toSurvive: number;
  readonly survives: boolean;
  /** How far the range can be trusted: that of the speed. */
  readonly basis: 'calibrated' | 'extrapolated';
}

/**
 * Headroom of a placement. The rule for one failure (N+1): what is left after the loss of one node, with all replicas on it,
 * must hold the peak within the targets.
 *
 * @param perNode  replicas that share a node
 */
export function headroomOf(question: Question, node: Node, speed: Speed | undefined, trial: Trial, perNode: number): Headroom {
  const { tensorParallel } = trial.settings;
  const fewest = (end: End, atLeast?: number) => fewestReplicas(question, node, speed, tensorParallel, { end, atLeast }).replicas;
  const needed = fewest('value', 1);
  const { surviveOneFailure, minReplicas, maxReplicas } = question.release.placement;
  const atEnd = (end: End) => (surviveOneFailure ? Math.min(maxReplicas, Math.max(minReplicas, fewest(end, 1) + perNode)) : fewest(end));
  return {
    low: Math.min(trial.replicas, atEnd('fast')),
    high: Math.max(trial.replicas, atEnd('slow')),
    toSurvive: needed + perNode,
    survives: trial.replicas - perNode >= needed,
    basis: speed?.basis ?? 'extrapolated',
  };
}

/**
 * The trial with one node more than the peak needs. Flags and memory stay those of the peak without that node,
 * since that is when they count. The number of replicas that would be needed when maxReplicas does not allow it.
 */
export function survivingTrial(
  question: Question,
  node: Node,
  speed: Speed | undefined,
  tensorParallel: number,
  perNode: number,
): Trial | number {
  const { minReplicas, maxReplicas } = question.release.placement;
  const bare = fewestReplicas(question, node, speed, tensorParallel, { atLeast: 1 });
  if (bare.failure !== undefined) return bare;
  const replicas = Math.max(minReplicas, bare.replicas + perNode);
  if (replicas > maxReplicas) return replicas;
  return { ...bare, replicas, ratePerReplica: question.release.load.peakRequestsPerSecond / replicas };
}
