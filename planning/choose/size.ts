import { speedCorrectionFor } from '../calibration/apply';
import { type Speed, speedOf } from '../throughput/step-model';
import type { Node } from './node';
import type { Question } from './question';
import { fewestReplicas, type Headroom, headroomOf, survivingTrial, type Trial } from './replicas';

/** Speed and replicas of one way to split the model over a machine. */
export interface Size {
  readonly speed: Speed | undefined;
  /** The replicas that hold the peak; a number when the loss of a node must be survived and that takes more than maxReplicas. */
  readonly trial: Trial | number;
  /** Only of a trial that holds the peak. */
  readonly headroom: Headroom | undefined;
}

/** Speed and replicas of a machine; nothing in it depends on price, region or kind of capacity. */
export function sizeOf(question: Question, node: Node, tensorParallel: number): Size {
  const key = `${question.release.model.precision}|${node.name}|${tensorParallel}`;
  const known = question.sizes?.get(key);
  if (known) return known;
  const size = findSize(question, node, tensorParallel);
  question.sizes?.set(key, size);
  return size;
}

function findSize(question: Question, node: Node, tensorParallel: number): Size {
  const { model, engine, request, release } = question;
  const scope = { engine: engine.kind, device: node.gpu?.key ?? node.name, model: model.id, precision: release.model.precision };
  const correction = speedCorrectionFor(question.calibration, scope);
  const speed = speedOf({ model, precision: release.model.precision, engine, request, node, tensorParallel, correction });
  const perNode = replicasPerNode(node, tensorParallel);
  const trial = release.placement.surviveOneFailure
    ? survivingTrial(question, node, speed, tensorParallel, perNode)
    : fewestReplicas(question, node, speed, tensorParallel);
  const holds = typeof trial !== 'number' && trial.failure === undefined;
  return { speed, trial, headroom: holds ? headroomOf(question, node, speed, trial, perNode) : undefined };
}

/** Replicas that share a node. */
export function replicasPerNode(node: Node, tensorParallel: number): number {
  return node.gpu ? Math.max(1, Math.floor(node.gpuCount / tensorParallel)) : 1;
}
