import type { ContainerStatus, Terminated } from './pod-types';

export interface PodFacts {
  readonly inits: readonly ContainerStatus[];
  readonly mains: readonly ContainerStatus[];
  /** How the containers ended, once the pod is done; undefined while it runs. */
  readonly ends: readonly (Terminated | undefined)[] | undefined;
  readonly hostIp: string;
  readonly podIp: string;
  readonly startTime: string;
  /** When each condition took its present value; kept up by `podStatus`. */
  readonly transitions: Transitions;
}

export type Transitions = Map<string, { readonly holds: boolean; readonly time: string }>;

/** The status of a pod from that of its containers, by the kubelet's rules. */
export function podStatus(facts: PodFacts): Readonly<Record<string, unknown>> {
  const { inits, mains, ends } = facts;
  const initialised = inits.every(({ state }) => state.terminated?.exitCode === 0);
  const running = mains.some(({ state, lastState }) => state.running || lastState.terminated);
  const failed = ends?.some((end) => end !== undefined && end.exitCode !== 0) ?? false;
  const phase = ends ? (failed ? 'Failed' : 'Succeeded') : running ? 'Running' : 'Pending';
  const notReady = mains.filter(({ ready }) => !ready).map(({ name }) => name);
  const ready = ends === undefined && initialised && notReady.length === 0;
  const why = { reason: ends ? 'PodCompleted' : 'ContainersNotReady', message: `containers with unready status: [${notReady.join(' ')}]` };
  return {
    phase,
    hostIP: facts.hostIp,
    hostIPs: [{ ip: facts.hostIp }],
    podIP: facts.podIp,
    podIPs: [{ ip: facts.podIp }],
    startTime: facts.startTime,
    conditions: [
      condition('PodReadyToStartContainers', true, facts.transitions),
      condition('Initialized', initialised, facts.transitions),
      condition('ContainersReady', ready, facts.transitions, why),
      condition('Ready', ready, facts.transitions, why),
    ],
    initContainerStatuses: inits.map((status) => ({ ...status, ready: status.state.terminated?.exitCode === 0 })),
    containerStatuses: mains,
  };
}

function condition(type: string, holds: boolean, transitions: Transitions, why?: { readonly reason: string; readonly message: string }) {
  const known = transitions.get(type);
  const time = known?.holds === holds ? known.time : new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  transitions.set(type, { holds, time });
  const reason = holds ? undefined : why;
  return {
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: time,
    reason: reason?.reason ?? null,
    message: reason?.message ?? null,
  };
}
