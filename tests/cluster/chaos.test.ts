import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admissionValues } from '../../charts/admission-values';
import { expectedPods } from '../../charts/expected-pods';
import { findHelm } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import { waitForAdmission } from '../../rehearsal/cluster/admission';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { startLoad } from '../../rehearsal/cluster/steady-load';
import { livingPods, scaleTo } from '../../rehearsal/cluster/workload';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { serviceProxy } from '../../rehearsal/nodes/service-proxy';
import { connectCluster } from '../../rollout/connect';
import { rolloutText } from '../../rollout/rollout-text';
import { verifyRollout } from '../../rollout/verify';
import { requireControlPlane, smolRelease, startCluster } from './support';

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
const ENGINE = fromRoot('tests', 'cluster', 'fake-engine.mjs');
/** Among the weights: a container sees its own /tmp, so a checkout below /tmp would be out of its sight. */
const ENGINE_IN_POD = 'engine.mjs';
const NODES = 3;
/** A fault that is over in a moment sees few requests. */
const SOME_REQUESTS = 10;
const NAMESPACE = 'chaos';
const WORKLOAD = 'smollm2-onevision';
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${WORKLOAD}`;
/** A node counts as lost sooner than the 50 s of Kubernetes, and its pods are replaced at once instead of after 300 s. */
const SHORT_TIMES = {
  'kube-controller-manager': ['--node-monitor-period=1s', '--node-monitor-grace-period=30s'],
  'kube-apiserver': ['--default-unreachable-toleration-seconds=1', '--default-not-ready-toleration-seconds=1'],
} as const;

describe('a service under faults of its cluster', async () => {
  const binary = await requireControlPlane('a service under faults of its cluster');
  if (!binary) return;
  let cluster: EmbeddedCluster;
  const { values: judged, plan } = smolRelease();
  const values = {
    ...judged,
    replicas: 2,
    autoscaling: { ...judged.autoscaling, mode: 'none' as const },
    engine: { ...judged.engine, command: ['node', join(judged.weights.mountPath, ENGINE_IN_POD)] },
    weights: { ...judged.weights, files: [] },
    startup: { budgetSeconds: 10, periodSeconds: 1, progressDeadlineSeconds: 60 },
    shutdown: { preStopSleepSeconds: 2, graceSeconds: 10 },
  };
  const withEnv = (env: Readonly<Record<string, string>>, good = values) => ({ ...good, engine: { ...good.engine, env } });

  beforeAll(async () => {
    const programs = { node: process.execPath, sh: '/bin/sh' };
    const images = [{ repository: 'onevision-kit.invalid/host/llama-server', meaning: { kind: 'programs', programs } as const }];
    cluster = await startCluster(binary, plannedNodes(NODE, NODES), images, SHORT_TIMES);
    for (let node = 1; node <= NODES; node++) {
      const folder = join(cluster.nodes.diskOf(`node-${node}`), judged.weights.mountPath);
      mkdirSync(folder, { recursive: true });
      copyFileSync(ENGINE, join(folder, ENGINE_IN_POD));
    }
    expect(await deploy(values)).toBeUndefined();
  });
  afterAll(() => cluster.stop());

  const deploy = async (given: unknown, seconds = 90) => {
    const { kubeconfig, context, folder } = cluster.plane;
    return deployChart(
      { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder },
      'smollm2',
      fromRoot('charts', 'onevision'),
      given,
      seconds,
    );
  };
  const ask = async (url: string): Promise<void> => {
    const answer = await fetch(`${url}/v1/models`, { headers: { connection: 'close' } });
    if (!answer.ok || !(await answer.text()).includes('DONE')) throw new Error(`HTTP ${answer.status}`);
  };
  const under = async (fault: () => Promise<unknown>, least = 100) => {
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 10_000 }).toBeGreaterThan(0);
    const load = startLoad({ url: proxy.url, request: ask, clients: 4, pauseMs: 5 });
    try {
      await fault();
    } finally {
      const result = await load.stop();
      proxy.close();
      expect(result).toMatchObject({ failed: 0, failures: [] });
      expect(result.requests).toBeGreaterThan(least);
    }
  };

  it('answers every request while all pods are replaced, a thousand and more', async () => {
    let requests = 0;
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 10_000 }).toBe(2);
    const load = startLoad({ url: proxy.url, request: ask, clients: 4, pauseMs: 5 });
    expect(await deploy(withEnv({ ROUND: 'one' }))).toBeUndefined();
    await expect.poll(load.count, { timeout: 60_000 }).toBeGreaterThan(1_000);
    const result = await load.stop();
    requests = result.requests;
    proxy.close();
    expect(result).toMatchObject({ failed: 0, failures: [] });
    expect(requests).toBeGreaterThan(1_000);
  });

  it.each(['kube-apiserver', 'etcd'] as const)(
    'answers every request while %s is killed in the middle of an update, which then goes on',
    async (part) => {
      await under(async () => {
        const api = cluster.plane.api;
        await api.patch(DEPLOYMENT, { spec: { template: { metadata: { annotations: { killed: part } } } } });
        await cluster.plane.restart(part, 'kill');
        await expect
          .poll(
            async () => {
              const { status } = await api.get<{ status: Record<string, number> }>(DEPLOYMENT);
              return [status.updatedReplicas, status.readyReplicas, status.replicas];
            },
            { timeout: 90_000 },
          )
          .toEqual([2, 2, 2]);
      });
    },
  );

  /** An update that cannot come up: what the old pods do meanwhile, and what is told. */
  const BAD_UPDATES: readonly (readonly [string, number, (good: typeof values) => unknown, readonly RegExp[]])[] = [
    [
      'an engine that crashes',
      6,
      (good) => withEnv({ CRASH: 'CUDA error: no device' }, good),
      [/ended with 5/, /CUDA error: no device/, /CrashLoopBackOff/],
    ],
    [
      'an engine that is slower to start than it may be',
      14,
      (good) => withEnv({ SLOW_START_MS: '600000' }, good),
      [/Startup probe failed|startup probe/i, /startup\.engineSeconds/],
    ],
    [
      'an engine that outgrows its memory',
      6,
      (good) =>
        withEnv({ EAT_MIB: '400' }, { ...good, resources: { requests: { cpu: '100m', memory: '200Mi' }, limits: { memory: '200Mi' } } }),
      [/OOMKilled/, /larger instance type/],
    ],
    [
      'an image that nobody has',
      6,
      (good) => ({ ...good, image: { state: 'host', binary: 'nobody-has-it' } }),
      [/ErrImagePull|ImagePullBackOff/, /cannot be pulled/],
    ],
  ];
  it.each(BAD_UPDATES)(
    'keeps answering from the old pods while an update brings %s, and says why it does not come up',
    async (_title, seconds, bad, told) => {
      const hasty = { ...values, startup: { budgetSeconds: 10, periodSeconds: 1, progressDeadlineSeconds: 20 } };
      await under(async () => expect(await deploy(bad(hasty), seconds)).toMatch(/timed out|deadline exceeded/i));
      const look = () =>
        verifyRollout({
          cluster: connectCluster({ kubeconfig: cluster.plane.kubeconfig, context: cluster.plane.context }),
          expected: expectedPods(values, plan, NAMESPACE),
          smoke: null,
          timeoutSeconds: 0,
          now: () => new Date(),
          signal: new AbortController().signal,
          onProgress: () => undefined,
        });
      let screen = '';
      // after the faults before it, the scheduler may reach the new pods only after Helm has given up
      await expect
        .poll(
          async () => {
            const rollout = await look();
            screen = rolloutText(rollout, { colours: false });
            return [rollout.state, ...told.filter((words) => !words.test(screen)).map((words) => `nothing of ${words}: ${screen}`)];
          },
          { timeout: 60_000, interval: 2_000 },
        )
        .toEqual(['failed']);
      expect(screen).toContain('run `cdktf deploy` again');
    },
  );

  it('is well again after the deploy that the screen advises', async () => {
    await under(async () => expect(await deploy(withEnv({ ROUND: 'mended' }), 90)).toBeUndefined());
    await expect.poll(async () => (await livingPods(cluster.plane.api, NAMESPACE)).length, { timeout: 30_000 }).toBe(2);
  });

  it('lets one of two deploys at once win, and tells the other', async () => {
    const both = await Promise.all([deploy(withEnv({ ROUND: 'three' })), deploy(withEnv({ ROUND: 'four' }))]);
    const told = both.filter((said) => said !== undefined);
    expect(told.length).toBeLessThanOrEqual(1);
    for (const said of told) expect(said).toMatch(/another operation|already exists|conflict|modified/i);
    expect(await livingPods(cluster.plane.api, NAMESPACE)).not.toHaveLength(0);
  });

  it('goes on serving when its admission loses its parameters, starts no pod, and says so', async () => {
    const { api } = cluster.plane;
    expect(await deploy(withEnv({ ROUND: 'guarded' }))).toBeUndefined();
    const { kubeconfig, context, folder } = cluster.plane;
    const target = { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder };
    const admission = () => deployChart(target, 'smollm2-admission', fromRoot('charts', 'admission'), admissionValues(values, false), 30);
    expect(await admission()).toBeUndefined();
    expect(await waitForAdmission(api, NAMESPACE)).toBe(true);
    await api.remove(`/api/v1/namespaces/${NAMESPACE}/configmaps/smollm2-admission`);
    const [victim] = await livingPods(api, NAMESPACE);
    await under(async () => {
      await drainGently(victim?.metadata.name ?? '');
      await expect.poll(async () => (await eventsOf('FailedCreate')).join(' '), { timeout: 30_000 }).toContain('no params found');
      await sleep(1_000);
    }, SOME_REQUESTS);
    expect(await livingPods(api, NAMESPACE)).toHaveLength(1);
    expect(await admission()).toBeUndefined();
    await expect.poll(async () => (await livingPods(api, NAMESPACE)).length, { timeout: 60_000 }).toBe(2);
  });

  it('does not take back by an update what somebody scaled by hand, but names the field that has two owners', async () => {
    expect(await deploy(withEnv({ ROUND: 'five' }))).toBeUndefined();
    await scaleTo(cluster.plane.api, NAMESPACE, WORKLOAD, 1);
    expect(await deploy(withEnv({ ROUND: 'six' }))).toContain('.spec.replicas');
    expect(await livingPods(cluster.plane.api, NAMESPACE)).toHaveLength(1);
  });

  it('replaces the pods of a node that is lost, and answers from the others', async () => {
    const { api } = cluster.plane;
    await scaleTo(api, NAMESPACE, WORKLOAD, 2);
    const [victim, survivor] = await livingPods(api, NAMESPACE);
    const lost = victim?.spec.nodeName ?? '';
    expect(survivor?.spec.nodeName).not.toBe(lost);
    cluster.nodes.lose(lost);
    const isReady = async () => {
      const { status } = await api.get<{ status: { conditions: { type: string; status: string }[] } }>(`/api/v1/nodes/${lost}`);
      return status.conditions.find(({ type }) => type === 'Ready')?.status;
    };
    await expect.poll(isReady, { timeout: 60_000 }).toBe('Unknown');
    await expect
      .poll(async () => (await livingPods(api, NAMESPACE)).filter(({ spec }) => spec.nodeName !== lost).length, { timeout: 60_000 })
      .toBe(2);
    await expect.poll(readyReplicas, { timeout: 30_000 }).toBe(2);
    await under(async () => sleep(2_000), SOME_REQUESTS);
  });

  /** Leaves the Service first, as every pod does that is deleted, then ends. */
  const drainGently = (name: string) => cluster.plane.api.remove(`/api/v1/namespaces/${NAMESPACE}/pods/${name}`);
  const readyReplicas = async () => (await cluster.plane.api.get<{ status: { readyReplicas?: number } }>(DEPLOYMENT)).status.readyReplicas;
  const eventsOf = async (reason: string) => {
    const { items } = await cluster.plane.api.get<{ items: { reason: string; message: string }[] }>(
      `/api/v1/namespaces/${NAMESPACE}/events`,
    );
    return items.filter((event) => event.reason === reason).map(({ message }) => message);
  };
});
