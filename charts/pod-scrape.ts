/** A rule of Prometheus' `relabel_configs`. */
export interface RelabelRule {
  readonly action?: 'keep' | 'drop' | 'replace';
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
}

const META = '__meta_kubernetes_pod_';

/**
 * Which targets of `kubernetes_sd_configs` with role pod are the engines of a release, and the labels that the chart's queries go by: those of a
 * PodMonitor of prometheus-operator. Behind the proxy only its port of the metrics answers; without it the engine's own port does.
 * Source: pkg/prometheus/promcfg.go of prometheus-operator, generatePodMonitorConfig.
 */
export const POD_RELABELING: readonly RelabelRule[] = [
  { action: 'keep', source_labels: [`${META}label_app_kubernetes_io_part_of`], regex: 'onevision-kit' },
  { action: 'keep', source_labels: [`${META}label_app_kubernetes_io_component`], regex: 'inference' },
  {
    action: 'keep',
    source_labels: [`${META}annotationpresent_onevision_kit_proxy_config`, `${META}container_port_name`],
    regex: 'true;metrics|;http',
  },
  { action: 'drop', source_labels: [`${META}phase`], regex: '(Failed|Succeeded)' },
  { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
  { source_labels: [`${META}container_name`], target_label: 'container' },
  { source_labels: [`${META}name`], target_label: 'pod' },
];
