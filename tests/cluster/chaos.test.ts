import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { startLoad } from '../../rehearsal/cluster/steady-load';
import { livingPods, scaleTo } from '../../rehearsal/cluster/workload';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { serviceProxy } from '../../rehearsal/nodes/service-proxy';
import { requireControlPlane, smolRelease, startCluster } from './support';

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
const ENGINE = fromRoot('tests', 'cluster', 'fake-engine.mjs');
/** Among the weights: a container sees its own /tmp, so a checkout below /tmp would be out of its sight. */
const ENGINE_IN_POD = 'engine.mjs';
const NODES = 3;
const NAMESPACE = 'chaos';
const WORKLOAD = 'smollm2-onevision';

describe('a service under faults of its cluster', async () => {
  const binary = await requireControlPlane('a service under faults of its cluster');
  if (!binary) return;
  let cluster: EmbeddedCluster;
  const { values: judged } = smolRelease();
  const values = {
    ...judged,
    replicas: 2,
    autoscaling: { ...judged.autoscaling, mode: 'none' },
    engine: { ...judged.engine, command: ['node', join(judged.weights.mountPath, ENGINE_IN_POD)] },
    weights: { ...judged.weights, files: [] },
    startup: { budgetSeconds: 10, periodSeconds: 1, progressDeadlineSeconds: 60 },
    shutdown: { preStopSleepSeconds: 2, graceSeconds: 10 },
  };
  const withEnv = (value: string) => ({ ...values, engine: { ...values.engine, env: { ROUND: value } } });

  beforeAll(async () => {
    const programs = { node: process.execPath, sh: '/bin/sh' };
    const images = [{ repository: 'onevision-kit.invalid/host/llama-server', meaning: { kind: 'programs', programs } as const }];
    cluster = await startCluster(binary, plannedNodes(NODE, NODES), images);
    for (let node = 1; node <= NODES; node++) {
      const folder = join(cluster.nodes.diskOf(`node-${node}`), judged.weights.mountPath);
      mkdirSync(folder, { recursive: true });
      copyFileSync(ENGINE, join(folder, ENGINE_IN_POD));
    }
    expect(await deploy(values)).toBeUndefined();
  });
  afterAll(() => cluster.stop());

  const deploy = async (given: unknown) => {
    const { kubeconfig, context, folder } = cluster.plane;
    return deployChart(
      { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder },
      'smollm2',
      fromRoot('charts', 'onevision'),
      given,
      90,
    );
  };
  const ask = async (url: string): Promise<void> => {
    const answer = await fetch(`${url}/v1/models`, { headers: { connection: 'close' } });
    if (!answer.ok || !(await answer.text()).includes('DONE')) throw new Error(`HTTP ${answer.status}`);
  };
  const under = async (fault: () => Promise<unknown>) => {
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 10_000 }).toBeGreaterThan(0);
    const load = startLoad({ url: proxy.url, request: ask, clients: 4, pauseMs: 5 });
    try {
      await fault();
    } finally {
      const result = await load.stop();
      proxy.close();
      expect(result).toMatchObject({ failed: 0, failures: [] });
      expect(result.requests).toBeGreaterThan(100);
    }
  };

  it('answers every request while all pods are replaced, a thousand and more', async () => {
    let requests = 0;
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 10_000 }).toBe(2);
    const load = startLoad({ url: proxy.url, request: ask, clients: 4, pauseMs: 5 });
    expect(await deploy(withEnv('one'))).toBeUndefined();
    await expect.poll(load.count, { timeout: 60_000 }).toBeGreaterThan(1_000);
    const result = await load.stop();
    requests = result.requests;
    proxy.close();
    expect(result).toMatchObject({ failed: 0, failures: [] });
    expect(requests).toBeGreaterThan(1_000);
  });

  it('answers every request while the API server is killed in the middle of an update, which then goes on', async () => {
    await under(async () => {
      const api = cluster.plane.api;
      const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${WORKLOAD}`;
      await api.patch(path, { spec: { template: { metadata: { annotations: { round: 'two' } } } } });
      await cluster.plane.restart('kube-apiserver', 'kill');
      await expect
        .poll(
          async () => {
            const { status } = await api.get<{ status: Record<string, number> }>(path);
            return [status.updatedReplicas, status.readyReplicas, status.replicas];
          },
          { timeout: 90_000 },
        )
        .toEqual([2, 2, 2]);
    });
  });

  it('lets one of two deploys at once win, and tells the other', async () => {
    const both = await Promise.all([deploy(withEnv('three')), deploy(withEnv('four'))]);
    const told = both.filter((said) => said !== undefined);
    expect(told.length).toBeLessThanOrEqual(1);
    for (const said of told) expect(said).toMatch(/another operation|already exists|conflict|modified/i);
    expect(await livingPods(cluster.plane.api, NAMESPACE)).not.toHaveLength(0);
  });

  it('does not take back by an update what somebody scaled by hand, but names the field that has two owners', async () => {
    expect(await deploy(withEnv('five'))).toBeUndefined();
    await scaleTo(cluster.plane.api, NAMESPACE, WORKLOAD, 1);
    expect(await deploy(withEnv('six'))).toContain('.spec.replicas');
    expect(await livingPods(cluster.plane.api, NAMESPACE)).toHaveLength(1);
  });
});
