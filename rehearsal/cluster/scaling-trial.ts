import { setTimeout as sleep } from 'node:timers/promises';
import type { ChartAutoscaling } from '../../charts/chart-values';
import type { ApiClient } from '../control-plane/api-client';
import { AUTOSCALER_LOOK_SECONDS } from '../control-plane/components';
import type { Signals } from '../metrics/signals';
import { until } from './workload';

export interface ScalingTrialOptions {
  readonly api: ApiClient;
  /** What the autoscaler reads; whoever started it stops it. */
  readonly signals: Signals;
  readonly namespace: string;
  readonly workload: string;
  /** Makes load that asks for a second replica, until the signal aborts. */
  readonly load: (signal: AbortSignal) => Promise<unknown>;
  /** What is done while the metrics are gone: the replicas that the autoscaler wants must stay the same throughout. */
  readonly meanwhile?: () => Promise<void>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

/** What an autoscaler did in front of real metrics. */
export interface ScalingTrial {
  readonly from: number;
  readonly to: number;
  /** From the first request until the new replica was ready. */
  readonly upInMs: number;
  /** How long the replicas stayed although the metrics were gone and the load with them. */
  readonly heldForMs: number;
  /** From the return of the metrics until the replica was gone again. */
  readonly downInMs: number;
}

/** Windows of a rehearsal, which cannot wait for minutes; everything else of the scaling stays as planned. */
export function shortWindows(autoscaling: ChartAutoscaling): ChartAutoscaling {
  const window = { stabilizationSeconds: DOWN_WINDOW_SECONDS, pods: 1, periodSeconds: 1 };
  return { ...autoscaling, scaleUp: { ...window, stabilizationSeconds: 0 }, scaleDown: window };
}

/** Two looks of the autoscaler must agree. */
const DOWN_WINDOW_SECONDS = 2 * AUTOSCALER_LOOK_SECONDS;
/** Four looks more than its window: without the metrics held, the replica would be gone. */
const HOLD_MS = (DOWN_WINDOW_SECONDS + 4 * AUTOSCALER_LOOK_SECONDS) * 1000;
const POLL_MS = 100;

/**
 * Load comes: replicas come. Metrics vanish and the load with them: the replicas stay. Metrics are back: replicas go. The autoscaler, Prometheus and the
 * engine are real; the API between them is a stand-in.
 * @throws Error when one of them does not happen
 */
export async function tryScaling(options: ScalingTrialOptions): Promise<ScalingTrial> {
  const { api, signals, namespace, workload, signal, onProgress } = options;
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
    signals.cut(true);
    await until('the autoscaler to notice that its signals are gone', signal, async () => !(await readsSignals(api, namespace, workload)));
    // only now: what the autoscaler saw of an idle engine before would be a reason to take the replica away
    loading.abort();
    await load;
    const heldForMs = await holds(options, to);

    onProgress?.('bringing the metrics back');
    const back = performance.now();
    signals.cut(false);
    await until('the replica to go again', signal, async () => (await wantedReplicas(api, namespace, workload)) === from);
    return { from, to, upInMs, heldForMs, downInMs: Math.round(performance.now() - back) };
  } finally {
    loading.abort();
  }
}

/** @throws Error when replicas are taken away within the time that an autoscaler would need for it, or while something else is tried */
async function holds({ api, namespace, workload, meanwhile, signal }: ScalingTrialOptions, replicas: number): Promise<number> {
  const begun = performance.now();
  let busy = meanwhile !== undefined;
  const other = (meanwhile?.() ?? Promise.resolve()).finally(() => {
    busy = false;
  });
  // whoever fails first says why
  other.catch(() => undefined);
  while (busy || performance.now() - begun < HOLD_MS) {
    const wanted = await wantedReplicas(api, namespace, workload);
    if (wanted !== replicas) throw new Error(`without metrics the autoscaler went from ${replicas} to ${wanted} replicas`);
    await sleep(POLL_MS, undefined, { signal });
  }
  await other;
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
