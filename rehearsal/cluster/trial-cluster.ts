import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { admissionValues } from '../../charts/admission-values';
import type { ChartValues } from '../../charts/chart-values';
import { expectedPods } from '../../charts/expected-pods';
import type { HelmTool } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import type { Plan } from '../../planning/plan';
import type { DebianProgram } from '../../runtime/engine/debian-program';
import { type ApiClient, createUnlessThere } from '../control-plane/api-client';
import { type Signals, startSignals } from '../metrics/signals';
import { plannedNodes } from '../nodes/node-object';
import { waitForAdmission } from './admission';
import { makeApiKey, storeApiKey } from './api-key';
import { installCustomResources } from './custom-resources';
import { type EmbeddedCluster, startEmbeddedCluster } from './embedded-cluster';
import { deployChart, type HelmTarget } from './helm-release';
import { nodeProgram } from './node-programs';
import { shortWindows } from './scaling-trial';

export interface TrialClusterOptions {
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
  readonly signal: AbortSignal;
}

/** A cluster of its own on which admission is in force, and nothing of the release runs yet. */
export interface TrialCluster {
  readonly embedded: EmbeddedCluster;
  readonly target: HelmTarget;
  /** Values of the release, with the times of a rehearsal. */
  readonly values: ChartValues;
  /** What the autoscaler will read; null: scaling is not tried. */
  readonly signals: Signals | null;
  /** The API key in the Secret that the values name; null: the release is tried without one. */
  readonly apiKey: string | null;
  stop(): Promise<void>;
}

/** A rehearsal does not wait as long for requests under way as a service with real answers does. */
const SHUTDOWN = { preStopSleepSeconds: 3, graceSeconds: 30 } as const;
/** Seconds between two startup probes. */
const STARTUP_PERIOD = 1;
const ADMISSION_SECONDS = 30;
/** Secret of a release that names none. */
const OWN_KEY = { existingSecret: 'ovkit-rehearsal', key: 'api-key' } as const;

/** Starts it, or nothing. @throws Error with what Helm or the API said, KitError of the control plane; the signal's reason on abort */
export async function startTrialCluster(options: TrialClusterOptions): Promise<TrialCluster> {
  const { plan, namespace, signal } = options;
  const values = trialValues(options);
  const { image, workload } = expectedPods(values, plan, namespace);
  const scratch = mkdtempSync(join(tmpdir(), 'ovkit-trial-'));
  const nodes = plannedNodes(plan.placement, Math.max(2, plan.placement.maxReplicas));
  const programs = {
    'llama-server': options.engine,
    sh: '/bin/sh',
    ...(options.nginx ? { nginx: nodeProgram(options.nginx, 'nginx', scratch) } : {}),
  };
  let embedded: EmbeddedCluster | undefined;
  let signals: Signals | null = null;
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= stopAll();
    return stopped;
  };
  const stopAll = async (): Promise<void> => {
    await signals?.stop();
    await embedded?.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    const images = [{ repository: image.replace(/@.*$/, ''), meaning: { kind: 'programs', programs } as const }];
    embedded = await startEmbeddedCluster({ binary: options.binary, nodes, images, signal });
    for (const node of nodes) placeModel(embedded.nodes.diskOf(node.name), values, options.model);
    const { api, kubeconfig, context, folder } = embedded.plane;
    const target: HelmTarget = { helm: options.helm, kubeconfig, context, namespace, scratch: folder, signal };
    const apiKey = values.apiKey ? makeApiKey() : null;
    await createUnlessThere(api, '/api/v1/namespaces', { metadata: { name: namespace } });
    if (values.apiKey && apiKey) await storeApiKey(api, namespace, values.apiKey, apiKey);
    const reads = options.prometheus && values.autoscaling.mode === 'hpa' ? options.prometheus : undefined;
    // none of the three needs another
    await allOf([
      enforceAdmission(target, values, options.shared, api),
      installCustomResources(api, signal),
      ...(reads
        ? [
            startSignals({
              plane: embedded.plane,
              prometheus: reads,
              namespace,
              workload,
              signal,
            }).then((started) => {
              signals = started;
            }),
          ]
        : []),
    ]);
    return { embedded, target, values, signals, apiKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for all of them, so that nothing goes on behind a failure; then throws the first one's. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

async function enforceAdmission(target: HelmTarget, values: ChartValues, shared: boolean, api: ApiClient): Promise<void> {
  const chart = fromRoot('charts', 'admission');
  const said = await deployChart(target, `${values.release.name}-admission`, chart, admissionValues(values, shared), ADMISSION_SECONDS);
  if (said !== undefined) throw new Error(`installing admission failed: ${said}`);
  if (!(await waitForAdmission(api, target.namespace, target.signal))) {
    throw new Error('the API server does not enforce the policies of admission');
  }
}

function trialValues({ values, nginx }: TrialClusterOptions): ChartValues {
  const proxy = nginx ? values.proxy : ({ enabled: false, reason: 'There is no nginx on this machine.' } as const);
  const startup = { ...values.startup, periodSeconds: STARTUP_PERIOD };
  // without the proxy the key could not be sent through the API server
  const apiKey = nginx ? (values.apiKey ?? OWN_KEY) : undefined;
  return { ...values, proxy, apiKey, startup, shutdown: SHUTDOWN, autoscaling: shortWindows(values.autoscaling) };
}

/** The judged file where the chart's hostPath looks for it; a link, since it is read only. */
function placeModel(disk: string, { weights }: ChartValues, model: string): void {
  const root = weights.volume.type === 'hostPath' ? weights.volume.path : weights.mountPath;
  const file = join(disk, root, weights.folder, weights.file);
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync(model, file);
}
