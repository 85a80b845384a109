import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { shortWindows, tryScaling } from '../../rehearsal/cluster/scaling-trial';
import { askForLong } from '../../rehearsal/cluster/workload';
import { findKeda } from '../../rehearsal/keda/binaries';
import { startKeda } from '../../rehearsal/keda/keda';
import { startSignals } from '../../rehearsal/metrics/signals';
import { serviceProxy } from '../../rehearsal/nodes/service-proxy';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { smolRelease } from '../cluster/support';
import { notRun } from '../integration/requirements';
import { progressLines } from '../progress-lines';
import { startLlamaCluster } from './llama-cluster';

const WORKLOAD = 'smollm2-onevision';
const NAMESPACE = 'keda-scaled';
const BUILD_TIMEOUT_MS = 10_800_000;

interface ScaledObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[] };
}

describe('the real KEDA on a real API server, with a real Prometheus and a real llama-server', async () => {
  const what = 'KEDA with the chart';
  const prometheus = await findDebianProgram('prometheus');
  if (!prometheus.found) return notRun(what, prometheus.why);
  const onProgress = progressLines();
  const keda = await findKeda({ onProgress });
  if (!keda) return notRun(what, 'go is not on the PATH, and no package brings KEDA');
  let cluster: EmbeddedCluster;
  const { values: judged } = smolRelease();

  beforeAll(async () => {
    cluster = await startLlamaCluster(judged, onProgress);
  }, BUILD_TIMEOUT_MS);
  afterAll(() => cluster.stop());

  const scaledObject = () =>
    cluster.plane.api.get<ScaledObject>(`/apis/keda.sh/v1alpha1/namespaces/${NAMESPACE}/scaledobjects/${WORKLOAD}`);
  const condition = async (type: string) => (await scaledObject()).status?.conditions?.find((entry) => entry.type === type)?.status;

  it('starts a replica under load, keeps it while the metrics are gone, and takes it back', async () => {
    const { kubeconfig, context, folder, api } = cluster.plane;
    let endpoint: Awaited<ReturnType<typeof serviceProxy>> | undefined;
    let fellBack = false;
    const watching = new AbortController();
    const signals = await startSignals({
      plane: cluster.plane,
      prometheus,
      namespace: NAMESPACE,
      workload: WORKLOAD,
      adapter: async ({ url }) => {
        const running = await startKeda(cluster.plane, keda);
        const values = {
          ...judged,
          shutdown: { preStopSleepSeconds: 1, graceSeconds: 20 },
          autoscaling: { ...shortWindows(judged.autoscaling), mode: 'keda' as const, prometheusUrl: url },
        };
        const target = { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder };
        expect(await deployChart(target, 'smollm2', fromRoot('charts', 'onevision'), values, 120)).toBeUndefined();
        endpoint = await serviceProxy(api, NAMESPACE, WORKLOAD);
        await expect.poll(() => condition('Ready'), { timeout: 60_000 }).toBe('True');
        return running;
      },
    });
    const trial = await tryScaling({
      api,
      signals,
      namespace: NAMESPACE,
      workload: WORKLOAD,
      load: (signal) => askForLong(endpoint?.url ?? '', judged.model.id, 6, signal),
      onProgress: (line) => {
        if (line.startsWith('bringing the metrics back')) watching.abort();
        if (line.startsWith('taking the metrics away')) void watchFallback();
      },
    }).finally(() => signals.stop());
    endpoint?.close();
    expect(trial).toMatchObject({ from: 1, to: 2 });
    expect(fellBack).toBe(true);

    async function watchFallback(): Promise<void> {
      while (!watching.signal.aborted && !fellBack) {
        fellBack = (await condition('Fallback').catch(() => undefined)) === 'True';
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  });
});
