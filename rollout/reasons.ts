import type { ContainerStatusView, DeploymentView, EventView, PodView } from './cluster-types';

/** Words of Kubernetes that say nothing by themselves. */
const EMPTY_REASONS = new Set(['ContainerCreating', 'PodInitializing', 'ContainersNotReady', 'ContainersNotInitialized']);
const LOG_LINES = 4;
const SHOWN = 12;

/** Log of a container: `pod/container` to its last lines. */
export type Logs = Readonly<Record<string, string>>;

/**
 * Why a rollout does not come up, for one screen: scheduling first, then images and volumes, containers, what the engine itself said last, and the
 * newest warnings of the cluster. Each reason once, however many pods share it.
 */
export function failureReasons(
  deployment: DeploymentView | undefined,
  pods: readonly PodView[],
  events: readonly EventView[],
  logs: Logs,
): string[] {
  if (!deployment) return ['the Deployment does not exist: nothing was deployed there, or under another name.'];
  const names = new Set(pods.map(({ metadata }) => metadata.name));
  const found = [
    ...(deployment.status?.conditions ?? [])
      .filter(({ type, status, reason }) => (type === 'ReplicaFailure' && status === 'True') || reason === 'ProgressDeadlineExceeded')
      .map(({ reason, message }) => `${reason}: ${message}`),
    ...pods.flatMap(podReasons),
    ...Object.entries(logs)
      .filter(([, text]) => text.trim() !== '')
      .map(([name, text]) => `last words of ${name}: ${text.trim().split('\n').slice(-LOG_LINES).join(' | ')}`),
    ...eventReasons(events.filter(({ involvedObject }) => involvedObject?.kind !== 'Pod' || names.has(involvedObject.name ?? ''))),
  ];
  return [...new Set(found)].slice(0, SHOWN);
}

/** Warnings, newest first; those that differ in an address or in the name of a pod only are one. */
function eventReasons(events: readonly EventView[]): string[] {
  const counts = new Map<string, { text: string; count: number }>();
  const newestFirst = events.filter(({ type }) => type === 'Warning').sort((a, b) => timeOf(b) - timeOf(a));
  for (const { reason, message = '', count = 1 } of newestFirst) {
    const key = `${reason}: ${message.replace(/\d+\.\d+\.\d+\.\d+(:\d+)?/g, 'ADDRESS').replace(/-[a-z0-9]{5}\b/g, '-POD')}`;
    const known = counts.get(key);
    if (known) known.count += count;
    else counts.set(key, { text: `${reason}: ${message}`, count });
  }
  return [...counts.values()].map(({ text, count }) => (count > 1 ? `${text} (${count} times)` : text));
}

/** Events carry one time or the other; the client gives dates, tests give texts. */
function timeOf({ lastTimestamp, eventTime }: EventView): number {
  return new Date((lastTimestamp ?? eventTime ?? 0) as string | number | Date).getTime();
}

function podReasons(pod: PodView): string[] {
  const { name } = pod.metadata;
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled) return [`${name} has no node: ${unscheduled.message ?? unscheduled.reason}`];
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const lost = pod.status?.reason ? [`${name}: ${pod.status.reason}: ${pod.status.message ?? ''}`] : [];
  return [...lost, ...statuses.flatMap((status) => containerReasons(name, status))];
}

function containerReasons(pod: string, { name, state, lastState, restartCount = 0 }: ContainerStatusView): string[] {
  const where = `${pod}/${name}`;
  const waiting = state?.waiting;
  const ended = state?.terminated ?? lastState?.terminated;
  const reasons: string[] = [];
  if (waiting && !EMPTY_REASONS.has(waiting.reason ?? '')) reasons.push(`${where}: ${waiting.reason}: ${waiting.message ?? ''}`);
  if (ended && ended.exitCode !== 0) {
    const message = ended.message ? `: ${ended.message.trim()}` : '';
    reasons.push(`${where} ended with ${ended.exitCode} (${ended.reason ?? 'no reason'}), restarted ${restartCount} time(s)${message}`);
  }
  return reasons;
}

/** What to do about the reasons; Terraform stays the only writer. */
export function advice(reasons: readonly string[]): string[] {
  const said = reasons.join('\n');
  const hints = ADVICE.filter(({ when }) => when.test(said)).map(({ advise }) => advise);
  return [
    ...hints,
    'To go back: check out the commit of the release that ran before and run `cdktf deploy` again; its verdict must still hold.',
  ];
}

const ADVICE: readonly { readonly when: RegExp; readonly advise: string }[] = [
  {
    when: /Insufficient nvidia\.com\/gpu/,
    advise: 'No GPU is free: check the quota that `ovkit plan` names, and that the node group can grow.',
  },
  {
    when: /untolerated taint|didn't match Pod's node affinity/,
    advise: 'No node fits: compare the labels and taints of the nodes with the plan.',
  },
  {
    when: /exceeded quota/,
    advise: 'The quota of the namespace is used up: have it raised by what the message names, or take placement.maxReplicas down.',
  },
  {
    when: /pod has unbound immediate PersistentVolumeClaims|FailedMount|FailedAttachVolume/,
    advise: 'A volume cannot be had: see that the claim exists, is bound, and lies in the zone of the node.',
  },
  {
    when: /CrashLoopBackOff/,
    advise:
      'The container starts and ends again: its last words stand above; `npx ovkit runtime doctor` checks engine, model and card beforehand.',
  },
  { when: /OOMKilled/, advise: 'The container outgrew its memory: see the host memory of `ovkit plan`, and take a larger instance type.' },
  {
    when: /OVK-WGT|SHA-256/,
    advise: 'The weights are not those of the verdict: put the judged files in place, or judge the new ones (`ovkit check`).',
  },
  { when: /OVK-ADM-/, advise: 'Admission refused what was not judged: `ovkit check`, then `cdktf deploy`, which renews its parameters.' },
  {
    when: /ErrImagePull|ImagePullBackOff/,
    advise: 'The image cannot be pulled: see that the digest is in the registry and that the nodes may read it.',
  },
  {
    when: /Startup probe failed|startup probe/,
    advise:
      'The engine was not healthy in time: read its log; where it only needed longer, write what it took as startup.engineSeconds into release.yaml.',
  },
];
