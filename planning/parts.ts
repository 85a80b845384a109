import type { Placed } from './choose/evaluate';
import { fallbackOf } from './choose/fallback';
import type { Question } from './choose/question';
import { replicasPerNode } from './choose/size';
import type { Fit, Plan } from './plan';
import { quotaFor } from './price/quota';

/** The placement of a plan. */
export function placementOf(question: Question, chosen: Placed): Plan['placement'] {
  const { node, trial, capacity } = chosen;
  const { placement } = question.release;
  const { tensorParallel } = trial.settings;
  const onGpu = node.gpu !== null && question.engine.devices.includes('gpu');
  const mostNodes = Math.ceil(placement.maxReplicas / replicasPerNode(node, tensorParallel));
  return {
    target: placement.target,
    region: question.region,
    instanceType: node.instance?.type ?? null,
    device: onGpu ? 'gpu' : 'cpu',
    gpu: onGpu ? (node.gpu?.name ?? null) : null,
    gpuCount: onGpu ? node.gpuCount : 0,
    tensorParallel,
    capacity,
    replicas: trial.replicas,
    replicasRange: { low: chosen.headroom.low, high: chosen.headroom.high },
    oneFailure: oneFailureOf(question, chosen),
    minReplicas: placement.minReplicas,
    maxReplicas: placement.maxReplicas,
    vcpu: node.vcpu,
    memoryGib: node.memoryGib,
    localNvmeGb: node.localNvmeGb,
    volumeGib: chosen.volumeGib,
    quota: node.instance && capacity ? quotaFor(node.instance, capacity, mostNodes) : null,
    fallback: fallbackOf(placement.capacity, capacity, node, mostNodes),
  };
}

function oneFailureOf({ release }: Question, chosen: Placed): Plan['placement']['oneFailure'] {
  const { survives, toSurvive } = chosen.headroom;
  const usd = chosen.usdPerNodeHour.value;
  const nodesMore = Math.ceil(toSurvive / replicasPerNode(chosen.node, chosen.trial.settings.tensorParallel)) - chosen.nodes;
  const more = survives ? 0 : usd === null ? null : Math.max(0, nodesMore) * usd * release.load.hoursPerMonth;
  return { survives, replicasToSurvive: toSurvive, usdPerMonthMore: more };
}

/** The placement of a plan that found none. */
export function noPlacement(question: Question): Plan['placement'] {
  const { placement } = question.release;
  return {
    target: placement.target,
    region: question.region,
    instanceType: null,
    device: null,
    gpu: null,
    gpuCount: 0,
    tensorParallel: 1,
    capacity: null,
    replicas: 0,
    replicasRange: { low: 0, high: 0 },
    oneFailure: { survives: false, replicasToSurvive: null, usdPerMonthMore: null },
    minReplicas: placement.minReplicas,
    maxReplicas: placement.maxReplicas,
    vcpu: 0,
    memoryGib: 0,
    localNvmeGb: 0,
    volumeGib: 0,
    quota: null,
    fallback: null,
  };
}

/** The fit of a plan that sized nothing. */
export function noFit({ request }: Question, because: string): Fit {
  return {
    verdict: 'unknown',
    because,
    candidate: 'none',
    device: 'none',
    tensorParallel: 1,
    capacityBytes: null,
    budgetBytes: null,
    terms: [],
    kvCache: { bytesPerToken: 0, tokens: null, tokensNeeded: request.totalTokens, concurrentRequests: null },
    shortByBytes: 0,
  };
}
