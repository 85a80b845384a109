import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findHelm } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import { installCustomResources } from '../../rehearsal/cluster/custom-resources';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { shortWindows, tryScaling } from '../../rehearsal/cluster/scaling-trial';
import { askForLong } from '../../rehearsal/cluster/workload';
import { ApiError } from '../../rehearsal/control-plane/api-client';
import { startSignals } from '../../rehearsal/metrics/signals';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { serviceProxy } from '../../rehearsal/nodes/service-proxy';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { notRun } from '../integration/requirements';
import { rendered, requireControlPlane, smolRelease, startCluster } from './support';

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
const ENGINE = fromRoot('tests', 'cluster', 'fake-engine.mjs');
const ENGINE_IN_POD = 'engine.mjs';
const WORKLOAD = 'smollm2-onevision';
const NAMESPACE = 'scaled';
/** From the first request to the ready replica: a look of Prometheus (1 s), two of the autoscaler (2 s), the start; many times that on a busy machine. */
const UP_WITHIN_MS = 60_000;

describe('replicas that follow the load', async () => {
  const what = 'an autoscaler on real metrics';
  const binary = await requireControlPlane(what);
  const prometheus = await findDebianProgram('prometheus');
  if (!prometheus.found) notRun(what, prometheus.why);
  if (!binary) return;
  let cluster: EmbeddedCluster;
  const { values: judged } = smolRelease();
  const values = {
    ...judged,
    engine: { ...judged.engine, command: ['node', join(judged.weights.mountPath, ENGINE_IN_POD)], env: { SPEAK_MS: '500' } },
    weights: { ...judged.weights, files: [] },
    startup: { budgetSeconds: 10, periodSeconds: 1, progressDeadlineSeconds: 60 },
    shutdown: { preStopSleepSeconds: 1, graceSeconds: 10 },
    autoscaling: shortWindows(judged.autoscaling),
  };

  beforeAll(async () => {
    const programs = { node: process.execPath, sh: '/bin/sh' };
    const images = [{ repository: 'onevision-kit.invalid/host/llama-server', meaning: { kind: 'programs', programs } as const }];
    cluster = await startCluster(binary, plannedNodes(NODE, 3), images);
    for (let node = 1; node <= 3; node++) {
      const folder = join(cluster.nodes.diskOf(`node-${node}`), judged.weights.mountPath);
      mkdirSync(folder, { recursive: true });
      copyFileSync(ENGINE, join(folder, ENGINE_IN_POD));
    }
    await installCustomResources(cluster.plane.api);
  });
  afterAll(() => cluster.stop());

  const deploy = async (namespace: string, given: unknown) => {
    const { kubeconfig, context, folder } = cluster.plane;
    const target = { helm: await findHelm(), kubeconfig, context, namespace, scratch: folder };
    return deployChart(target, 'smollm2', fromRoot('charts', 'onevision'), given, 60);
  };

  it.runIf(prometheus.found)('come with it, stay while the metrics are gone, and go after the window', async () => {
    if (!prometheus.found) return;
    expect(values.autoscaling.mode).toBe('hpa');
    expect(await deploy(NAMESPACE, values)).toBeUndefined();
    const { plane } = cluster;
    const proxy = await serviceProxy(plane.api, NAMESPACE, WORKLOAD);
    const signals = await startSignals({ plane, prometheus, namespace: NAMESPACE, workload: WORKLOAD });
    try {
      const trial = await tryScaling({
        api: plane.api,
        signals,
        namespace: NAMESPACE,
        workload: WORKLOAD,
        load: (signal) => askForLong(proxy.url, judged.model.id, 6, signal),
      });
      expect(trial).toMatchObject({ from: 1, to: 2 });
      expect(trial.upInMs).toBeLessThan(UP_WITHIN_MS);
      expect(trial.heldForMs).toBeGreaterThan(5_000);
    } finally {
      await signals.stop();
      proxy.close();
    }
  });

  it('keep at least the minimum where nobody serves the metrics', async () => {
    expect(await deploy('unserved', { ...values, autoscaling: { ...values.autoscaling, minReplicas: 2 } })).toBeUndefined();
    const path = `/apis/apps/v1/namespaces/unserved/deployments/${WORKLOAD}`;
    const replicas = async () => (await cluster.plane.api.get<{ spec: { replicas: number } }>(path)).spec.replicas;
    await expect.poll(replicas, { timeout: 20_000 }).toBe(2);
  });

  it('are asked of KEDA in a form that its definition takes, and no other', async () => {
    const scaled = { ...values, autoscaling: { ...values.autoscaling, mode: 'keda' as const } };
    const documents = parseAllDocuments(await rendered(scaled, 'default')).map((document) => document.toJS());
    const object = documents.find((document) => document?.kind === 'ScaledObject');
    const path = '/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects?fieldValidation=Strict';
    await cluster.plane.api.create(`${path}&dryRun=All`, object);
    const broken = [
      { ...object, spec: { ...object.spec, fallback: { ...object.spec.fallback, behavior: 'zero' } } },
      { ...object, spec: { ...object.spec, maxReplicas: 4 } },
      { ...object, spec: { ...object.spec, triggers: [{ metadata: {} }] } },
    ];
    for (const wrong of broken) await expect(cluster.plane.api.create(`${path}&dryRun=All`, wrong)).rejects.toBeInstanceOf(ApiError);
  });
});
