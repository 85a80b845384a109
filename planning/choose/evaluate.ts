import { type Figure, mapFigure, unknownFigure } from '../../core/figure';
import type { Capacity } from '../../release/schema';
import { volumeGib } from '../fit/disk';
import type { Fit, Performance, Plan, Rejected } from '../plan';
import { monthOf, nodeLine, surroundingLines } from '../price/month';
import { type NodePrice, nodePrice } from '../price/node-price';
import { averageRate, requestsPerMonth, usdPerThousandImages } from '../price/unit-cost';
import { performanceAt, unknownPerformance } from '../throughput/performance';
import { GB } from '../units';
import { type Obstacle, obstacleOf, partitionObstacle, speedObstacle } from './capability';
import type { Node } from './node';
import type { Question } from './question';
import { rejectFailure, rejectTrial } from './reject';
import { type Headroom, type Trial, trialWithoutLimit } from './replicas';
import { replicasPerNode, sizeOf } from './size';

/** A placement that holds the load and meets the targets. */
export interface Placed {
  readonly kind: 'placed';
  readonly name: string;
  readonly node: Node;
  readonly capacity: Capacity | null;
  readonly trial: Trial;
  readonly fit: Fit;
  readonly performance: Performance;
  readonly headroom: Headroom;
  readonly nodes: number;
  readonly volumeGib: number;
  readonly usdPerNodeHour: Figure;
  readonly usdPerHour: Figure;
  readonly usdPerMonth: Figure;
  readonly usdPerThousandImages: Figure;
  readonly lines: Plan['cost']['lines'];
  /** Set when speed or price is not known. */
  readonly unknown: string | null;
}

/** A candidate that is out. The stage says how far it came: the last one came closest. */
export interface Refusal {
  readonly kind: 'refused';
  readonly name: string;
  readonly node: Node;
  readonly stage: number;
  readonly rejected: Rejected;
  readonly fit: Fit | null;
  readonly performance: Performance | null;
  readonly trial: Trial | null;
  /** True when nobody can tell whether it would do. */
  readonly unknown: boolean;
}
export type Evaluation = Placed | Refusal;

/** How far a refused candidate came. */
const STAGE = { cannot: 0, notOffered: 1, unknown: 2, memory: 3, target: 4, replicas: 5 } as const;
/** Numbers of GPUs that may share a model. */
const TENSOR_PARALLEL_SIZES = [1, 2, 4, 8] as const;

/**
 * Judges one machine with one kind of capacity: hardware, region, memory, speed, replicas, price, in this order.
 * Of several ways to split the model over its GPUs the cheapest that works is taken, then the one with the fewest GPUs.
 */
export function evaluate(question: Question, node: Node, capacity: Capacity | null): Evaluation {
  const name = candidateName(node.name, capacity);
  const price =
    node.instance && question.region && capacity ? nodePrice(node.instance, question.region, capacity, question.catalog) : undefined;
  const obstacle = obstacleOf(question, node);
  if (obstacle?.kind === 'cannot') return refuse(name, node, obstacle, STAGE.cannot);
  if (price?.kind === 'not-offered') {
    return refuse(name, node, { code: 'E_NOT_OFFERED', reason: price.reason, kind: 'cannot' }, STAGE.notOffered);
  }
  if (obstacle) return refuse(name, node, obstacle, STAGE.unknown);
  const outcomes = splits(question, node).map((split) => evaluateSplit(question, node, capacity, name, price, split));
  return outcomes.reduce(better);
}

/** Judges machines with each kind of capacity that the release allows. */
export function evaluateEach(question: Question, nodes: readonly Node[]): readonly Evaluation[] {
  const kinds = [...new Set(question.release.placement.capacity)];
  return nodes.flatMap((node) => kinds.map((kind) => evaluate(question, node, kind)));
}

/** Name of a candidate in the plan: the type, and the capacity when it is not on-demand. */
export function candidateName(type: string, capacity: Capacity | null): string {
  return capacity === null || capacity === 'on-demand' ? type : `${type} (${capacity})`;
}

function splits(question: Question, node: Node): readonly number[] {
  if (!node.gpu || question.engine.kind !== 'vllm') return [1];
  const { kvHeads, attentionHeads } = question.model.text;
  return TENSOR_PARALLEL_SIZES.filter(
    (size) => size === 1 || (size <= node.gpuCount && kvHeads % size === 0 && attentionHeads % size === 0),
  );
}

function evaluateSplit(
  question: Question,
  node: Node,
  capacity: Capacity | null,
  name: string,
  price: NodePrice | undefined,
  tensorParallel: number,
): Evaluation {
  const { speed, trial, headroom } = sizeOf(question, node, tensorParallel);
  if (typeof trial === 'number') {
    const rejected = rejectFailure(question, name, trial, replicasPerNode(node, tensorParallel));
    return { kind: 'refused', name, node, stage: STAGE.replicas, rejected, fit: null, performance: null, trial: null, unknown: false };
  }
  const partition = partitionObstacle(node);
  if (trial.fit.shortage === null && partition) return { ...refuse(name, node, partition, STAGE.cannot), fit: trial.fit.fit, trial };
  if (trial.failure !== undefined || !headroom) {
    const needed = speed && trial.failure !== 'memory' ? trialWithoutLimit(question, node, speed, tensorParallel) : undefined;
    const rejected = rejectTrial(question, name, trial, speed, needed?.replicas);
    const stage = trial.failure === 'memory' ? STAGE.memory : rejected.code === 'E_REPLICAS' ? STAGE.replicas : STAGE.target;
    // A replica that cannot keep up has no steady number of requests to size its cache for; with the replicas that it takes it has.
    const { fit } = (needed ?? trial).fit;
    return { kind: 'refused', name, node, stage, rejected, fit, performance: null, trial, unknown: false };
  }
  if (!speed && node.instance) return { ...refuse(name, node, speedObstacle(node), STAGE.unknown), fit: trial.fit.fit, trial };
  const performance = speed
    ? performanceAt(speed, trial.ratePerReplica, trial.fit.fit.kvCache.concurrentRequests ?? 1)
    : unknownPerformance(speedObstacle(node).reason);
  return {
    ...priced(question, node, trial, headroom, price),
    headroom,
    kind: 'placed',
    name,
    node,
    capacity,
    trial,
    fit: trial.fit.fit,
    performance,
    ...unknownOf(speed === undefined, node, price),
  };
}

function unknownOf(noSpeed: boolean, node: Node, price: NodePrice | undefined): { readonly unknown: string | null } {
  if (noSpeed) return { unknown: speedObstacle(node).reason };
  return { unknown: price?.kind === 'unknown' ? price.reason : null };
}

type Priced = Pick<Placed, 'nodes' | 'volumeGib' | 'usdPerNodeHour' | 'usdPerHour' | 'usdPerMonth' | 'usdPerThousandImages' | 'lines'>;

/**
 * Cost of a trial: nodes of the peak, all hours, and what stands around them. The range runs from the nodes that the average load needs at
 * the fast end of the speed constants to those that the peak needs at the slow end.
 */
function priced(question: Question, node: Node, trial: Trial, headroom: Headroom, price: NodePrice | undefined): Priced {
  const { release, request, catalog, region } = question;
  const { load, placement } = release;
  const perNode = replicasPerNode(node, trial.settings.tensorParallel);
  const nodes = Math.ceil(trial.replicas / perNode);
  const average = Math.max(1, placement.minReplicas, Math.ceil((headroom.low * averageRate(load)) / load.peakRequestsPerSecond));
  const volume = volumeGib(trial.fit.fit.terms);
  const usdPerNodeHour = price && price.kind !== 'not-offered' ? price.usdPerHour : clusterPrice(release.placement.cluster?.usdPerNodeHour);
  const ends = { low: Math.ceil(headroom.low / perNode), high: Math.ceil(headroom.high / perNode) };
  const nodesLine = nodeLine({
    nodes,
    nodesOnAverage: Math.ceil(average / perNode),
    nodesAtMost: ends.high,
    basis: headroom.basis,
    hoursPerMonth: load.hoursPerMonth,
    usdPerNodeHour,
  });
  const disk = (name: string) => (trial.fit.fit.terms.find((part) => part.name === name)?.bytes ?? 0) / GB;
  const usage = {
    nodes,
    volumeGib: volume,
    hoursPerMonth: load.hoursPerMonth,
    requestsPerMonth: requestsPerMonth(load),
    weightsGb: disk('weights on disk') / perNode,
    imageGb: disk('engine image'),
  };
  const lines = region === null || node.instance === null ? [nodesLine] : [nodesLine, ...surroundingLines(catalog, region, usage)];
  const usdPerMonth = monthOf(lines);
  return {
    nodes,
    volumeGib: volume,
    usdPerNodeHour,
    usdPerHour: hourOf(usdPerNodeHour, nodes, ends, headroom.basis),
    usdPerMonth,
    usdPerThousandImages: usdPerThousandImages(usdPerMonth, load, request),
    lines,
  };
}

/** Dollars an hour of the nodes of the peak, with the nodes of both ends of the speed as its range. */
function hourOf(price: Figure, nodes: number, ends: { readonly low: number; readonly high: number }, basis: Headroom['basis']): Figure {
  const figure = mapFigure(price, (usd) => usd * nodes, `${nodes} node(s) for the peak; ${price.source}`);
  if (ends.low === nodes && ends.high === nodes) return figure;
  if (price.low === null || price.high === null) return figure;
  const source = `${nodes} node(s) for the peak, ${ends.low} to ${ends.high} within the range of the speed; ${price.source}`;
  return { ...figure, low: price.low * ends.low, high: price.high * ends.high, basis, source };
}

function clusterPrice(usd: number | undefined): Figure {
  if (usd === undefined) return unknownFigure('placement.cluster.usdPerNodeHour is not given');
  return { value: usd, low: usd, high: usd, basis: 'sourced', source: 'placement.cluster.usdPerNodeHour of the release' };
}

function refuse(name: string, node: Node, obstacle: Obstacle, stage: number): Refusal {
  const rejected: Rejected = { candidate: name, code: obstacle.code, reason: obstacle.reason, shortBy: null };
  return { kind: 'refused', name, node, stage, rejected, fit: null, performance: null, trial: null, unknown: obstacle.kind === 'unknown' };
}

/** The better of two ways to split a model over one machine: what works before what does not, then price, then what came further. */
function better(a: Evaluation, b: Evaluation): Evaluation {
  if (a.kind === 'placed' && b.kind === 'placed') return (b.usdPerMonth.value ?? Infinity) < (a.usdPerMonth.value ?? Infinity) ? b : a;
  if (a.kind === 'placed' || b.kind === 'placed') return a.kind === 'placed' ? a : b;
  if (a.stage !== b.stage) return a.stage > b.stage ? a : b;
  return (b.fit?.shortByBytes ?? Infinity) < (a.fit?.shortByBytes ?? Infinity) ? b : a;
}
