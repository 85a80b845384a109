import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../rehearsal/control-plane/ports';
import { ConfigProblem, environmentOf, expand, type Sources } from '../../rehearsal/nodes/environment';
import { imageIdOf, meaningOf } from '../../rehearsal/nodes/images';
import { layOutVolumes, pathTranslator } from '../../rehearsal/nodes/mounts';
import { podNetwork, realAddress } from '../../rehearsal/nodes/network';
import { nodeStatus, plannedNodes } from '../../rehearsal/nodes/node-object';
import type { Container, Pod } from '../../rehearsal/nodes/pod-types';
import { memoryBytes } from '../../rehearsal/nodes/quantity';

const scratch = mkdtempSync(join(tmpdir(), 'ovkit-nodes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const sources: Sources = {
  configMap: async (name) => (name === 'map' ? { a: '1', b: '2' } : undefined),
  secret: async (name) => (name === 'keys' ? { key: 'hush' } : undefined),
};
const podWith = (container: Partial<Container>, volumes: Pod['spec']['volumes'] = []): Pod => ({
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'i', ...container }], volumes },
});
const environment = (container: Partial<Container>) =>
  environmentOf(podWith(container), { name: 'c', image: 'i', ...container }, '10.1.2.3', sources);

describe('planned nodes', () => {
  it('leave what Karpenter says that a g6.xlarge leaves, with its label, taint and GPU', () => {
    const placement = {
      instanceType: 'g6.xlarge',
      region: 'us-east-1',
      device: 'gpu',
      gpu: 'L4',
      gpuCount: 1,
      vcpu: 4,
      memoryGib: 16,
    } as const;
    const [first, second] = plannedNodes(placement, 2);
    expect(first?.labels).toMatchObject({ 'node.kubernetes.io/instance-type': 'g6.xlarge', 'topology.kubernetes.io/zone': 'us-east-1a' });
    expect(second?.labels['topology.kubernetes.io/zone']).toBe('us-east-1b');
    expect(first?.taints).toEqual([{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }]);
    const status = nodeStatus(first as never, '10.0.0.1', 1, new Date(0));
    expect(status.allocatable).toMatchObject({ memory: '14162Mi', cpu: '3920m', 'nvidia.com/gpu': '1' });
  });

  it('of an existing cluster have what the release says', () => {
    const placement = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;
    expect(plannedNodes(placement, 1)).toMatchObject([{ taints: [], allocatable: { milliCpu: 2000, memoryMib: 4096 } }]);
  });
});

describe('the environment of a container', () => {
  it('takes values from maps, secrets and fields, and expands what came before', async () => {
    const env = [
      { name: 'A', value: 'x' },
      { name: 'B', value: '$(A)/$(b)/$(C)/$$(A)' },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ];
    expect(await environment({ env, envFrom: [{ configMapRef: { name: 'map' } }] })).toEqual({
      a: '1',
      b: '2',
      A: 'x',
      B: 'x/2/$(C)/$(A)',
      KEY: 'hush',
      IP: '10.1.2.3',
    });
    expect(expand('$(NO)', {})).toBe('$(NO)');
  });

  it('names what is missing, and passes over what may be', async () => {
    await expect(environment({ envFrom: [{ secretRef: { name: 'gone' } }] })).rejects.toThrow('secret "gone" not found');
    const key = (optional: boolean) => [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'map', key: 'z', optional } } }];
    await expect(environment({ env: key(false) })).rejects.toThrow(ConfigProblem);
    expect(await environment({ env: key(true) })).toEqual({});
  });
});

describe('volumes', () => {
  it('are folders below the node, and the paths of the container are translated', async () => {
    const pod = podWith(
      {
        volumeMounts: [
          { name: 'models', mountPath: '/models', subPath: 'show' },
          { name: 'conf', mountPath: '/models/conf' },
        ],
      },
      [
        { name: 'models', hostPath: { path: '/data', type: 'Directory' } },
        { name: 'conf', configMap: { name: 'map' } },
      ],
    );
    const root = join(scratch, 'node');
    await expect(layOutVolumes(pod, join(scratch, 'pod'), root, sources)).rejects.toThrow('/data is not a directory');
    mkdirSync(join(root, 'data', 'show'), { recursive: true });
    writeFileSync(join(root, 'data', 'show', 'w'), 'weights');
    const volumes = await layOutVolumes(pod, join(scratch, 'pod'), root, sources);
    const translate = pathTranslator(pod.spec.containers[0] as Container, volumes);
    expect(readFileSync(translate('/models/w'), 'utf8')).toBe('weights');
    expect(readFileSync(translate('/models/conf/a'), 'utf8')).toBe('1');
    expect(translate('--model=/models/w')).toBe(`--model=${join(root, 'data', 'show', 'w')}`);
    expect(translate('/modelsandmore')).toBe('/modelsandmore');
    expect(translate('lmms-lab/models')).toBe('lmms-lab/models');
  });
});

describe('small parts', () => {
  it('an image means what its repository says, and nothing by default', () => {
    const rules = [{ repository: 'a.example/x', meaning: { kind: 'status-only' } as const }];
    expect(meaningOf(`a.example/x:v1@sha256:${'0'.repeat(64)}`, rules).kind).toBe('status-only');
    expect(meaningOf('a.example/xy', rules).kind).toBe('missing');
    expect(imageIdOf('a.example:5000/x:v1@sha256:1')).toBe('a.example:5000/x@sha256:1');
    expect(imageIdOf('a.example/x:v1')).toBe('');
  });

  it('quantities are bytes', () => {
    expect(memoryBytes('4096Mi')).toBe(2 ** 32);
    expect(memoryBytes('1.5G')).toBe(1.5e9);
    expect(memoryBytes('two')).toBeUndefined();
  });

  it('addresses of pods differ, lie behind loopback ones, and come back', () => {
    const network = podNetwork(() => 0);
    const all = Array.from({ length: 250 }, () => network.allocate());
    expect(new Set(all).size).toBe(250);
    expect(realAddress('10.128.0.7')).toBe('127.128.0.7');
    expect(() => network.allocate()).toThrow('no address');
    network.release('10.128.0.7');
    expect(network.allocate()).toBe('10.128.0.7');
  });

  it('free ports differ', async () => {
    const ports = await freePorts(8);
    expect(new Set(ports).size).toBe(8);
  });
});
