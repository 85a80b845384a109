import type { ContainerView, PodView } from './cluster-types';
import type { Expected } from './expectation';
import type { RolloutFinding, RunningPod } from './schema';

const ENGINE = 'engine';
const PROXY = 'proxy';
const WEIGHTS = 'weights';
const REVISION = 'onevision-kit/model-revision';

/** What a pod runs, as far as the cluster says. */
export function runningPod(pod: PodView): RunningPod {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const weights = pod.status?.initContainerStatuses?.find(({ name }) => name === WEIGHTS);
  return {
    name: pod.metadata.name,
    node: pod.spec.nodeName ?? null,
    ready: pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    restarts: statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    imageIds: Object.fromEntries(statuses.map(({ name, imageID = '' }) => [name, imageID])),
    modelRevision: pod.metadata.annotations?.[REVISION] ?? null,
    weightsManifest: /^sha256:[0-9a-f]{64}$/.exec(weights?.state?.terminated?.message?.trim() ?? '')?.[0] ?? null,
  };
}

/** Everything in which running pods are something else than what was judged. An empty list of pods is a finding itself. */
export function comparePods(pods: readonly PodView[], expected: Expected): RolloutFinding[] {
  if (pods.length === 0) return [finding('OVK-RUN-001', 'error', expected.workload, 'no pod runs', 'at least one', '0')];
  return pods.flatMap((pod) => comparePod(pod, expected));
}

function comparePod(pod: PodView, expected: Expected): RolloutFinding[] {
  const { name } = pod.metadata;
  const running = runningPod(pod);
  const engine = pod.spec.containers.find((container) => container.name === ENGINE);
  const containers: readonly ContainerView[] = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []),
    ...(pod.spec.ephemeralContainers ?? []),
  ];
  return [
    ...containers.flatMap((container) => otherImage(name, container, expected)),
    ...imageIds(running, expected),
    ...(engine
      ? sameWords(name, engine, expected)
      : [finding('OVK-RUN-003', 'error', name, 'there is no container "engine"', ENGINE, null)]),
    ...(running.modelRevision === expected.modelRevision
      ? []
      : [finding('OVK-RUN-004', 'error', name, 'the revision of the model differs', expected.modelRevision, running.modelRevision)]),
    ...weights(running, expected),
  ];
}

function otherImage(pod: string, { name, image }: ContainerView, expected: Expected): RolloutFinding[] {
  const wanted = name === PROXY && expected.proxyImage ? expected.proxyImage.image : expected.image;
  return image === wanted ? [] : [finding('OVK-RUN-002', 'error', `${pod}/${name}`, 'the image differs', wanted, image ?? null)];
}

/** What the runtime says it pulled; the specification may say anything. */
function imageIds({ name, imageIds: ids }: RunningPod, { imageDigest, proxyImage }: Expected): RolloutFinding[] {
  if (imageDigest === null) {
    return [finding('OVK-RUN-009', 'note', name, 'a binary on the node has no digest; the verdict is about its source', null, null)];
  }
  return Object.entries(ids).flatMap(([container, id]) => {
    const wanted = container === PROXY && proxyImage ? proxyImage.digest : imageDigest;
    if (id.endsWith(wanted)) return [];
    if (id === '') {
      return [finding('OVK-RUN-009', 'warning', `${name}/${container}`, 'the runtime does not say which image runs', wanted, null)];
    }
    // a runtime may name the digest of the platform's manifest where the verdict names that of the index
    return [finding('OVK-RUN-002', 'error', `${name}/${container}`, 'the runtime runs another digest', wanted, id)];
  });
}

function sameWords(pod: string, engine: ContainerView, expected: Expected): RolloutFinding[] {
  return (['command', 'args'] as const).flatMap((key) => {
    const found = engine[key] ?? [];
    const same = found.length === expected[key].length && found.every((word, index) => word === expected[key][index]);
    return same ? [] : [finding('OVK-RUN-003', 'error', `${pod}/engine`, `its ${key} differ`, expected[key].join(' '), found.join(' '))];
  });
}

function weights({ name, weightsManifest }: RunningPod, expected: Expected): RolloutFinding[] {
  if (expected.weightsManifest === null) {
    return [
      finding(
        'OVK-RUN-005',
        'warning',
        name,
        'the verdict knows no hashes of the weights, so nothing compared them',
        null,
        weightsManifest,
      ),
    ];
  }
  if (weightsManifest === expected.weightsManifest) return [];
  return [
    finding(
      'OVK-RUN-005',
      'error',
      name,
      'the weights were not compared with those of the verdict',
      expected.weightsManifest,
      weightsManifest,
    ),
  ];
}

export function finding(
  rule: RolloutFinding['rule'],
  severity: RolloutFinding['severity'],
  subject: string,
  message: string,
  expected: string | null = null,
  found: string | null = null,
): RolloutFinding {
  return { rule, severity, subject, message, expected, found };
}
