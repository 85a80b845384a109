import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { findHelm, type HelmTool, renderChart } from '../../charts/helm';
import { KUBERNETES_VERSIONS } from '../../charts/kubernetes-schema';
import { validateManifests } from '../../charts/validate-manifests';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { type Prometheus, startPrometheus } from '../../rehearsal/metrics/prometheus';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { valuesOf } from '../charts/fixtures';
import { selectorsOf, serveMetrics } from './metrics-exporter';
import { notRun } from './requirements';

// biome-ignore lint/suspicious/noExplicitAny: rendered YAML, whose shape the tests are about
type Loose = any;

const POD = 'show-onevision-5d4f8b7c9-x2x4z';
const RECORDED = {
  vllm: fromRoot('tests/fixtures/metrics/vllm-0.32.0-after.txt'),
  'llama.cpp': fromRoot('tests/charts/metrics/llama.cpp-v0.5.0-busy.txt'),
} as const;
const SIGNALS = {
  vllm: [{ name: 'waiting', query: 'sum(vllm:num_requests_waiting_by_reason{$PODS,reason="capacity"})', target: 2 }],
  'llama.cpp': [{ name: 'waiting', query: 'sum(llamacpp:requests_deferred{$PODS})', target: 2 }],
} as const;
/** A value that comes into being with the first error; the label itself must be there. */
const LATER = { value: 'status="5xx"', label: 'status=~".+"' } as const;

function everything(kind: 'vllm' | 'llama.cpp') {
  const values = valuesOf(kind === 'vllm' ? 0 : 2);
  return {
    ...values,
    autoscaling: { ...values.autoscaling, mode: 'keda', minReplicas: 2, maxReplicas: 3, signals: SIGNALS[kind] },
    weights: { ...values.weights, volume: { type: 'persistentVolumeClaim', claimName: 'weights' } },
    monitoring: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      rules: { enabled: true, timeToFirstTokenSeconds: 2 },
      dashboard: { enabled: true },
    },
  };
}

describe('alerts and dashboard, by the real Prometheus', async () => {
  const what = 'alerts and dashboard';
  const program = await findDebianProgram('prometheus');
  if (!program.found) return notRun(what, program.why);
  let helm: HelmTool;
  try {
    helm = await findHelm();
  } catch (error) {
    return notRun(what, String(error));
  }
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-monitoring-'));
  const promtool = (args: readonly string[]) =>
    runProcess(program.commands.promtool ?? 'promtool', args, { env: { ...process.env, ...program.env }, cwd: folder });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const objectsOf = async (values: Loose): Promise<Loose[]> => {
    const text = await renderChart(helm, { releaseName: 'show', namespace: 'inference', values, kubeVersion: '1.35.0' });
    for (const version of KUBERNETES_VERSIONS) expect(validateManifests(text, version)).toEqual([]);
    return parseAllDocuments(text).map((document) => document.toJS() as Loose);
  };
  const find = (objects: Loose[], kind: string, end = ''): Loose =>
    objects.find((object) => object?.kind === kind && object.metadata.name.endsWith(end));

  describe.each(['vllm', 'llama.cpp'] as const)('of %s', (kind) => {
    let groups: Loose[];
    let dashboard: Loose;
    let prometheus: Prometheus;
    const exporters: { close(): void }[] = [];
    beforeAll(async () => {
      const objects = await objectsOf(everything(kind));
      groups = find(objects, 'PrometheusRule').spec.groups;
      dashboard = JSON.parse(Object.values<string>(find(objects, 'ConfigMap', '-dashboard').data)[0] ?? '');
      const engine = await serveMetrics(readFileSync(RECORDED[kind], 'utf8'));
      const cluster = await serveMetrics(readFileSync(fromRoot('tests/charts/metrics/cluster.txt'), 'utf8'));
      exporters.push(engine, cluster);
      const job = (job_name: string, address: string, labels: object) => ({
        job_name,
        // as the Prometheus operator does for kube-state-metrics: what the exporter says of a pod stays
        honor_labels: true,
        static_configs: [{ targets: [address], labels }],
      });
      prometheus = await startPrometheus(program, join(folder, kind), [
        job('engine', engine.address, { namespace: 'inference', pod: POD, container: 'proxy' }),
        job('cluster', cluster.address, { namespace: 'monitoring', pod: 'kube-state-metrics' }),
      ]);
      // rates need two scrapes
      const scraped = async () => expect(await prometheus.query('min(count_over_time(up[1m])) >= 3')).toHaveLength(1);
      await vi.waitFor(scraped, { timeout: 30_000, interval: 200 });
    });
    afterAll(async () => {
      await prometheus?.stop();
      for (const exporter of exporters) exporter.close();
    });
    const expressions = () => [
      ...groups.flatMap(({ rules }) => rules.map(({ expr }: Loose) => expr as string)),
      ...dashboard.panels.flatMap(({ targets }: Loose) => targets.map(({ expr }: Loose) => expr as string)),
    ];

    it('asks for series and labels that there are, each of them', async () => {
      expect(expressions().length).toBeGreaterThan(15);
      for (const expression of expressions()) {
        await prometheus.query(expression);
        const selectors = selectorsOf(expression);
        if (!expression.includes('vector(time())')) expect([expression, selectors.length > 0]).toEqual([expression, true]);
        for (const selector of selectors) {
          const there = selector.replace(LATER.value, LATER.label);
          expect([selector, (await prometheus.query(`count(${there})`)).length]).toEqual([selector, 1]);
        }
      }
    });

    it('would be found out: a series or a label that is not there gives nothing', async () => {
      for (const wrong of ['vllm:gpu_cache_usage_perc{pod=~".+"}', `up{model="x",pod="${POD}"}`]) {
        expect(await prometheus.query(`count(${wrong})`)).toEqual([]);
      }
    });

    it('has no series without a choice of pods, and is drawn whole', () => {
      const names = /\b((?:vllm|llamacpp):[a-z_]+|kube_[a-z_]+|http_requests_total|kubelet_[a-z_]+|up)\b(?!\{)/;
      for (const expression of expressions()) expect(expression.replace(/"[^"]*"/g, '')).not.toMatch(names);
      expect(dashboard.panels.map(({ id }: Loose) => id)).toEqual(dashboard.panels.map((_panel: Loose, index: number) => index + 1));
      expect(dashboard.title).toContain(everything(kind).model.id);
    });

    it('passes promtool check rules', async () => {
      writeFileSync(join(folder, 'rules.yml'), stringify({ groups }));
      const { exitCode, output } = await promtool(['check', 'rules', '--lint-fatal', 'rules.yml']);
      expect([exitCode, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
    });

    it('alerts when it should, and is silent when all is well, by promtool test rules', async () => {
      writeFileSync(join(folder, 'rules.yml'), stringify({ groups }));
      writeFileSync(join(folder, 'tests.yml'), stringify(alertTests(kind)));
      const { exitCode, output } = await promtool(['test', 'rules', 'tests.yml']);
      expect([exitCode, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
    });
  });

  it('makes one monitor or the other, each with the port and the path of the metrics', async () => {
    const values = valuesOf(0);
    const service = find(await objectsOf({ ...values, monitoring: { serviceMonitor: { enabled: true } } }), 'ServiceMonitor');
    expect(service.spec.endpoints).toEqual([{ port: 'metrics', path: '/metrics', interval: '15s', scrapeTimeout: '10s' }]);
    const objects = await objectsOf({ ...values, monitoring: { podMonitor: { enabled: true } } });
    const pod = find(objects, 'PodMonitor');
    expect(pod.spec.podMetricsEndpoints[0].port).toBe('metrics');
    const selected = find(objects, 'Service');
    expect(selected.metadata.labels).toMatchObject(service.spec.selector.matchLabels);
    expect(selected.spec.ports.map(({ name }: Loose) => name)).toEqual(['http', 'metrics']);
    const { ingress } = find(objects, 'NetworkPolicy').spec;
    expect(ingress.at(-1)).toMatchObject({
      ports: [{ port: 'metrics' }],
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    });
    const none = await objectsOf(values);
    expect(['ServiceMonitor', 'PodMonitor', 'PrometheusRule'].map((wanted) => find(none, wanted))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

/** One fault at a time over half an hour, with the alert that it must raise; and a quiet half hour that raises none. */
function alertTests(kind: 'vllm' | 'llama.cpp') {
  const pods = `namespace="inference",pod="${POD}"`;
  const waiting =
    kind === 'vllm' ? `vllm:num_requests_waiting_by_reason{${pods},reason="capacity"}` : `llamacpp:requests_deferred{${pods}}`;
  const well: Readonly<Record<string, string>> = {
    [`up{${pods}}`]: '1x60',
    [`up{${pods.replace('x2x4z', 'abcde')}}`]: '1x60',
    [waiting]: '0x60',
    [`kube_pod_container_status_restarts_total{${pods},container="engine"}`]: '2x60',
    [`kube_pod_init_container_status_waiting_reason{${pods},container="weights",reason="CrashLoopBackOff"}`]: '0x60',
    'kube_deployment_status_condition{namespace="inference",deployment="show-onevision",condition="Progressing",status="false"}': '0x60',
    [`kube_pod_status_phase{${pods},phase="Pending"}`]: '0x60',
    [`kube_pod_info{${pods},node="gpu-1"}`]: '1x60',
    'kube_node_status_condition{node="gpu-1",condition="DiskPressure",status="true"}': '0x60',
    'kubelet_volume_stats_available_bytes{namespace="inference",persistentvolumeclaim="weights"}': '5e9x60',
    'kubelet_volume_stats_capacity_bytes{namespace="inference",persistentvolumeclaim="weights"}': '2e10x60',
    ...(kind === 'vllm'
      ? {
          'kube_node_status_allocatable{node="gpu-1",resource="nvidia_com_gpu"}': '4x60',
          [`vllm:kv_cache_usage_perc{${pods}}`]: '0.5x60',
          [`vllm:num_preemptions_total{${pods}}`]: '0x60',
          [`http_requests_total{${pods},status="2xx"}`]: '0+60x60',
          [`http_requests_total{${pods},status="5xx"}`]: '0+1x60',
          [`vllm:time_to_first_token_seconds_bucket{${pods},le="1.0"}`]: '0+60x60',
          [`vllm:time_to_first_token_seconds_bucket{${pods},le="+Inf"}`]: '0+60x60',
        }
      : {}),
  };
  type Fault = readonly [alert: string, series: Readonly<Record<string, string | null>>];
  const both = { [`up{${pods}}`]: '0x60', [`up{${pods.replace('x2x4z', 'abcde')}}`]: '0x60' };
  const faults: readonly Fault[] = [
    ['OnevisionEngineDown', both],
    ['OnevisionEngineDown', { [`up{${pods}}`]: null, [`up{${pods.replace('x2x4z', 'abcde')}}`]: null }],
    ['OnevisionReplicaMissing', { [`up{${pods}}`]: '0x60' }],
    ['OnevisionRestarts', { [`kube_pod_container_status_restarts_total{${pods},container="engine"}`]: '0+1x60' }],
    [
      'OnevisionWeightsFail',
      { [`kube_pod_init_container_status_waiting_reason{${pods},container="weights",reason="CrashLoopBackOff"}`]: '1x60' },
    ],
    [
      'OnevisionRolloutStuck',
      {
        'kube_deployment_status_condition{namespace="inference",deployment="show-onevision",condition="Progressing",status="false"}':
          '1x60',
      },
    ],
    ['OnevisionQueue', { [waiting]: '11x60' }],
    ['OnevisionScalingSignalMissing', { [waiting]: null }],
    ['OnevisionPodPending', { [`kube_pod_status_phase{${pods},phase="Pending"}`]: '1x60' }],
    ['OnevisionDisk', { 'kube_node_status_condition{node="gpu-1",condition="DiskPressure",status="true"}': '1x60' }],
    ['OnevisionVolumeFull', { 'kubelet_volume_stats_available_bytes{namespace="inference",persistentvolumeclaim="weights"}': '5e8x60' }],
    ...(kind === 'vllm'
      ? ([
          ['OnevisionGpuNodeMissing', { 'kube_node_status_allocatable{node="gpu-1",resource="nvidia_com_gpu"}': '0x60' }],
          ['OnevisionGpuNodeMissing', { 'kube_node_status_allocatable{node="gpu-1",resource="nvidia_com_gpu"}': null }],
          ['OnevisionKvCacheFull', { [`vllm:kv_cache_usage_perc{${pods}}`]: '0.99x60' }],
          ['OnevisionPreemptions', { [`vllm:num_preemptions_total{${pods}}`]: '0+1x60' }],
          ['OnevisionErrors', { [`http_requests_total{${pods},status="5xx"}`]: '0+10x60' }],
          [
            'OnevisionTimeToFirstToken',
            {
              [`vllm:time_to_first_token_seconds_bucket{${pods},le="1.0"}`]: '0x60',
              [`vllm:time_to_first_token_seconds_bucket{${pods},le="8.0"}`]: '0+60x60',
            },
          ],
        ] satisfies Fault[])
      : []),
  ];
  const test = (name: string, changes: Readonly<Record<string, string | null>>, alert: string | null) => {
    const series = Object.entries({ ...well, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null);
    const silent = alert === null ? [...new Set(faults.map(([fault]) => fault))] : [];
    return {
      name,
      interval: '1m',
      input_series: series.map(([selector, values]) => ({ series: selector, values })),
      // whether it fires is asked by its own series, so that the wording of annotations is not written twice
      promql_expr_test: [...silent.map((fault) => [fault, 0] as const), ...(alert === null ? [] : [[alert, 1] as const])].map(
        ([fault, count]) => ({
          expr: `count(ALERTS{alertname="${fault}",alertstate="firing"}) or vector(0)`,
          eval_time: '40m',
          exp_samples: [{ labels: '{}', value: count }],
        }),
      ),
    };
  };
  return {
    rule_files: ['rules.yml'],
    evaluation_interval: '1m',
    tests: [test('all is well', {}, null), ...faults.map(([alert, series], index) => test(`${index}: ${alert}`, series, alert))],
  };
}
