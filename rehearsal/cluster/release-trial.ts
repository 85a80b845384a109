import { setTimeout as sleep } from 'node:timers/promises';
import { expectedPods } from '../../charts/expected-pods';
import { fromRoot } from '../../core/project-root';
import { connectCluster } from '../../rollout/connect';
import type { Rollout } from '../../rollout/schema';
import { verifyRollout } from '../../rollout/verify';
import { smokeTest } from '../../runtime/golden-images/smoke-test';
import { serviceProxy } from '../nodes/service-proxy';
import { type Refusal, tryChanges } from './admission';
import { logsWith, makeApiKey } from './api-key';
import { drainNode, uncordonNode } from './drain';
import { deployChart, testRelease } from './helm-release';
import { type ScalingTrial, tryScaling } from './scaling-trial';
import { type LoadResult, startLoad } from './steady-load';
import { startTrialCluster, type TrialCluster, type TrialClusterOptions } from './trial-cluster';
import { askEngine, askForLong, livingPods, scaleTo, untilSettled } from './workload';

export interface ReleaseTrialOptions extends TrialClusterOptions {
  /** A cluster that was started for this before, from the same options. Default: one is started. Stopped at the end in both cases. */
  readonly cluster?: TrialCluster;
  readonly now: () => Date;
  readonly onProgress: (line: string) => void;
  /** Requests that the rolling update must see at least. */
  readonly leastRequests: number;
}

export interface ReleaseTrial {
  readonly startedInMs: number;
  readonly deployedInMs: number;
  readonly rollout: Rollout;
  /** Whether the proxy stood in front of the engine. */
  readonly proxied: boolean;
  /** What `helm test` said when it failed; null: all is as it should be. */
  readonly tested: string | null;
  readonly refusals: readonly Refusal[];
  /** What was wrong about the API key; null: the release was tried without one. */
  readonly apiKey: readonly string[] | null;
  /** null: not tried. */
  readonly scaling: ScalingTrial | null;
  readonly update: LoadResult;
  readonly updatedInMs: number;
  readonly drain: LoadResult;
  readonly drainedPods: number;
}

const LOAD = { clients: 4, pauseMs: 5 } as const;
/** More than the slots of one replica of any small plan. */
const SCALING_CLIENTS = 6;
const HELM_TIMEOUT_SECONDS = 120;
const VERIFY_TIMEOUT_SECONDS = 60;
const POLL_MS = 100;

/**
 * Brings a release up on a cluster of its own: admission first, then the chart by the real Helm, the engine as a real process; proves the
 * rollout, tries what must be refused, scales it, drains a node and replaces all pods under a steady load.
 * @throws Error with what Helm or the API said, KitError of the control plane; the signal's reason on abort
 */
export async function tryRelease(options: ReleaseTrialOptions): Promise<ReleaseTrial> {
  options.onProgress('starting the control plane and its nodes');
  const cluster = options.cluster ?? (await startTrialCluster(options));
  try {
    return await tryOn(cluster, options);
  } finally {
    await cluster.stop();
  }
}

async function tryOn(cluster: TrialCluster, options: ReleaseTrialOptions): Promise<ReleaseTrial> {
  const { plan, namespace, signal, onProgress } = options;
  const { target, values, signals, embedded, apiKey } = cluster;
  const { api, kubeconfig, context, folder } = embedded.plane;
  const release = values.release.name;
  const expected = expectedPods(values, plan, namespace);
  const { workload } = expected;
  const deploy = (given: unknown) => deployChart(target, release, fromRoot('charts', 'onevision'), given, HELM_TIMEOUT_SECONDS);

  onProgress('installing the release');
  const deploying = performance.now();
  must('installing the release', await deploy(values));
  const deployedInMs = Math.round(performance.now() - deploying);
  const verifying = {
    cluster: connectCluster({ kubeconfig, context }),
    expected,
    smoke: smokeTest(plan.request),
    timeoutSeconds: VERIFY_TIMEOUT_SECONDS,
    now: options.now,
    signal,
    onProgress,
  };
  const rollout = await verifyRollout(verifying);
  onProgress('helm test, and changes that must be refused');
  const [tested = null, refusals, wrongKey] = await Promise.all([
    testRelease(target, release, HELM_TIMEOUT_SECONDS),
    tryChanges(api, namespace, workload),
    apiKey === null ? null : verifyRollout({ ...verifying, apiKey: makeApiKey() }),
  ]);

  const proxy = await serviceProxy(api, namespace, workload);
  const load = () => startLoad({ url: proxy.url, request: askEngine(values.model.id, apiKey), ...LOAD });
  try {
    const drained: Drained[] = [];
    const drainUnderLoad = async (): Promise<void> => {
      onProgress('draining a node under a steady load');
      const asking = load();
      const pods = await drainOne(cluster, namespace, signal);
      drained.push({ pods, load: await asking.stop() });
    };
    const scaling = signals
      ? await tryScaling({
          api,
          signals,
          namespace,
          workload,
          load: (stop) => askForLong(proxy.url, values.model.id, SCALING_CLIENTS, stop, apiKey),
          meanwhile: drainUnderLoad,
          signal,
          onProgress,
        })
      : null;
    await signals?.stop();
    if (scaling === null) {
      await scaleTo(api, namespace, workload, 2, signal);
      await drainUnderLoad();
    }

    onProgress('replacing all pods under a steady load');
    const asking = load();
    const updating = performance.now();
    // another environment variable is another pod; the image, the arguments and the model stay those of the verdict
    const said = await deploy({ ...values, engine: { ...values.engine, env: { OVKIT_REHEARSAL: 'update' } } });
    const updatedInMs = Math.round(performance.now() - updating);
    await untilSettled(api, namespace, signal);
    while (asking.count() < options.leastRequests) await sleep(POLL_MS, undefined, { signal });
    const update = await asking.stop();
    must('the rolling update', said);
    return {
      startedInMs: embedded.startedInMs,
      deployedInMs,
      rollout,
      proxied: values.proxy.enabled,
      tested,
      refusals,
      apiKey: apiKey === null || wrongKey === null ? null : keyProblems(apiKey, rollout, wrongKey, logsWith(folder, apiKey)),
      scaling,
      update,
      updatedInMs,
      drain: drained[0]?.load ?? NOT_DRAINED,
      drainedPods: drained[0]?.pods ?? 0,
    };
  } finally {
    proxy.close();
  }
}

/** The right key opens the service, a wrong one does not and is said so, and none of both stands where somebody reads. */
function keyProblems(apiKey: string, right: Rollout, wrong: Rollout, logs: readonly string[]): string[] {
  return [
    ...(right.findings.some(({ rule }) => rule === 'OVK-RUN-011' || rule === 'OVK-RUN-012') ? ['the right API key was refused'] : []),
    ...(wrong.findings.some(({ rule }) => rule === 'OVK-RUN-012') ? [] : ['a wrong API key was not refused']),
    ...logs.map((file) => `the API key stands in ${file}`),
    ...(JSON.stringify([right, wrong]).includes(apiKey) ? ['the API key stands in rollout.json'] : []),
  ];
}

const NOT_DRAINED: LoadResult = { requests: 0, failed: 1, failures: ['no node was drained'] };

interface Drained {
  readonly pods: number;
  readonly load: LoadResult;
}

/** Drains the node of one of the pods. @returns how many pods had to go */
async function drainOne({ embedded }: TrialCluster, namespace: string, signal: AbortSignal): Promise<number> {
  const { api } = embedded.plane;
  const node = (await livingPods(api, namespace))[0]?.spec.nodeName ?? '';
  const pods = await drainNode(api, node, signal);
  await uncordonNode(api, node);
  return pods;
}

function must(what: string, said: string | undefined): void {
  if (said !== undefined) throw new Error(`${what} failed: ${said}`);
}
