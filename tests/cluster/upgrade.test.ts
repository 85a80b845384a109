import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { customResourceDefinitions } from '../../charts/custom-resources';
import { findHelm, renderChart } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import { tryCreate } from '../../rehearsal/cluster/admission';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart, testRelease } from '../../rehearsal/cluster/helm-release';
import { nodeProgram } from '../../rehearsal/cluster/node-programs';
import { type LoadResult, startLoad } from '../../rehearsal/cluster/steady-load';
import { livingPods, untilSettled } from '../../rehearsal/cluster/workload';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { serviceProxy } from '../../rehearsal/nodes/service-proxy';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { CASES, valuesOf } from '../charts/fixtures';
import { notRun } from '../integration/requirements';
import { eventually, requireControlPlane, smolRelease, startCluster } from './support';

// biome-ignore lint/suspicious/noExplicitAny: rendered YAML and answers of the API, whose shape the tests are about
type Any = any;

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
const NODES = 3;
const NAMESPACE = 'upgrades';
const WORKLOAD = 'smollm2-onevision';
/** The chart as it was released with that version, packed from the history of this repository. */
const RELEASED = fromRoot('tests', 'charts', 'released', 'onevision-0.1.0.tgz');
const CHART = fromRoot('charts', 'onevision');
const ENGINE = fromRoot('tests', 'cluster', 'fake-engine.mjs');
const ENGINE_IN_POD = 'engine.mjs';
const REQUESTS = 1_000;
const KEY = 'a-key-of-the-puppet-show';

describe('the chart on a real API server', async () => {
  const what = 'the chart on a real API server';
  const binary = await requireControlPlane(what);
  const nginx = await findDebianProgram('nginx');
  if (!binary) return;
  if (!nginx.found) return notRun(what, nginx.why);
  const scratch = mkdtempSync(join(tmpdir(), 'ovkit-upgrade-'));
  let cluster: EmbeddedCluster;
  const { values: judged } = smolRelease({ proxy: true });
  const values = {
    ...judged,
    replicas: 2,
    autoscaling: { ...judged.autoscaling, mode: 'none' as const },
    // without a free place one pod stops before its successor starts: the harder case
    rollout: { maxSurge: 0, maxUnavailable: 1, reason: 'test' },
    engine: { ...judged.engine, command: ['node', join(judged.weights.mountPath, ENGINE_IN_POD)] },
    weights: { ...judged.weights, files: [] },
    startup: { budgetSeconds: 60, periodSeconds: 1, progressDeadlineSeconds: 180 },
    shutdown: { preStopSleepSeconds: 3, graceSeconds: 20 },
  };
  /** What 0.1.0 knew: neither proxy nor autoscaling by mode nor monitoring nor Karpenter nor lists of files. */
  const before = (): unknown => {
    const { proxy: _proxy, autoscaling: _autoscaling, monitoring: _monitoring, doNotDisrupt: _moves, weights, ...known } = values;
    const { files: _files, ...place } = weights;
    return { ...known, weights: place };
  };

  beforeAll(async () => {
    const programs = { node: process.execPath, sh: '/bin/sh', nginx: nodeProgram(nginx, 'nginx', scratch) };
    const images = [{ repository: 'onevision-kit.invalid/host/llama-server', meaning: { kind: 'programs', programs } as const }];
    cluster = await startCluster(binary, plannedNodes(NODE, NODES), images);
    for (let node = 1; node <= NODES; node++) {
      const folder = join(cluster.nodes.diskOf(`node-${node}`), judged.weights.mountPath);
      mkdirSync(folder, { recursive: true });
      copyFileSync(ENGINE, join(folder, ENGINE_IN_POD));
    }
  });
  afterAll(async () => {
    await cluster?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const target = async () => {
    const { kubeconfig, context, folder } = cluster.plane;
    return { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder };
  };
  const deploy = async (chart: string, given: unknown) => deployChart(await target(), 'smollm2', chart, given, 200);
  const ask = async (url: string): Promise<void> => {
    const answer = await fetch(`${url}/v1/models`, { headers: { connection: 'close', authorization: `Bearer ${KEY}` } });
    if (!answer.ok || !(await answer.text()).includes('DONE')) throw new Error(`HTTP ${answer.status}`);
  };
  /** Asks all the time while something happens, a thousand times at least. */
  const under = async (change: () => Promise<unknown>): Promise<LoadResult> => {
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 30_000 }).toBe(2);
    const load = startLoad({ url: proxy.url, request: ask, clients: 4, pauseMs: 5 });
    try {
      await change();
      await untilSettled(cluster.plane.api, NAMESPACE);
      await expect.poll(load.count, { timeout: 120_000 }).toBeGreaterThanOrEqual(REQUESTS);
    } finally {
      // what was asked is waited for
      await sleep(100);
    }
    const result = await load.stop();
    proxy.close();
    return result;
  };
  const containersOf = async () =>
    (await livingPods(cluster.plane.api, NAMESPACE)).map(({ spec }) => spec.containers.map(({ name }) => name).join(' '));

  it('is upgraded from 0.1.0 without a failed request: the proxy comes, the selectors stay', async () => {
    expect(await deploy(RELEASED, before())).toBeUndefined();
    expect(await containersOf()).toEqual(['engine', 'engine']);
    const result = await under(async () => expect(await deploy(CHART, values)).toBeUndefined());
    expect(result).toMatchObject({ failed: 0, failures: [] });
    expect(result.requests).toBeGreaterThanOrEqual(REQUESTS);
    expect(await containersOf()).toEqual(['engine proxy', 'engine proxy']);
  });

  it('replaces all pods behind their proxies without a failed request', async () => {
    const other = { ...values, engine: { ...values.engine, env: { ROUND: 'two' } } };
    const result = await under(async () => expect(await deploy(CHART, other)).toBeUndefined());
    expect(result).toMatchObject({ failed: 0, failures: [] });
    expect(result.requests).toBeGreaterThanOrEqual(REQUESTS);
  });

  it('finishes an answer that takes longer than the Service remembers the pod', async () => {
    const slow = { ...values, engine: { ...values.engine, env: { SPEAK_MS: '7000' } } };
    expect(await deploy(CHART, slow)).toBeUndefined();
    await untilSettled(cluster.plane.api, NAMESPACE);
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 30_000 }).toBe(2);
    const answers = [1, 2, 3, 4].map(() => ask(proxy.url));
    await sleep(500);
    for (const { metadata } of await livingPods(cluster.plane.api, NAMESPACE)) {
      await cluster.plane.api.remove(`/api/v1/namespaces/${NAMESPACE}/pods/${metadata.name}`);
    }
    await Promise.all(answers);
    proxy.close();
  });

  it('asks for the key of a Secret, and passes helm test with it', async () => {
    await cluster.plane.api.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, {
      metadata: { name: 'api-key' },
      stringData: { 'api-key': KEY },
    });
    // the playing engine names no model and completes with a stream; what helm test says of that is tried with the real one
    const keyed = { ...values, apiKey: { existingSecret: 'api-key' } };
    expect(await deploy(CHART, keyed)).toBeUndefined();
    await untilSettled(cluster.plane.api, NAMESPACE);
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 30_000 }).toBe(2);
    await ask(proxy.url);
    expect((await fetch(`${proxy.url}/v1/models`, { headers: { connection: 'close' } })).status).toBe(401);
    expect(await testRelease(await target(), 'smollm2', 120)).toMatch(/smollm2-onevision-test/);
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/smollm2-onevision-test`;
    const message = await eventually('the words of the test', async () => {
      const pod = await cluster.plane.api.get<Any>(path);
      return pod.status.containerStatuses?.[0]?.state?.terminated?.message as string | undefined;
    });
    expect(message).toBe(`OVK-TST: the list of models does not hold ${values.model.id}\n`);
    proxy.close();
  });

  it('keeps the old pods serving when the new ones cannot start: a Secret without a key', async () => {
    await cluster.plane.api.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, {
      metadata: { name: 'empty' },
      stringData: { 'api-key': '' },
    });
    const broken = { ...values, apiKey: { existingSecret: 'empty' } };
    const { kubeconfig, context, folder } = cluster.plane;
    const where = { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder };
    expect(await deployChart(where, 'smollm2', CHART, broken, 15)).toBeDefined();
    const pods = await cluster.plane.api.get<Any>(`/api/v1/namespaces/${NAMESPACE}/pods`);
    const ended = pods.items
      .flatMap((pod: Any) => pod.status.containerStatuses ?? [])
      .map((status: Any) => (status.lastState?.terminated ?? status.state?.terminated)?.message ?? '');
    expect(ended.join('')).toContain('OVK-PRX: the Secret holds no API key');
    const proxy = await serviceProxy(cluster.plane.api, NAMESPACE, WORKLOAD);
    await expect.poll(() => proxy.endpoints().length, { timeout: 30_000 }).toBe(1);
    await ask(proxy.url);
    proxy.close();
  });

  it('passes Pod Security "restricted", but for weights on the disk of a node', async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/enforce-version': 'latest' };
    await cluster.plane.api.create('/api/v1/namespaces', { metadata: { name: 'restricted', labels } });
    await eventually('the service account', async () =>
      cluster.plane.api.get('/api/v1/namespaces/restricted/serviceaccounts/default').catch(() => undefined),
    );
    for (const [index, { title }] of CASES.entries()) {
      const weights = { ...valuesOf(index).weights, files: [{ path: 'model.safetensors', sha256: 'c'.repeat(64) }] };
      const text = await renderChart(await findHelm(), {
        releaseName: 'show',
        namespace: 'restricted',
        values: { ...valuesOf(index), weights },
        kubeVersion: '1.36',
      });
      const objects = parseAllDocuments(text).map((document) => document.toJS() as Any);
      const deployment = objects.find((object) => object?.kind === 'Deployment');
      const test = objects.find((object) => object?.kind === 'Pod');
      for (const { metadata, spec } of [deployment.spec.template, test]) {
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { ...metadata, name: 'trial', namespace: 'restricted' },
          spec: { ...spec, serviceAccountName: 'default' },
        };
        const said = await tryCreate(cluster.plane.api, '/api/v1/namespaces/restricted/pods', pod);
        const onHost = spec.volumes.some((volume: Any) => volume.hostPath);
        if (onHost)
          expect([title, said]).toEqual([
            title,
            expect.stringMatching(
              /violates PodSecurity "restricted:latest": restricted volume types \(volume "weights" uses restricted volume type "hostPath"\)$/,
            ),
          ]);
        else expect([title, said]).toEqual([title, null]);
      }
    }
  });

  it('renders objects that the API server takes, those of other projects as well', async () => {
    for (const definition of customResourceDefinitions()) {
      await cluster.plane.api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition).catch(() => undefined);
    }
    await cluster.plane.api.create('/api/v1/namespaces', { metadata: { name: 'everything' } });
    const open = {
      apiKey: { existingSecret: 'key' },
      networkPolicy: { ingress: [{ name: 'gateway', namespace: 'gateway-system', podLabels: { app: 'envoy' } }] },
      gateway: { enabled: true, name: 'public', hostnames: ['show.example.org'] },
      ingress: {
        enabled: true,
        className: 'alb',
        host: 'show.example.org',
        tlsSecret: 'certificate',
        annotations: { 'alb.ingress.kubernetes.io/scheme': 'internal' },
      },
      extraLabels: { team: 'puppets' },
      extraAnnotations: { 'example.org/note': 'yes' },
      podLabels: { tier: 'gpu' },
      podAnnotations: { 'example.org/pod': 'yes' },
      priorityClassName: '',
    };
    for (const monitor of ['serviceMonitor', 'podMonitor']) {
      const monitoring = {
        [monitor]: { enabled: true },
        rules: { enabled: true, timeToFirstTokenSeconds: 2 },
        dashboard: { enabled: true },
      };
      const text = await renderChart(await findHelm(), {
        releaseName: 'show',
        namespace: 'everything',
        values: { ...valuesOf(1), ...open, monitoring },
        kubeVersion: '1.36',
      });
      const kinds = new Set<string>();
      for (const object of parseAllDocuments(text).map((document) => document.toJS() as Any)) {
        if (!object) continue;
        kinds.add(object.kind);
        // nothing is stored, so that the service account of the chart is not there
        if (object.kind === 'Pod') object.spec.serviceAccountName = 'default';
        const group = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
        const plural = object.kind.endsWith('y')
          ? `${object.kind.slice(0, -1)}ies`
          : object.kind === 'Ingress'
            ? 'ingresses'
            : `${object.kind}s`;
        const path = `${group}/namespaces/everything/${plural.toLowerCase()}?fieldValidation=Strict&dryRun=All`;
        const said = await eventually('a definition', async () => {
          const answer = await cluster.plane.api.create(path, object).then(
            () => 'taken',
            (error: Error) => error.message,
          );
          // a definition is served a moment after it is made
          return answer.includes('could not find the requested resource') || answer.includes('service account') ? undefined : answer;
        });
        expect([object.kind, said]).toEqual([object.kind, 'taken']);
      }
      for (const kind of ['HTTPRoute', 'Ingress', 'PrometheusRule', 'PodDisruptionBudget', 'NetworkPolicy']) expect(kinds).toContain(kind);
    }
  });
});
