import { POD_RELABELING } from '../../../charts/pod-scrape';
import { hclJson } from '../../gate/hcl-text';
import { type Addon, ON_SYSTEM_NODES } from './addon';

/** Where KEDA finds it; chart onevision lets the namespace monitoring read the metrics of its pods. */
export const PROMETHEUS_URL = 'http://prometheus-server.monitoring.svc';
/** What KEDA looks at is minutes old at most; what people look at belongs into a Prometheus of their own. */
const RETENTION = '2d';
const SCRAPE_INTERVAL = '15s';
const OFF = { enabled: false } as const;

/**
 * A Prometheus that scrapes the engines and nothing else, for KEDA's questions, where OVKIT_PROMETHEUS_URL names no other. It keeps its data on the
 * node: after a restart it knows again what it needs within two scrapes.
 * Source: prometheus-community/helm-charts, charts/prometheus 27.19.0 (Prometheus 3.4.1).
 */
export const PROMETHEUS: Addon = {
  id: 'prometheus',
  wait: true,
  release: {
    name: 'prometheus',
    namespace: 'monitoring',
    repository: 'https://prometheus-community.github.io/helm-charts',
    chart: 'prometheus',
    version: '27.19.0',
    values: hclJson({
      alertmanager: OFF,
      'kube-state-metrics': OFF,
      'prometheus-node-exporter': OFF,
      'prometheus-pushgateway': OFF,
      configmapReload: { prometheus: OFF },
      server: {
        nodeSelector: ON_SYSTEM_NODES,
        persistentVolume: OFF,
        retention: RETENTION,
        global: { scrape_interval: SCRAPE_INTERVAL },
        resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
      },
      serverFiles: {
        'prometheus.yml': {
          scrape_configs: [{ job_name: 'onevision-kit', kubernetes_sd_configs: [{ role: 'pod' }], relabel_configs: POD_RELABELING }],
        },
      },
    }),
  },
};
