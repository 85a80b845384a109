import { setTimeout as sleep } from 'node:timers/promises';
import { apiKeyOf, openWithoutKey, refusedKey } from './api-key';
import type { Cluster, DeploymentView, PodView } from './cluster-types';
import { comparePods, finding, runningPod } from './compare';
import type { Expected, SmokeTest } from './expectation';
import { measurementsOf } from './measurements';
import { failureReasons, type Logs } from './reasons';
import { scalingFindings } from './scaling';
import type { Measurement, Rollout, RolloutFinding } from './schema';
import { readAnswer } from './smoke';

export interface VerifyOptions {
  readonly cluster: Cluster;
  readonly expected: Expected;
  /** null: nothing is asked. */
  readonly smoke: SmokeTest | null;
  /** Seconds to wait for all replicas; 0: look once. */
  readonly timeoutSeconds: number;
  /** API key of the service, instead of the Secret that the release names. */
  readonly apiKey?: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

const POLL_MS = 1_000;
const LOG_LINES = 20;

/**
 * Waits for the rollout, compares what runs with what was judged, and asks the engine. Reads only.
 * @throws the signal's reason on abort; what the API says when it cannot be read at all
 */
export async function verifyRollout(options: VerifyOptions): Promise<Rollout> {
  const { cluster, expected } = options;
  const deployment = await waitForRollout(options);
  const pods = deployment ? await currentPods(cluster, expected, deployment) : [];
  const ready = pods.map(runningPod).filter((pod) => pod.ready).length;
  const wanted = deployment?.spec.replicas ?? 0;
  const up = deployment !== undefined && wanted > 0 && isComplete(deployment);
  const findings: RolloutFinding[] = [];
  if (!up) findings.push(finding('OVK-RUN-006', 'error', expected.workload, 'not all replicas are ready', String(wanted), String(ready)));
  findings.push(...comparePods(pods, expected));
  if (up) findings.push(...scalingFindings(expected.workload, expected.scaled, await cluster.autoscalers(expected.namespace)));
  const asked = up && options.smoke ? await ask(options, options.smoke) : { smoke: null, measurements: [], findings: [] };
  findings.push(...asked.findings);
  const state = stateOf(up, findings);
  return {
    kind: 'rollout',
    schemaVersion: 1,
    state,
    summary: SUMMARIES[state],
    at: options.now().toISOString(),
    release: expected.release,
    cluster: { context: cluster.context, server: cluster.server, namespace: expected.namespace, version: await cluster.version() },
    verdictDigest: expected.verdictDigest,
    replicas: { wanted, ready },
    pods: pods.map(runningPod),
    findings,
    smoke: asked.smoke,
    measurements: asked.measurements,
    reasons: up ? [] : failureReasons(deployment, pods, await cluster.events(expected.namespace), await lastWords(cluster, expected, pods)),
  };
}

const SUMMARIES: Readonly<Record<Rollout['state'], string>> = {
  proved: 'what runs is what was judged, and it answers',
  unknown: 'it runs, but not everything about it can be known',
  differs: 'what runs is not what was judged, or it does not answer as it should',
  failed: 'it does not run',
};

function stateOf(up: boolean, findings: readonly RolloutFinding[]): Rollout['state'] {
  if (!up) return 'failed';
  if (findings.some(({ severity }) => severity === 'error')) return 'differs';
  return findings.some(({ rule, severity }) => severity === 'warning' && LEFT_OPEN.includes(rule)) ? 'unknown' : 'proved';
}

/** Rules whose warning says that something could not be known. */
const LEFT_OPEN: readonly string[] = ['OVK-RUN-005', 'OVK-RUN-009', 'OVK-RUN-011'];

/** Waits until all replicas are of the newest generation and ready, the deadline of the Deployment passes, or the time is up. */
async function waitForRollout(options: VerifyOptions): Promise<DeploymentView | undefined> {
  const { cluster, expected, signal } = options;
  const deadline = Date.now() + options.timeoutSeconds * 1000;
  let said = '';
  for (;;) {
    signal.throwIfAborted();
    const deployment = await cluster.deployment(expected.namespace, expected.workload);
    const { readyReplicas = 0, updatedReplicas = 0, conditions = [] } = deployment?.status ?? {};
    const line = deployment
      ? `${readyReplicas} of ${deployment.spec.replicas ?? 0} replicas ready, ${updatedReplicas} of the newest version`
      : `waiting for deployment/${expected.workload} in ${expected.namespace}`;
    if (line !== said) options.onProgress(line);
    said = line;
    const stuck = conditions.some(({ reason }) => reason === 'ProgressDeadlineExceeded');
    if ((deployment && isComplete(deployment)) || stuck || Date.now() >= deadline) return deployment;
    await sleep(POLL_MS, undefined, { signal });
  }
}

function isComplete({ metadata, spec, status }: DeploymentView): boolean {
  const wanted = spec.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = status ?? {};
  return observedGeneration >= (metadata.generation ?? 0) && updatedReplicas === wanted && replicas === wanted && readyReplicas === wanted;
}

/** Pods that stay; one that is going is not looked at. */
async function currentPods(cluster: Cluster, expected: Expected, deployment: DeploymentView): Promise<readonly PodView[]> {
  const pods = await cluster.pods(expected.namespace, deployment.spec.selector.matchLabels ?? {});
  return pods.filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
}

async function ask(options: VerifyOptions, smoke: SmokeTest) {
  const { expected, cluster, signal } = options;
  const { namespace, workload, servicePortName: port } = expected;
  const key = await apiKeyOf(cluster, expected, options.apiKey);
  if (key.state === 'unknown') return { smoke: null, measurements: [], findings: [key.finding] };
  const apiKey = key.state === 'known' ? key.value : undefined;
  const post = (messages: readonly unknown[], maxTokens: number, withKey: string | undefined) => {
    const wanted = { max_tokens: maxTokens, temperature: 0, stream: true, stream_options: { include_usage: true } };
    const body = { model: expected.modelId, messages, ...wanted };
    return cluster.askService({ namespace, service: workload, port, path: '/v1/chat/completions', body, apiKey: withKey }, signal);
  };
  const complete = (messages: readonly unknown[], maxTokens: number) => readAnswer(post(messages, maxTokens, apiKey));
  const findings: RolloutFinding[] = [];
  let measurements: Measurement[] = [];
  try {
    options.onProgress(`asking: ${smoke.label}`);
    const answer = await complete(smoke.messages, smoke.maxTokens);
    const { passed, reasons } = smoke.check(answer.text);
    if (!passed) findings.push(finding('OVK-RUN-007', 'error', smoke.label, reasons.join('; '), null, answer.text.slice(0, 200)));
    if (expected.apiKey) findings.push(...(await openWithoutKey(() => post(smoke.messages, smoke.maxTokens, undefined), workload)));
    options.onProgress('measuring one request of the planned size');
    measurements = measurementsOf(await complete(smoke.load.messages, smoke.load.maxTokens), expected);
    for (const { name, measured, low, high, verdict } of measurements) {
      if (verdict !== 'worse than planned') continue;
      findings.push(finding('OVK-RUN-008', 'warning', name, 'slower than the range of the plan', `${low} to ${high}`, String(measured)));
    }
    return { smoke: { question: smoke.label, answer: answer.text, passed, reasons: [...reasons] }, measurements, findings };
  } catch (error) {
    signal.throwIfAborted();
    const message = `the engine does not answer: ${error instanceof Error ? error.message : String(error)}`;
    const refused = refusedKey(error, workload, key) ?? finding('OVK-RUN-007', 'error', smoke.label, message);
    return { smoke: null, measurements, findings: [...findings, refused] };
  }
}

async function lastWords(cluster: Cluster, { namespace }: Expected, pods: readonly PodView[]): Promise<Logs> {
  const logs: Record<string, string> = {};
  for (const pod of pods) {
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    for (const { name, ready, state, lastState } of statuses) {
      if (ready || state?.terminated?.exitCode === 0) continue;
      const previous = state?.running === undefined && lastState?.terminated !== undefined;
      logs[`${pod.metadata.name}/${name}`] = await cluster.logs(namespace, pod.metadata.name, name, previous, LOG_LINES);
    }
    if (Object.keys(logs).length > 0) break;
  }
  return logs;
}
