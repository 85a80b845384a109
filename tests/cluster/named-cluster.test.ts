import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHelm } from '../../charts/helm';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { KEEPER } from '../../rehearsal/cluster/keeper';
import { tryOnNamedCluster } from '../../rehearsal/cluster/named-cluster';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import type { Walk } from '../../rehearsal/stage';
import { clusterStage } from '../../rehearsal/stages/cluster';
import { loadRelease } from '../../release/load';
import { requireControlPlane, smolRelease, startCluster } from './support';

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
const PREFIX = 'ovkit-rehearsal-';

describe('a cluster that the user names', async () => {
  const binary = await requireControlPlane('a cluster that the user names');
  if (!binary) return;
  let cluster: EmbeddedCluster;
  const { values, plan } = smolRelease();
  beforeAll(async () => {
    cluster = await startCluster(binary, plannedNodes(NODE, 1), []);
  });
  afterAll(() => cluster.stop());

  const rehearse = async (over: { values?: typeof values; confirmed?: string; signal?: AbortSignal } = {}) => {
    const { kubeconfig, context } = cluster.plane;
    return tryOnNamedCluster({
      cluster: { kubeconfig, context, confirmed: over.confirmed },
      helm: await findHelm(),
      values: over.values ?? values,
      plan,
      now: () => new Date(),
      signal: over.signal ?? new AbortController().signal,
      onProgress: () => undefined,
    });
  };
  const leftovers = async () => {
    const { api } = cluster.plane;
    type Named = { items: { metadata: { name: string; deletionTimestamp?: string } }[] };
    const namespaces = await api.get<Named>('/api/v1/namespaces');
    const policies = await api.get<Named>('/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies');
    return [
      ...namespaces.items.filter(({ metadata }) => metadata.name.startsWith(PREFIX) && !metadata.deletionTimestamp),
      ...policies.items.filter(({ metadata }) => metadata.name !== KEEPER),
    ].map(({ metadata }) => metadata.name);
  };

  it('takes every object of the release, refuses each change, and is left as it was', async () => {
    const trial = await rehearse();
    expect(trial).toMatchObject({ refused: null, rollout: null, version: expect.stringContaining('v1.36') });
    expect(trial.namespace.startsWith(PREFIX)).toBe(true);
    expect(trial.refusals.length).toBeGreaterThan(3);
    for (const { message } of trial.refusals) expect(message).toContain('OVK-ADM-');
    expect(await leftovers()).toEqual([]);
  });

  it('refuses a release whose verdict is not allowed, and is left as it was', async () => {
    const trial = await rehearse({ values: { ...values, verdict: { ...values.verdict, state: 'unknown' } } });
    expect(trial.refused).toContain('OVK-ADM-001');
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['allowed', 'took every object of the release, without a pod'],
    ['unknown', 'refuses the release, whose verdict is unknown'],
  ] as const)('is what the cluster stage of a rehearsal uses: a verdict that is %s', async (state, words) => {
    const { kubeconfig, context } = cluster.plane;
    const { verdict } = smolRelease();
    const walk: Walk = {
      column: { id: 'own', title: '', release: 'examples/smollm2-cpu.yaml', environment: null, expected: null },
      outDir: cluster.plane.folder,
      synthDir: cluster.plane.folder,
      now: new Date(),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      cluster: 'auto',
      namedCluster: { kubeconfig, context },
      seen: {},
      loaded: loadRelease('examples/smollm2-cpu.yaml'),
      plan,
      verdict: { ...verdict, state },
    };
    expect(clusterStage.applies?.(walk)).toBe(true);
    expect(await clusterStage.run(walk)).toMatchObject({ state: 'passed', detail: expect.stringContaining(words) });
    expect(await leftovers()).toEqual([]);
  });

  it('is left as it was when the rehearsal is broken off', async () => {
    const abort = new AbortController();
    const running = rehearse({ signal: abort.signal });
    await expect.poll(leftovers, { timeout: 30_000 }).not.toEqual([]);
    abort.abort(new Error('Ctrl-C'));
    await expect(running).rejects.toThrow('Ctrl-C');
    expect(await leftovers()).toEqual([]);
  });

  it('is not touched when it looks like production, unless its name is repeated', async () => {
    const { api } = cluster.plane;
    await api.create('/api/v1/namespaces', { metadata: { name: 'shop-production' } });
    await expect(rehearse()).rejects.toThrow(/E_CLUSTER_PRODUCTION.*shop-production.*--confirm-context/);
    await expect(rehearse({ confirmed: 'another' })).rejects.toThrow('E_CLUSTER_PRODUCTION');
    expect(await leftovers()).toEqual([]);
    expect(await rehearse({ confirmed: cluster.plane.context })).toMatchObject({ refused: null });
  });
});
