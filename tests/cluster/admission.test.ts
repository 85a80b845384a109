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
  let values: ReturnType<typeof admissionValues>;
  const install = async (given: unknown) => {
    const { kubeconfig, context, folder } = cluster.plane;
    const target = { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder };
    return deployChart(target, 'smollm2-admission', fromRoot('charts', 'admission'), given, 30);
  };

  beforeAll(async () => {
    cluster = await startCluster(binary, [], []);
    const release = smolRelease();
    values = admissionValues(release.values, false);
    const manifests = await rendered(release.values, NAMESPACE);
    deployment = parseAllDocuments(manifests)
      .map((document) => document.toJS() as Any)
      .find((object) => object?.kind === 'Deployment');
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
