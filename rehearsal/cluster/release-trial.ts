import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { admissionValues } from '../../charts/admission-values';
import type { ChartValues } from '../../charts/chart-values';
import { expectedPods } from '../../charts/expected-pods';
import type { HelmTool } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import type { Plan } from '../../planning/plan';
import { connectCluster } from '../../rollout/connect';
import type { Rollout } from '../../rollout/schema';
import { verifyRollout } from '../../rollout/verify';
import type { DebianProgram } from '../../runtime/engine/debian-program';
import { smokeTest } from '../../runtime/golden-images/smoke-test';
import { plannedNodes } from '../nodes/node-object';
import { serviceProxy } from '../nodes/service-proxy';
import { type Refusal, tryChanges, waitForAdmission } from './admission';
import { installCustomResources } from './custom-resources';
import { drainNode, uncordonNode } from './drain';
import { startEmbeddedCluster } from './embedded-cluster';
import { deployChart, type HelmTarget, testRelease } from './helm-release';
import { nodeProgram } from './node-programs';
import { type ScalingTrial, shortWindows, tryScaling } from './scaling-trial';
import { type LoadResult, startLoad } from './steady-load';
import { askEngine, askForLong, livingPods, scaleTo, untilSettled } from './workload';

export interface ReleaseTrialOptions {
  /** The control plane's binary. */
  readonly binary: string;
  readonly helm: HelmTool;
  /** llama-server on this machine; plays the binary on the nodes. */
  readonly engine: string;
  /** nginx on this machine, for the proxy; undefined: the release is tried without it. */
  readonly nginx?: DebianProgram;
  /** Prometheus on this machine; undefined: scaling is not tried. */
  readonly prometheus?: DebianProgram;
  /** The model file, which is put on the disk of each node. */
  readonly model: string;
  readonly values: ChartValues;
  readonly plan: Plan;
  readonly namespace: string;
  /** The namespace is one that others may use. */
  readonly shared: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
  /** Requests that the rolling update must see at least. */
  readonly leastRequests?: number;
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
  /** null: not tried. */
  readonly scaling: ScalingTrial | null;
  readonly update: LoadResult;
  readonly updatedInMs: number;
  readonly drain: LoadResult;
  readonly drainedPods: number;
}

/** A rehearsal does not wait as long for requests under way as a service with real answers does. */
const SHUTDOWN = { preStopSleepSeconds: 3, graceSeconds: 30 } as const;
const LOAD = { clients: 2, pauseMs: 10 } as const;
/** More than the slots of one replica of any small plan. */
const SCALING_CLIENTS = 6;
const HELM_TIMEOUT_SECONDS = 120;
const LEAST_REQUESTS = 50;
const POLL_MS = 100;

/**
 * Brings a release up on a cluster of its own: admission first, then the chart by the real Helm, the engine as a real process; proves the
 * rollout, tries what must be refused, replaces all pods and drains a node under a steady load.
 * @throws Error with what Helm or the API said, KitError of the control plane; the signal's reason on abort
 */
export async function tryRelease(options: ReleaseTrialOptions): Promise<ReleaseTrial> {
  const { plan, namespace, signal, onProgress } = options;
  const values = options.nginx ? options.values : withoutProxy(options.values);
  onProgress('starting the control plane and its nodes');
  const nodes = plannedNodes(plan.placement, Math.max(2, plan.placement.maxReplicas));
  const image = expectedPods(values, plan, namespace).image;
  const scratch = mkdtempSync(join(tmpdir(), 'ovkit-trial-'));
  const programs = {
    'llama-server': options.engine,
    sh: '/bin/sh',
    ...(options.nginx ? { nginx: nodeProgram(options.nginx, 'nginx', scratch) } : {}),
  };
  const cluster = await startEmbeddedCluster({
    binary: options.binary,
    nodes,
    images: [{ repository: image.replace(/@.*$/, ''), meaning: { kind: 'programs', programs } }],
    signal,
  });
  try {
    for (const node of nodes) placeModel(cluster.nodes.diskOf(node.name), values, options.model);
    const { api, kubeconfig, context, folder } = cluster.plane;
    await installCustomResources(api, signal);
    const target: HelmTarget = { helm: options.helm, kubeconfig, context, namespace, scratch: folder, signal };
    onProgress('installing admission and the release');
    const release = values.release.name;
    must(
      'installing admission',
      await deployChart(target, `${release}-admission`, fromRoot('charts', 'admission'), admissionValues(values, options.shared), 30),
    );
    if (!(await waitForAdmission(api, namespace, signal))) throw new Error('the API server does not enforce the policies of admission');
    const chart = fromRoot('charts', 'onevision');
    const given = { ...values, shutdown: SHUTDOWN, autoscaling: shortWindows(values.autoscaling) };
    const deploying = performance.now();
    must('installing the release', await deployChart(target, release, chart, given, HELM_TIMEOUT_SECONDS));
    const deployedInMs = Math.round(performance.now() - deploying);

    const rollout = await verifyRollout({
      cluster: connectCluster({ kubeconfig, context }),
      expected: expectedPods(values, plan, namespace),
      smoke: smokeTest(plan.request),
      timeoutSeconds: 60,
      now: options.now,
      signal,
      onProgress,
    });
    onProgress('helm test');
    const tested = (await testRelease(target, release, HELM_TIMEOUT_SECONDS)) ?? null;
    const workload = expectedPods(values, plan, namespace).workload;
    const refusals = await tryChanges(api, namespace, workload);

    const proxy = await serviceProxy(api, namespace, workload);
    const service = { url: proxy.url, request: askEngine(values.model.id), ...LOAD };
    try {
      const scaling =
        options.prometheus && values.autoscaling.mode === 'hpa'
          ? await tryScaling({
              plane: cluster.plane,
              prometheus: options.prometheus,
              namespace,
              workload,
              metricsPort: values.proxy.enabled ? 'metrics' : 'http',
              load: (stop) => askForLong(proxy.url, values.model.id, SCALING_CLIENTS, stop),
              signal,
              onProgress,
            })
          : null;
      onProgress('replacing all pods under a steady load');
      const load = startLoad(service);
      const updating = performance.now();
      // another environment variable is another pod; the image, the arguments and the model stay those of the verdict
      const updated = { ...given, engine: { ...values.engine, env: { OVKIT_REHEARSAL: 'update' } } };
      const said = await deployChart(target, release, chart, updated, HELM_TIMEOUT_SECONDS);
      const updatedInMs = Math.round(performance.now() - updating);
      await untilSettled(api, namespace, signal);
      while (load.count() < (options.leastRequests ?? LEAST_REQUESTS)) await sleep(POLL_MS, undefined, { signal });
      const update = await load.stop();
      must('the rolling update', said);

      onProgress('draining a node under a steady load');
      const second = startLoad(service);
      await scaleTo(api, namespace, workload, 2, signal);
      const node = (await livingPods(api, namespace))[0]?.spec.nodeName ?? '';
      const drainedPods = await drainNode(api, node, signal);
      await uncordonNode(api, node);
      const drain = await second.stop();
      return {
        startedInMs: cluster.startedInMs,
        deployedInMs,
        rollout,
        proxied: values.proxy.enabled,
        tested,
        refusals,
        scaling,
        update,
        updatedInMs,
        drain,
        drainedPods,
      };
    } finally {
      proxy.close();
    }
  } finally {
    await cluster.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function withoutProxy(values: ChartValues): ChartValues {
  return { ...values, proxy: { enabled: false, reason: 'There is no nginx on this machine.' } };
}

/** The judged file where the chart's hostPath looks for it; a link, since it is read only. */
function placeModel(disk: string, { weights }: ChartValues, model: string): void {
  const root = weights.volume.type === 'hostPath' ? weights.volume.path : weights.mountPath;
  const file = join(disk, root, weights.folder, weights.file);
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync(model, file);
}

function must(what: string, said: string | undefined): void {
  if (said !== undefined) throw new Error(`${what} failed: ${said}`);
}
