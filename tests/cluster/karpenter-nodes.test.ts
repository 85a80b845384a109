import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customResourceDefinitions } from '../../charts/custom-resources';
import { findHelm } from '../../charts/helm';
import { type KarpenterPlace, karpenterValues } from '../../charts/karpenter-values';
import { fromRoot } from '../../core/project-root';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { ApiError } from '../../rehearsal/control-plane/api-client';
import { makePlan, makeRelease } from '../charts/fixtures';
import { KARPENTER_PLACE } from '../karpenter-place';
import { eventually, requireControlPlane, startCluster } from './support';

const POOLS = '/apis/karpenter.sh/v1/nodepools';
const CLASSES = '/apis/karpenter.k8s.aws/v1/ec2nodeclasses';
// biome-ignore lint/suspicious/noExplicitAny: objects of the API, whose shape the tests are about
type Any = any;

describe("the nodes of Karpenter, judged by the API server with Karpenter's own rules", async () => {
  const binary = await requireControlPlane('the nodes of Karpenter on a real API server');
  if (!binary) return;
  let cluster: EmbeddedCluster;

  const install = async (placement: object = {}, place: Partial<KarpenterPlace> = {}, change: object = {}) => {
    const { kubeconfig, context, folder } = cluster.plane;
    const plan = makePlan();
    const values = karpenterValues(
      makeRelease(),
      { ...plan, placement: { ...plan.placement, ...placement } },
      { ...KARPENTER_PLACE, ...place },
    );
    const target = { helm: await findHelm(), kubeconfig, context, namespace: 'kube-system', scratch: folder };
    return deployChart(target, 'show-nodes', fromRoot('charts', 'karpenter-nodes'), { ...values, ...change }, 60);
  };

  beforeAll(async () => {
    cluster = await startCluster(binary, [], []);
    const { api } = cluster.plane;
    for (const definition of customResourceDefinitions().filter(({ spec }) => spec.group.includes('karpenter'))) {
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      await api.create(path, definition).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
      });
    }
    for (const path of [POOLS, CLASSES]) await eventually(`${path} to be served`, () => api.get(path).catch(() => undefined));
  });
  afterAll(() => cluster.stop());

  it('are taken, one pool and its class, and nothing of them is dropped', async () => {
    expect(await install()).toBeUndefined();
    const { api } = cluster.plane;
    const pool = await api.get<Any>(`${POOLS}/puppet-show-production`);
    expect(pool.spec.template.spec.requirements).toHaveLength(4);
    expect(pool.spec.disruption.consolidationPolicy).toBe('WhenEmpty');
    const nodeClass = await api.get<Any>(`${CLASSES}/puppet-show-production`);
    expect(nodeClass.spec).toMatchObject({ instanceStorePolicy: 'RAID0', instanceProfile: 'show-node' });
  });

  it('are taken with every kind of capacity, on a CPU as well', async () => {
    expect(await install({ capacity: 'spot', fallback: { capacity: 'on-demand', quota: null } })).toBeUndefined();
    expect(await install({}, { capacityReservation: 'cr-0123456789abcdef0' })).toBeUndefined();
    expect(await install({ capacity: 'reserved' })).toBeUndefined();
    expect(
      await install({ device: 'cpu', gpu: null, gpuCount: 0, instanceType: 'c8g.4xlarge', vcpu: 16 }, { architecture: 'arm64' }),
    ).toBeUndefined();
  });

  it("are refused by Karpenter's rules where they would never work: a tag of its own, a label of its own", async () => {
    expect(await install({}, {}, { tags: { 'karpenter.sh/nodepool': 'mine' } })).toContain('restricted tag');
    expect(await install({}, {}, { labels: { 'karpenter.sh/nodepool': 'mine' } })).toContain('restricted');
  });
});
