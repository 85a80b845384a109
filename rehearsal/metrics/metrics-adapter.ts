import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import type { ApiClient } from '../control-plane/api-client';
import { realAddress } from '../nodes/network';
import {
  EXTERNAL_METRICS_GROUP,
  EXTERNAL_METRICS_VERSION,
  registerExternalMetrics,
  unregisterExternalMetrics,
} from './external-metrics-api';
import type { Prometheus } from './prometheus';

/** What the stand-in does not show. */
export const ADAPTER_NOT_PROVED =
  'The external-metrics API is a stand-in: it asks a real Prometheus what the chart says, but it is neither KEDA nor prometheus-adapter.';

/** Stands in for prometheus-adapter (and for the adapter of KEDA): the API group external.metrics.k8s.io behind a real APIService. */
export interface MetricsAdapter {
  /** Every question of the autoscaler so far: metric and what it was told; null where there was no answer. */
  readonly answers: readonly { readonly metric: string; readonly value: number | null }[];
  stop(): Promise<void>;
}

/** Shown to the API, which takes no loopback address; behind it is 127.254.254.1. */
const ADDRESS = '10.254.254.1';
const RULES_LABEL = 'onevision-kit/external-metrics=true';

/**
 * Serves the metrics whose rules the chart wrote into ConfigMaps. A query that gives nothing, or more than one series, is an error, as it is
 * for the real adapters; then the autoscaler holds.
 * @param tls  files of any certificate: the APIService does not check it
 */
export async function startMetricsAdapter(
  api: ApiClient,
  prometheus: Prometheus,
  tls: { readonly certificate: string; readonly key: string },
): Promise<MetricsAdapter> {
  const answers: { metric: string; value: number | null }[] = [];
  const server = createServer({ cert: readFileSync(tls.certificate), key: readFileSync(tls.key) }, (request, response) => {
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const [path = ''] = (request.url ?? '').split('?');
    const asked = new RegExp(`^/apis/${EXTERNAL_METRICS_GROUP}/${EXTERNAL_METRICS_VERSION}/namespaces/([^/]+)/([^/]+)$`).exec(path);
    if (!asked) return reply(200, discovery());
    const [, namespace = '', metric = ''] = asked;
    metricValue(api, prometheus, namespace, metric).then(
      (value) => {
        answers.push({ metric, value });
        const item = { metricName: metric, metricLabels: {}, timestamp: new Date().toISOString(), value: quantity(value) };
        reply(200, {
          kind: 'ExternalMetricValueList',
          apiVersion: `${EXTERNAL_METRICS_GROUP}/${EXTERNAL_METRICS_VERSION}`,
          metadata: {},
          items: [item],
        });
      },
      (error: Error) => {
        answers.push({ metric, value: null });
        reply(500, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 500, message: error.message });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, realAddress(ADDRESS), resolve);
  });
  await registerExternalMetrics(api, ADDRESS, (server.address() as AddressInfo).port);
  return {
    answers,
    async stop() {
      server.close();
      server.closeAllConnections();
      await unregisterExternalMetrics(api);
    },
  };
}

async function metricValue(api: ApiClient, prometheus: Prometheus, namespace: string, metric: string): Promise<number> {
  const maps = await api.get<{ items: { data?: Record<string, string> }[] }>(
    `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${encodeURIComponent(RULES_LABEL)}`,
  );
  const rules = maps.items.flatMap(({ data }) => (parse(data?.['rules.yaml'] ?? '') as Rules | null)?.externalRules ?? []);
  const rule = rules.find(({ name }) => name.as === metric);
  if (!rule) throw new Error(`no rule for the metric ${metric}`);
  const [sample, ...more] = await prometheus.query(rule.metricsQuery);
  if (sample === undefined) throw new Error(`${metric}: the query gives no series`);
  if (more.length > 0) throw new Error(`${metric}: the query gives ${more.length + 1} series`);
  return sample.value;
}

interface Rules {
  readonly externalRules?: readonly { readonly name: { readonly as: string }; readonly metricsQuery: string }[];
}

/** Thousandths, as the real adapters give it. */
function quantity(value: number): string {
  return `${Math.round(value * 1000)}m`;
}

function discovery(): unknown {
  const resource = { name: '*', singularName: '', namespaced: true, kind: 'ExternalMetricValueList', verbs: ['get'] };
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${EXTERNAL_METRICS_GROUP}/${EXTERNAL_METRICS_VERSION}`,
    resources: [resource],
  };
}
