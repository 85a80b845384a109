import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChartValues } from '../../charts/chart-values';
import { expectedPods } from '../../charts/expected-pods';
import { findHelm } from '../../charts/helm';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { nodeProgram } from '../../rehearsal/cluster/node-programs';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { connectCluster } from '../../rollout/connect';
import { rolloutText } from '../../rollout/rollout-text';
import { verifyRollout } from '../../rollout/verify';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { ensureSmolLm2Gguf } from '../../runtime/llama-server';
import { requireControlPlane, smolRelease, startCluster } from './support';

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
const ENGINE_IMAGE = 'onevision-kit.invalid/host/llama-server';
/** Plays an engine: healthy, crashing or talkative as its environment says. */
const ENGINE = fromRoot('tests', 'cluster', 'fake-engine.mjs');

describe('a rollout that goes wrong, as ovkit verify tells it', async () => {
  const binary = await requireControlPlane('a rollout that goes wrong');
  const nginx = await findDebianProgram('nginx');
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
    const player = join(mkdtempSync(join(tmpdir(), 'ovkit-player-')), 'llama-server');
    writeFileSync(player, `#!/bin/sh\nexec '${process.execPath}' '${ENGINE}' "$@"\n`, { mode: 0o755 });
    const proxy: Record<string, string> = nginx.found ? { nginx: nodeProgram(nginx, 'nginx', dirname(player)) } : {};
    const programs = { node: process.execPath, sh: '/bin/sh', 'llama-server': player, ...proxy };
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

  it('names the quota of the namespace that is used up', async () => {
    const { api } = cluster.plane;
    await api.create('/api/v1/namespaces', { metadata: { name: 'quota' } });
    await api.create('/api/v1/namespaces/quota/resourcequotas', { metadata: { name: 'gpus' }, spec: { hard: { pods: '0' } } });
    const values = model('healthy');
    expect(await deploy('quota', values, 5)).toBeDefined();
    const text = rolloutText(await verify('quota', values, 0), { colours: false });
    expect(text).toContain('exceeded quota: gpus');
    expect(text).toContain('The quota of the namespace is used up');
    await remove('quota');
  });

  it('names the GPU that no node has free', async () => {
    const values = model('healthy');
    expect(await deploy('gpu', { ...values, gpu: { count: 1 } }, 5)).toBeDefined();
    const text = rolloutText(await verify('gpu', values, 0), { colours: false });
    expect(text).toContain('Insufficient nvidia.com/gpu');
    expect(text).toContain('No GPU is free');
    await remove('gpu');
  });

  it('watches for drift by the command line, and ends cleanly with Ctrl-C', async (context) => {
    const gguf = await ensureSmolLm2Gguf({ run: () => Promise.reject(new Error('only the cache is looked at')) }).catch(() => undefined);
    if (!gguf || !nginx.found) return context.skip(`no model file or nginx: ${gguf ?? 'none'}`);
    for (const node of ['node-1', 'node-2']) {
      const file = join(cluster.nodes.diskOf(node), judged.weights.mountPath, judged.weights.folder, judged.weights.file);
      rmSync(file, { force: true });
      symlinkSync(gguf, file);
    }
    // just what the command line expects of the example; a script of ours plays llama-server
    expect(await deploy('watched', smolRelease({ proxy: true }).values, 90)).toBeUndefined();
    const { kubeconfig, context: name, folder, api } = cluster.plane;
    const watch = () => {
      const where = ['--release', 'examples/smollm2-cpu.yaml', '--kubeconfig', kubeconfig, '--context', name, '--namespace', 'watched'];
      const args = ['verify', ...where, '--no-smoke', '--watch', '--every', '1', '--timeout', '30', '--out', join(folder, 'watched')];
      const child = spawn(process.execPath, ['bin/ovkit.cjs', ...args], { cwd: fromRoot(), stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      const listen = (piece: Buffer): void => {
        said += piece.toString();
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      return { child, ended, said: () => said };
    };
    const looks = (text: string) => text.split('looking again').length - 1;

    const interrupted = watch();
    await expect.poll(() => looks(interrupted.said()), { timeout: 60_000 }).toBeGreaterThan(2);
    interrupted.child.kill('SIGINT');
    expect(await interrupted.ended).toBe(130);
    expect(interrupted.said()).not.toMatch(/\n\s+at /);

    const drifting = watch();
    await expect.poll(() => looks(drifting.said()), { timeout: 60_000 }).toBeGreaterThan(1);
    const path = '/apis/apps/v1/namespaces/watched/deployments/smollm2-onevision';
    const patch = { spec: { template: { metadata: { annotations: { 'onevision-kit/model-revision': 'main' } } } } };
    await api.patch(path, patch, 'strategic');
    expect(await drifting.ended).toBe(1);
    expect(drifting.said()).toContain('OVK-RUN-004');
    await remove('watched');
  });
});
