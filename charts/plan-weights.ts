import type { FitTerm, Plan } from '../planning/plan';
import { podsPerNode } from './pod-resources';

const WEIGHTS = /^weights\b/i;
const SHARED_MEMORY = /^shared memory\b/i;

/**
 * Bytes of the weight files of one replica, read high: the plan's disk term over the replicas of a node, else its memory terms over the GPUs
 * that share the weights. 0 when the plan has neither (a refused plan).
 */
export function weightsBytes(plan: Plan): number {
  const onDisk = highest(plan.fit.terms.filter((term) => term.pool === 'disk' && WEIGHTS.test(term.name)));
  if (onDisk > 0) return onDisk / podsPerNode(plan.placement);
  return highest(plan.fit.terms.filter((term) => WEIGHTS.test(term.name))) * plan.fit.tensorParallel;
}

/** Bytes that the plan reckons for /dev/shm, or undefined when it has no such term. */
export function plannedSharedMemoryBytes(plan: Plan): number | undefined {
  return plan.fit.terms.find((term) => term.pool === 'host' && SHARED_MEMORY.test(term.name))?.bytes;
}

function highest(terms: readonly FitTerm[]): number {
  return Math.max(0, ...terms.map((term) => term.high));
}
