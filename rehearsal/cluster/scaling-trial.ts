import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChartAutoscaling } from '../../charts/chart-values';
import type { DebianProgram } from '../../runtime/engine/debian-program';
import type { ApiClient } from '../control-plane/api-client';
import type { ControlPlane } from '../control-plane/control-plane';
import { startMetricsAdapter } from '../metrics/metrics-adapter';
import { startPodDiscovery } from '../metrics/pod-discovery';
import { podScrapeJob } from '../metrics/pod-scrape';
import { type Prometheus, startPrometheus } from '../metrics/prometheus';
import { until } from './workload';

export interface ScalingTrialOptions {
  readonly plane: ControlPlane;
  readonly prometheus: DebianProgram;
  readonly namespace: string;
  readonly workload: string;
  /** Name of the container port with the metrics. */
  readonly metricsPort: string;
  /** Makes load that asks for a second replica, until the signal aborts. */
  readonly load: (signal: AbortSignal) => Promise<unknown>;
  /** Puts an API of external metrics before Prometheus. Default: the stand-in of prometheus-adapter. */
  readonly adapter?: (prometheus: Prometheus) => Promise<{ stop(): Promise<void> }>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

/** What an autoscaler did in front of real metrics. */
export interface ScalingTrial {
  readonly from: number;
  readonly to: number;
  /** From the first request until the new replica was ready. */
  readonly upInMs: number;
  /** How long the replicas stayed although the metrics were gone and no load was left. */
  readonly heldForMs: number;
  /** From the return of the metrics until the replica was gone again. */
  readonly downInMs: number;
}

/** Windows of a rehearsal, which cannot wait for minutes; everything else of the scaling stays as planned. */
export function shortWindows(autoscaling: ChartAutoscaling): ChartAutoscaling {
  const window = { stabilizationSeconds: DOWN_WINDOW_SECONDS, pods: 1, periodSeconds: 1 };
  return { ...autoscaling, scaleUp: { ...window, stabilizationSeconds: 0 }, scaleDown: window };
}

const DOWN_WINDOW_SECONDS = 3;
/** Three looks of the autoscaler (2 s each) after its window: without the metrics held, the replica would be gone. */
const HOLD_MS = (DOWN_WINDOW_SECONDS + 3 * 2) * 1000;
const POLL_MS = 250;

/**
 * Load comes: replicas come. Metrics vanish and the load with them: the replicas stay. Metrics are back: replicas go. The autoscaler, Prometheus and the
 * engine are real; the API between them is a stand-in.
 * @throws Error when one of them does not happen
 */
export async function tryScaling(options: ScalingTrialOptions): Promise<ScalingTrial> {
  const { plane, namespace, workload, signal, onProgress } = options;
  const { api } = plane;
  const discovery = await startPodDiscovery(api, namespace);
  const job = podScrapeJob(discovery.url, namespace, workload, options.metricsPort);
  const prometheus = await startPrometheus(options.prometheus, join(plane.folder, 'prometheus'), [job], signal);
  try {
    const adapter = await (options.adapter?.(prometheus) ?? startMetricsAdapter(api, prometheus, plane.tls));
    const loading = new AbortController();
    try {
      await until('the autoscaler to read its signals', signal, () => readsSignals(api, namespace, workload));
      const from = await readyReplicas(api, namespace, workload);
      onProgress?.('asking more than one replica can answer');
      const begun = performance.now();
      const load = options.load(loading.signal);
      await until('another replica', signal, async () => (await readyReplicas(api, namespace, workload)) > from);
      const upInMs = Math.round(performance.now() - begun);
      const to = await readyReplicas(api, namespace, workload);

      onProgress?.('taking the metrics away, then the load');
      discovery.hide(true);
      await until(
        'the autoscaler to notice that its signals are gone',
        signal,
        async () => !(await readsSignals(api, namespace, workload)),
      );
      // only now: what the autoscaler saw of an idle engine before would be a reason to take the replica away
      loading.abort();
      await load;
      const heldForMs = await holds(api, namespace, workload, to, signal);

      onProgress?.('bringing the metrics back');
      const back = performance.now();
      discovery.hide(false);
      await until('the replica to go again', signal, async () => (await wantedReplicas(api, namespace, workload)) === from);
      return { from, to, upInMs, heldForMs, downInMs: Math.round(performance.now() - back) };
    } finally {
      loading.abort();
      await adapter.stop();
    }
  } finally {
    await prometheus.stop();
    discovery.stop();
  }
}

/** @throws Error when replicas are taken away within the time that an autoscaler would need for it */
async function holds(api: ApiClient, namespace: string, workload: string, replicas: number, signal?: AbortSignal): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < HOLD_MS) {
    const wanted = await wantedReplicas(api, namespace, workload);
    if (wanted !== replicas) throw new Error(`without metrics the autoscaler went from ${replicas} to ${wanted} replicas`);
    await sleep(POLL_MS, undefined, { signal });
  }
  return Math.round(performance.now() - begun);
}

interface DeploymentState {
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly readyReplicas?: number };
}

function deploymentState(api: ApiClient, namespace: string, workload: string): Promise<DeploymentState> {
  return api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${workload}`);
}

async function wantedReplicas(api: ApiClient, namespace: string, workload: string): Promise<number> {
  return (await deploymentState(api, namespace, workload)).spec.replicas;
}

async function readyReplicas(api: ApiClient, namespace: string, workload: string): Promise<number> {
  return (await deploymentState(api, namespace, workload)).status?.readyReplicas ?? 0;
}

interface AutoscalerList {
  readonly items: readonly {
    readonly spec: { readonly scaleTargetRef: { readonly name: string } };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** What the autoscaler of the workload says about its signals; false as long as it says nothing. */
async function readsSignals(api: ApiClient, namespace: string, workload: string): Promise<boolean> {
  const { items } = await api.get<AutoscalerList>(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`);
  const own = items.find(({ spec }) => spec.scaleTargetRef.name === workload);
  return own?.status?.conditions?.some(({ type, status }) => type === 'ScalingActive' && status === 'True') ?? false;
}
