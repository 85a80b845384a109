import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { loadCatalog } from '../../catalog/load';
import type { ChartValues } from '../../charts/chart-values';
import { findHelm, type HelmTool, lintChart, renderChart } from '../../charts/helm';
import { DIGEST_REFERENCE, hostPlaceholder, unbuiltPlaceholder } from '../../charts/image-reference';
import { KUBERNETES_VERSIONS, kubernetesSchema } from '../../charts/kubernetes-schema';
import { validateManifests } from '../../charts/validate-manifests';
import { chartValues } from '../../charts/values';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { CASES, makePlan, makeRelease, makeVerdict, UNBUILT, valuesOf } from '../charts/fixtures';
import { notRun } from './requirements';

// biome-ignore lint/suspicious/noExplicitAny: rendered YAML, whose shape the tests are about
type Loose = any;
type Extra = Readonly<Record<string, unknown>>;

let helm: HelmTool;

/** Finds Helm, or says that the tests of the chart did not run on this machine. */
async function requireHelm(what: string): Promise<boolean> {
  try {
    helm ??= await findHelm();
    return true;
  } catch (error) {
    if (!(error instanceof KitError) || error.code !== 'E_HELM_MISSING') throw error;
    notRun(what, error.problems[0]?.message ?? error.message);
    return false;
  }
}

function render(values: ChartValues | Extra, releaseName = 'puppet-show', kubeVersion = '1.35.0'): Promise<string> {
  return renderChart(helm, { releaseName, namespace: 'inference', values, kubeVersion });
}

async function objectsOf(values: ChartValues | Extra, releaseName?: string): Promise<Record<string, Loose>> {
  const documents = parseAllDocuments(await render(values, releaseName)).map((document) => document.toJS() as Loose);
  return Object.fromEntries(documents.filter(Boolean).map((object) => [object.kind, object]));
}

async function engineOf(values: ChartValues | Extra): Promise<Loose> {
  return (await objectsOf(values)).Deployment.spec.template.spec.containers[0];
}

/** The release of the repository and its examples, the one that is refused included. */
const RELEASES = [
  'release.yaml',
  ...readdirSync(fromRoot('examples'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `examples/${name}`),
];

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KitError);
  return (error as KitError).message;
}

/** Signals and bounds with which something scales. */
const SCALED = {
  maxReplicas: 4,
  signals: [
    { name: 'waiting', query: 'sum(a{reason="capacity",$PODS}) or sum(b{$PODS})', target: 2 },
    { name: 'kv-cache', query: 'sum(c{$PODS})', target: 0.8 },
  ],
};

describe('the chart, by the real Helm', async () => {
  if (!(await requireHelm('the chart, by the real Helm'))) return;

  it.each(CASES)('passes helm lint --strict: $title', async ({ release, plan, verdict }) => {
    await lintChart(helm, { namespace: 'inference', values: chartValues(release, plan, verdict), kubeVersion: '1.35.0' });
  });

  it.each(CASES)('renders objects that Kubernetes 1.34 to 1.36 know: $title', async ({ release, plan, verdict }) => {
    for (const version of KUBERNETES_VERSIONS) {
      const text = await render(chartValues(release, plan, verdict), release.metadata.name, kubernetesSchema(version).version);
      expect(validateManifests(text, version)).toEqual([]);
    }
  });

  it.each(RELEASES)('renders the planned release %s of the repository', async (file) => {
    const { release } = loadRelease(fromRoot(file));
    const plan = planRelease(release, loadCatalog(), { file, today: new Date('2026-11-23T00:00:00Z') });
    const values = chartValues(release, plan, makeVerdict('unknown'));
    const text = await render({ ...values, rehearsal: true }, release.metadata.name);
    for (const version of KUBERNETES_VERSIONS) expect(validateManifests(text, version)).toEqual([]);
  });

  it('renders with everything that can be switched on', async () => {
    const all = {
      ...valuesOf(1),
      autoscaling: { ...valuesOf(1).autoscaling, ...SCALED, mode: 'keda' as const, minReplicas: 2, maxReplicas: 3 },
      apiKey: { existingSecret: 'engine-key', key: 'token' },
      priorityClassName: 'serving',
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'vision', effect: 'NoSchedule' }],
      serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/a' } },
      networkPolicy: {
        enabled: true,
        ingress: [{ name: 'gateway', namespace: 'gateway-system', podLabels: { app: 'envoy' } }],
        egress: [{ name: 'pictures', cidr: '203.0.113.0/24', ports: [443] }],
      },
    };
    const text = await render({ ...all, image: { ...all.image, pullSecrets: ['registry'] } });
    for (const version of KUBERNETES_VERSIONS) expect(validateManifests(text, version)).toEqual([]);
    const objects = await objectsOf(all);
    expect(objects.Deployment.spec).not.toHaveProperty('replicas');
    expect(objects.PodDisruptionBudget.spec.maxUnavailable).toBe(1);
    expect(objects.Deployment.spec.template.spec.volumes).toContainEqual({
      name: 'api-key',
      secret: { secretName: 'engine-key', defaultMode: 0o440, items: [{ key: 'token', path: 'api-key' }] },
    });
    expect(objects.NetworkPolicy.spec.ingress[0].from[0]).toEqual({
      podSelector: { matchLabels: { app: 'envoy' } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateway-system' } },
    });
  });

  it('scales by KEDA on the pods of the release, holds when the signals are lost, and leaves the replicas to it', async () => {
    const values = { ...valuesOf(0), autoscaling: { ...valuesOf(0).autoscaling, ...SCALED, mode: 'keda' as const } };
    const objects = await objectsOf(values);
    const { spec } = objects.ScaledObject;
    expect(objects.Deployment.spec).not.toHaveProperty('replicas');
    expect(spec.scaleTargetRef.name).toBe(objects.Deployment.metadata.name);
    expect(spec.fallback).toMatchObject({ behavior: 'currentReplicasIfHigher' });
    const pods = `namespace="${objects.Deployment.metadata.namespace}",pod=~"${objects.Deployment.metadata.name}-[a-z0-9]+-[a-z0-9]+"`;
    expect(spec.triggers[0].metadata).toMatchObject({
      query: `sum(a{reason="capacity",${pods}}) or sum(b{${pods}})`,
      threshold: '2',
      ignoreNullValues: 'false',
    });
    expect(spec.triggers[1].metadata.threshold).toBe('0.8');
    expect(objects).not.toHaveProperty('HorizontalPodAutoscaler');
  });

  it('scales by an HPA on external metrics, and brings the rules that serve them', async () => {
    const values = { ...valuesOf(0), autoscaling: { ...valuesOf(0).autoscaling, ...SCALED, mode: 'hpa' as const } };
    const objects = await objectsOf(values);
    const { spec } = objects.HorizontalPodAutoscaler;
    expect(objects.Deployment.spec).not.toHaveProperty('replicas');
    const documents = parseAllDocuments(await render(values)).map((document) => document.toJS() as Loose);
    const written = documents.find((object) => object?.metadata?.labels?.['onevision-kit/external-metrics'] === 'true');
    const rules = parse(written.data['rules.yaml']).externalRules;
    expect(spec.metrics.map((metric: Loose) => metric.external.metric.name)).toEqual(rules.map((rule: Loose) => rule.name.as));
    expect(rules[0].metricsQuery).toContain('pod=~"');
    expect(objects).not.toHaveProperty('ScaledObject');
  });

  it.each([
    ['to zero', { ...SCALED, minReplicas: 0 }, 'minReplicas'],
    ['without a signal', { ...SCALED, signals: [] }, 'signals'],
    ['below its minimum', { ...SCALED, minReplicas: 5, maxReplicas: 4 }, 'less than minReplicas'],
    ['on the pods of everybody', { ...SCALED, signals: [{ name: 'all', query: 'sum(a)', target: 1 }] }, 'PODS'],
  ])('refuses to scale %s', async (_title, autoscaling, words) => {
    const values = { ...valuesOf(0), autoscaling: { ...valuesOf(0).autoscaling, ...autoscaling, mode: 'keda' as const } };
    expect(await refusal(render(values))).toContain(words);
  });

  it('serves with vLLM what the plan says, and where the chart says', async () => {
    const values = valuesOf(0);
    const engine = await engineOf(values);
    const served = ['--model', `/models/${values.weights.folder}`, '--served-model-name', values.model.id];
    const owned = ['--host', '127.0.0.1', '--port', '8000', ...served, '--allowed-media-domains', 'onevision-kit.invalid'];
    expect(engine.args).toEqual([...owned, ...values.engine.args]);
    expect(engine.command).toEqual(['python3', '-m', 'vllm.entrypoints.openai.api_server']);
    expect(engine.resources.limits).toMatchObject({ 'nvidia.com/gpu': 1 });
    expect(engine.resources.requests).toMatchObject({ 'nvidia.com/gpu': 1 });
    expect(engine.env).toContainEqual({ name: 'HF_HUB_OFFLINE', value: '1' });
    expect(engine.env).toContainEqual({ name: 'TRANSFORMERS_OFFLINE', value: '1' });
  });

  it('serves with llama.cpp the model file and its projector', async () => {
    const values = valuesOf(2);
    const engine = await engineOf(values);
    const folder = `/models/${values.weights.folder}`;
    const served = ['--model', `${folder}/model.gguf`, '--alias', values.model.id, '--mmproj', `${folder}/mmproj.gguf`];
    expect(engine.args).toEqual(['--host', '127.0.0.1', '--port', '8080', ...served, ...values.engine.args]);
    expect(engine.env).toContainEqual({ name: 'LLAMA_ARG_ENDPOINT_METRICS', value: '1' });
    expect(engine.resources.limits).not.toHaveProperty('nvidia.com/gpu');
  });

  it('runs without privilege, without a token, and with nothing of the cluster in its environment', async () => {
    for (const index of CASES.keys()) {
      const { Deployment, ServiceAccount } = await objectsOf(valuesOf(index));
      const pod = Deployment.spec.template.spec;
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.containers[0].securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
      expect([pod.automountServiceAccountToken, ServiceAccount.automountServiceAccountToken, pod.enableServiceLinks]).toEqual([
        false,
        false,
        false,
      ]);
      expect(pod.containers[0].volumeMounts).toContainEqual(expect.objectContaining({ name: 'weights', readOnly: true }));
    }
  });

  it('gives vLLM shared memory that is no file, and llama.cpp none', async () => {
    const volumes = async (index: number) => (await objectsOf(valuesOf(index))).Deployment.spec.template.spec.volumes;
    expect(await volumes(0)).toContainEqual({ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '2048Mi' } });
    expect((await volumes(2)).map((volume: Loose) => volume.name)).not.toContain('shm');
  });

  it('waits for the engine as long as the budget says, and lets answers finish', async () => {
    const values = valuesOf(0);
    const { Deployment } = await objectsOf({ ...values, startup: { ...values.startup, budgetSeconds: 845 } });
    const pod = Deployment.spec.template.spec;
    const { startupProbe, lifecycle } = pod.containers[0];
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(850);
    expect(Deployment.spec.progressDeadlineSeconds).toBeGreaterThan(850);
    expect(lifecycle.preStop.exec.command).toEqual(['/bin/sh', '/opt/onevision-kit/proxy/drain.sh']);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(pod.containers[1].lifecycle.preStop.sleep.seconds);
  });

  it('makes a PodDisruptionBudget for more than one replica only', async () => {
    const kinds = async (index: number) => Object.keys(await objectsOf(valuesOf(index)));
    expect(await kinds(0)).not.toContain('PodDisruptionBudget');
    expect(await kinds(1)).toContain('PodDisruptionBudget');
  });

  it('denies all traffic that is not named', async () => {
    const { NetworkPolicy, Deployment } = await objectsOf(valuesOf(0));
    expect(NetworkPolicy.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [] });
    expect(NetworkPolicy.spec.ingress.map(({ from }: Loose) => from[0].podSelector.matchLabels)).toEqual([
      { 'app.kubernetes.io/name': 'onevision-test', 'app.kubernetes.io/instance': 'puppet-show' },
    ]);
    expect(Deployment.spec.template.metadata.labels).toMatchObject(NetworkPolicy.spec.podSelector.matchLabels);
  });

  it('says on the Deployment what was judged and on the pods what they serve', async () => {
    const values = valuesOf(0);
    const { Deployment } = await objectsOf(values);
    expect(Deployment.metadata.annotations['onevision-kit/verdict-digest']).toBe(values.verdict.digest);
    const pods = Deployment.spec.template.metadata;
    expect(pods.annotations['onevision-kit/model-revision']).toBe(values.model.revision);
    expect(pods.labels['llm-d.ai/model']).toBe('LLaVA-OneVision-1.5-4B-Instruct');
    expect(Deployment.metadata.annotations['onevision-kit/rollout']).toBe(values.rollout.reason);
  });

  it('does not restart pods for a new verdict on the same release', async () => {
    const values = valuesOf(0);
    const again = { ...values, verdict: { ...values.verdict, digest: `sha256:${'0d'.repeat(32)}`, expires: '2027-01-31T00:00:00Z' } };
    const [before, after] = [await objectsOf(values), await objectsOf(again)];
    expect(after.Deployment.metadata).not.toEqual(before.Deployment.metadata);
    expect(after.Deployment.spec).toEqual(before.Deployment.spec);
  });

  it('makes label values of any text', async () => {
    const { Deployment } = await objectsOf(valuesOf(1));
    for (const value of Object.values(Deployment.spec.template.metadata.labels)) {
      expect(value).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
    }
    expect(Deployment.metadata.annotations['onevision-kit/owner']).toBe('Arbeitsgruppe „Puppen“, BBS Süd');
  });

  it('keeps names to 63 characters, without a dash at the end', async () => {
    const long = `${'a'.repeat(50)}-bc`;
    const { Deployment, Service } = await objectsOf({ ...valuesOf(0), nameOverride: 'x-234567890-1234567890' }, long);
    for (const name of [Deployment.metadata.name, Service.metadata.name]) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  it('names the placeholder of a binary on the nodes and of an unbuilt image as the code does', async () => {
    expect((await engineOf(valuesOf(3))).image).toBe(hostPlaceholder('llama-server'));
    expect((await engineOf(valuesOf(4))).image).toBe(unbuiltPlaceholder('puppet-show'));
    expect((await engineOf(valuesOf(3))).command).toEqual(['llama-server']);
    expect(hostPlaceholder('llama-server')).toMatch(DIGEST_REFERENCE);
  });

  it('takes weights from an existing claim, read-only', async () => {
    const values = valuesOf(0);
    const volume = { type: 'persistentVolumeClaim', claimName: 'weights' };
    const { Deployment } = await objectsOf({ ...values, weights: { ...values.weights, volume } });
    expect(Deployment.spec.template.spec.volumes).toContainEqual({
      name: 'weights',
      persistentVolumeClaim: { claimName: 'weights', readOnly: true },
    });
  });

  it('allows just the named domains when images may be fetched', async () => {
    const values = valuesOf(0);
    const egress = [{ name: 'pictures', cidr: '203.0.113.0/24', ports: [443] }];
    const engine = await engineOf({
      ...values,
      engine: { ...values.engine, allowedMediaDomains: ['pictures.example.org'] },
      networkPolicy: { egress },
    });
    expect(engine.args.slice(8, 10)).toEqual(['--allowed-media-domains', 'pictures.example.org']);
  });

  it('reaches DNS, its cache on the node, and the agent of Pod Identity in both families of addresses, and nothing else', async () => {
    const values = valuesOf(0);
    const source = { url: 's3://weights/show', region: 'us-east-1' };
    const egress = [{ name: 'bucket', cidr: '203.0.113.0/24', ports: [443] }];
    const { NetworkPolicy } = await objectsOf({
      ...values,
      weights: { ...values.weights, files: [{ path: 'model.safetensors', sha256: '0'.repeat(64) }], source },
      networkPolicy: { egress },
    });
    const [dns, ...others] = NetworkPolicy.spec.egress;
    expect(dns.to.map((to: Loose) => to.ipBlock?.cidr ?? to.podSelector.matchLabels)).toEqual([
      { 'k8s-app': 'kube-dns' },
      '169.254.20.10/32',
    ]);
    expect(
      others.map(({ to, ports }: Loose) => [to.map((block: Loose) => block.ipBlock.cidr), ports.map(({ port }: Loose) => port)]),
    ).toEqual([
      [['169.254.170.23/32', 'fd00:ec2::23/128'], [80]],
      [['203.0.113.0/24'], [443]],
    ]);
  });
});

describe('the chart refuses', async () => {
  if (!(await requireHelm('the chart refuses'))) return;

  it('an image that is not built, unless it is a rehearsal', async () => {
    const values = chartValues(makeRelease({ image: UNBUILT }), makePlan(), makeVerdict('unknown'));
    expect(await refusal(render(values))).toContain('image.state is "unbuilt"');
    expect(await refusal(render({ ...valuesOf(3), rehearsal: false }))).toContain('image.state is "host"');
  });

  it('a misspelt key, a wrong type and a tag, by its schema', async () => {
    const values = valuesOf(0);
    expect(await refusal(render({ ...values, replica: 2 }))).toContain('replica');
    expect(await refusal(render({ ...values, replicas: 'two' }))).toContain('replicas');
    expect(await refusal(render({ ...values, image: { ...values.image, digest: 'latest' } }))).toContain('digest');
    expect(await refusal(lintChart(helm, { namespace: 'n', values: { ...values, gpus: 1 }, kubeVersion: '1.35.0' }))).toContain('gpus');
  });

  it('what no schema can say', async () => {
    const values = valuesOf(0);
    const nothing = { ...values, image: { ...values.image, digest: `sha256:${'0'.repeat(64)}` } };
    expect(await refusal(render(nothing))).toContain('digest of nothing');
    expect(await refusal(render({ ...values, shutdown: { preStopSleepSeconds: 60, graceSeconds: 30 } }))).toContain('graceSeconds');
    expect(await refusal(render({ ...values, startup: { budgetSeconds: 900, progressDeadlineSeconds: 600 } }))).toContain(
      'progressDeadline',
    );
    expect(await refusal(render({ ...values, engine: { ...values.engine, env: { HF_HUB_OFFLINE: '0' } } }))).toContain('HF_HUB_OFFLINE');
  });

  it('a tag also when the schema is not looked at', async () => {
    const values = valuesOf(0);
    const input = JSON.stringify({ ...values, image: { ...values.image, digest: 'v1' } });
    const args = ['template', 'a', fromRoot('charts/onevision'), '--kube-version', '1.35.0', '--values', '-'];
    const flags = (await runProcess(helm.path, ['template', '--help'], { timeoutMs: 20_000 })).stdout;
    if (flags.includes('--skip-schema-validation')) args.push('--skip-schema-validation');
    const result = await runProcess(helm.path, args, { input, timeoutMs: 20_000 });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('digest');
  });

  it('a cluster that is too old', async () => {
    expect(await refusal(render(valuesOf(0), 'puppet-show', '1.33.0'))).toContain('1.33');
  });

  it('its own defaults, since they say nothing of what is to run', async () => {
    const defaults = parse(readFileSync(fromRoot('charts/onevision/values.yaml'), 'utf8')) as Extra;
    expect(await refusal(render(defaults))).toContain('release');
  });

  it('in words that name the code and the next step', async () => {
    const message = await refusal(render({ ...valuesOf(0), replica: 2 }));
    expect(message).toMatch(/^E_CHART_RENDER: the chart does not render: .*Next: /s);
  });
});

describe('validateManifests on the rendered chart', async () => {
  if (!(await requireHelm('validateManifests on the rendered chart'))) return;

  it('finds a mistake that is planted into it', async () => {
    const text = await render(valuesOf(0));
    const planted: readonly [string, string, string][] = [
      ['livenessProbe:', 'livenesProbe:', 'E_MANIFEST_FIELD'],
      ['containerPort: 8090', 'containerPort: "8090"', 'E_MANIFEST_TYPE'],
      [stringify({ maxUnavailable: 1 }).trim(), 'maxUnavailable: 0', 'E_MANIFEST_ROLLOUT'],
      ['@sha256:', ':v1@sha255:', 'E_MANIFEST_IMAGE_DIGEST'],
    ];
    for (const [good, bad, code] of planted) {
      expect(text).toContain(good);
      expect(validateManifests(text.replace(good, bad), '1.35').map((problem) => problem.code)).toContain(code);
    }
  });
});
