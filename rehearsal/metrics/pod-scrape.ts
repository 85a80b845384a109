import type { ScrapeJob } from './prometheus';

/**
 * Scrapes the pods of a release as a PodMonitor of prometheus-operator has it: found through the API server, by the name of a container port,
 * with the labels namespace, pod and container. Source: pkg/prometheus/promcfg.go of prometheus-operator, generatePodMonitorConfig.
 * The last rule is the rehearsal's: a pod's address 10.A.B.C is this machine's 127.A.B.C.
 * @param discovery  address that lists the pods of the namespace and leads to them, see `startPodDiscovery`
 * @param port  name of the container port
 */
export function podScrapeJob(discovery: string, namespace: string, workload: string, port: string): ScrapeJob {
  return {
    job_name: `podMonitor/${namespace}/${workload}/0`,
    http_sd_configs: [{ url: discovery, refresh_interval: '1s' }],
    proxy_url: discovery,
    metrics_path: '/metrics',
    relabel_configs: [
      { action: 'keep', source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_part_of'], regex: 'onevision-kit' },
      { action: 'keep', source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: port },
      { action: 'drop', source_labels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)' },
      { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
      { source_labels: ['__meta_kubernetes_pod_container_name'], target_label: 'container' },
      { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
      { target_label: 'job', replacement: workload },
      { source_labels: ['__address__'], regex: '10\\.(.+)', target_label: '__address__', replacement: '127.$1' },
    ],
  };
}
