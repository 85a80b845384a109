import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChartValues } from '../../charts/chart-values';
import { expectedPods } from '../../charts/expected-pods';
import { findHelm } from '../../charts/helm';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { connectCluster } from '../../rollout/connect';
import { rolloutText } from '../../rollout/rollout-text';
import { verifyRollout } from '../../rollout/verify';
import { requireControlPlane, smolRelease, startCluster } from './support';

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
const ENGINE_IMAGE = 'onevision-kit.invalid/host/llama-server';
/** Plays an engine: healthy, crashing or talkative as its environment says. */
const ENGINE = fromRoot('tests', 'cluster', 'fake-engine.mjs');

describe('a rollout that goes wrong, as ovkit verify tells it', async () => {
  const binary = await requireControlPlane('a rollout that goes wrong');
  if (!binary) return;
  let cluster: EmbeddedCluster;
  const { values: judged, plan } = smolRelease();
  // beside the weights: a container sees its own /tmp, so a checkout below /tmp would be out of its sight
  const engineInPod = join(judged.weights.mountPath, judged.weights.folder, 'engine.mjs');
  const model = (text: string): ChartValues => ({
    ...judged,
    engine: { ...judged.engine, command: ['node', engineInPod] },
    weights: { ...judged.weights, files: [{ path: 'model.gguf', sha256: sha256Hex(text) }] },
    startup: { budgetSeconds: 10, periodSeconds: 1, progressDeadlineSeconds: 20 },
  });

  beforeAll(async () => {
    const programs = { node: process.execPath, sh: '/bin/sh' };
    cluster = await startCluster(binary, plannedNodes(NODE, 2), [{ repository: ENGINE_IMAGE, meaning: { kind: 'programs', programs } }]);
    for (const node of ['node-1', 'node-2']) {
      const file = join(cluster.nodes.diskOf(node), judged.weights.mountPath, judged.weights.folder, 'model.gguf');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, 'healthy');
      copyFileSync(ENGINE, join(dirname(file), 'engine.mjs'));
    }
  });
  afterAll(() => cluster.stop());

  const deploy = async (namespace: string, values: unknown, seconds: number) => {
    const { kubeconfig, context, folder } = cluster.plane;
    const target = { helm: await findHelm(), kubeconfig, context, namespace, scratch: folder };
    return deployChart(target, 'smollm2', fromRoot('charts', 'onevision'), values, seconds);
  };
  const verify = (namespace: string, values: ChartValues, timeoutSeconds: number) =>
    verifyRollout({
      cluster: connectCluster({ kubeconfig: cluster.plane.kubeconfig, context: cluster.plane.context }),
      expected: expectedPods(values, plan, namespace),
      smoke: {
        label: 'capital',
        messages: [],
        maxTokens: 4,
        check: (answer) => ({ passed: answer.includes('Paris'), reasons: answer.includes('Paris') ? [] : ['it does not say paris'] }),
        load: { messages: [], maxTokens: 4 },
      },
      timeoutSeconds,
      now: () => new Date(),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
  const withEnv = (values: ChartValues, env: Readonly<Record<string, string>>) => ({ ...values, engine: { ...values.engine, env } });
  const remove = (namespace: string) => cluster.plane.api.remove(`/apis/apps/v1/namespaces/${namespace}/deployments/smollm2-onevision`);

  it('proves one that goes right', async () => {
    const values = model('healthy');
    expect(await deploy('right', values, 60)).toBeUndefined();
    expect(await verify('right', values, 30)).toMatchObject({ state: 'proved', smoke: { answer: 'It is Paris' } });
    await remove('right');
  });

  it('names the file and both hashes when the weights are not those of the verdict', async () => {
    const values = model('judged');
    expect(await deploy('weights', values, 5)).toBeDefined();
    const rollout = await verify('weights', values, 0);
    expect(rollout.state).toBe('failed');
    const text = rolloutText(rollout, { colours: false });
    expect(text).toContain(`model.gguf has the SHA-256 ${sha256Hex('healthy')}; the verdict is about ${sha256Hex('judged')}`);
    expect(text).toContain('put the judged files in place');
    await remove('weights');
  });

  it('shows the last words of an engine that crashes', async () => {
    const values = model('healthy');
    expect(await deploy('crash', withEnv(values, { CRASH: 'CUDA error: out of memory' }), 5)).toBeDefined();
    const rollout = await verify('crash', values, 0);
    expect(rollout.state).toBe('failed');
    expect(rollout.reasons.join('\n')).toMatch(/ended with 5/);
    expect(rollout.reasons.join('\n')).toContain('CUDA error: out of memory');
    await remove('crash');
  });

  it('does not let an engine pass that is healthy and answers garbage', async () => {
    const values = model('healthy');
    expect(await deploy('garbage', withEnv(values, { ANSWER: '!!!!' }), 60)).toBeUndefined();
    expect(await verify('garbage', values, 30)).toMatchObject({ state: 'differs', smoke: { passed: false, answer: '!!!!' } });
    await remove('garbage');
  });

  it('says that no node has room', async () => {
    const values = model('healthy');
    const large = { ...values, resources: { requests: { cpu: '64', memory: '1Gi' }, limits: { memory: '1Gi' } } };
    expect(await deploy('room', large, 3)).toBeDefined();
    expect((await verify('room', values, 0)).reasons.join('\n')).toContain('Insufficient cpu');
    await remove('room');
  });

  it('finds what somebody changed behind the back of Terraform', async () => {
    const values = model('healthy');
    expect(await deploy('drift', values, 60)).toBeUndefined();
    const path = '/apis/apps/v1/namespaces/drift/deployments/smollm2-onevision';
    const patch = {
      spec: { template: { spec: { containers: [{ name: 'engine', args: ['--host', '0.0.0.0', '--port', '8080', '-c', '64'] }] } } },
    };
    await cluster.plane.api.patch(path, patch, 'strategic');
    const rollout = await verify('drift', values, 40);
    expect(rollout.findings.map(({ rule }) => rule)).toContain('OVK-RUN-003');
    expect(rollout.state).toBe('differs');
    await remove('drift');
  });
});
