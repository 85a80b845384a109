import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { karpenterValues } from '../../charts/karpenter-values';
import { validateManifests } from '../../charts/validate-manifests';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { makePlan, makeRelease } from '../charts/fixtures';
import { KARPENTER_PLACE } from '../karpenter-place';
import { requireHelm } from './requirements';

// biome-ignore lint/suspicious/noExplicitAny: rendered YAML, whose shape the tests are about
type Loose = any;

const CASES: readonly (readonly [string, object, object])[] = [
  ['one GPU, on demand', {}, {}],
  ['spot with its fallback', { capacity: 'spot', fallback: { capacity: 'on-demand', quota: null } }, {}],
  ['a named reservation', {}, { capacityReservation: 'cr-0123456789abcdef0' }],
  ['any open reservation', { capacity: 'reserved' }, {}],
  [
    'CPU on Arm',
    { device: 'cpu', gpu: null, gpuCount: 0, instanceType: 'c8g.4xlarge', localNvmeGb: 0, vcpu: 16 },
    { architecture: 'arm64' },
  ],
];

describe('the chart of Karpenter nodes', async () => {
  const helm = await requireHelm('the chart of Karpenter nodes');
  if (!helm) return;
  const chart = fromRoot('charts', 'karpenter-nodes');
  const run = (args: readonly string[], values: unknown) =>
    runProcess(helm.path, [args[0] ?? '', ...(args[0] === 'template' ? ['show-nodes'] : []), chart, ...args.slice(1), '--values', '-'], {
      input: JSON.stringify(values),
    });
  const valuesOf = (placement: object, place: object) => {
    const plan = makePlan();
    return karpenterValues(makeRelease(), { ...plan, placement: { ...plan.placement, ...placement } }, { ...KARPENTER_PLACE, ...place });
  };
  const render = async (values: unknown) => {
    const { exitCode, stdout, stderr } = await run(['template'], values);
    if (exitCode !== 0) throw new Error(stderr);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as Loose);
    return { text: stdout, ...Object.fromEntries(objects.filter(Boolean).map((object) => [object.kind, object])) } as Loose;
  };

  it.each(CASES)("passes helm lint and Karpenter's own definitions: %s", async (_, placement, place) => {
    const values = valuesOf(placement, place);
    expect((await run(['lint', '--strict'], values)).exitCode).toBe(0);
    expect(validateManifests((await render(values)).text, '1.35')).toEqual([]);
  });

  it('keeps to what a slow load needs: only empty nodes go, late, one at a time, and none lives for ever', async () => {
    const { NodePool, EC2NodeClass } = await render(valuesOf({}, {}));
    expect(NodePool.spec.disruption).toEqual({
      consolidationPolicy: 'WhenEmpty',
      consolidateAfter: expect.stringMatching(/^\d{3,}s$/),
      budgets: [{ nodes: '1' }],
    });
    expect(NodePool.spec.template.spec).toMatchObject({
      expireAfter: '720h',
      terminationGracePeriod: '1h',
      taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
      nodeClassRef: { name: EC2NodeClass.metadata.name },
    });
    expect(NodePool.spec.limits).toEqual({ cpu: '8', 'nvidia.com/gpu': '2' });
  });

  it('starts nodes from a pinned image, with IMDSv2, local disks, an encrypted volume and the tags', async () => {
    const { spec } = (await render(valuesOf({}, {}))).EC2NodeClass;
    expect(spec).toMatchObject({
      amiSelectorTerms: [{ alias: 'al2023@v20260903' }],
      instanceStorePolicy: 'RAID0',
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [{ deviceName: '/dev/xvda', rootVolume: true, ebs: { encrypted: true, volumeSize: '60Gi', volumeType: 'gp3' } }],
      subnetSelectorTerms: [{ id: 'subnet-0a' }, { id: 'subnet-0b' }],
      tags: { Release: 'puppet-show' },
    });
  });

  it('uses the reservation that is named, else those that are open', async () => {
    const terms = async (placement: object, place: object) =>
      (await render(valuesOf(placement, place))).EC2NodeClass.spec.capacityReservationSelectorTerms;
    expect(await terms({}, { capacityReservation: 'cr-0123456789abcdef0' })).toEqual([{ id: 'cr-0123456789abcdef0' }]);
    expect(await terms({ capacity: 'reserved' }, {})).toEqual([{ instanceMatchCriteria: 'open' }]);
    expect(await terms({}, {})).toBeUndefined();
  });

  it.each([
    ['an image that moves', { ami: 'al2023@latest' }],
    ['no subnet', { subnetIds: [] }],
    ['a capacity that does not exist', { capacityTypes: ['cheap'] }],
    ['an unknown key', { nodes: 3 }],
  ])('refuses %s', async (_, change) => {
    expect((await run(['template'], { ...valuesOf({}, {}), ...change })).exitCode).not.toBe(0);
  });
});
