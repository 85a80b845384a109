{{/* Port that carries the metrics: the proxy's second one, or the engine's own where there is no proxy. */}}
{{- define "onevision.metricsPort" -}}
{{- ternary "metrics" "http" .Values.proxy.enabled -}}
{{- end -}}

{{/* What both monitors scrape. The label job is the same with either, so that alerts, dashboard and autoscaler ask for one thing. */}}
{{- define "onevision.scrape" -}}
port: {{ include "onevision.metricsPort" . }}
path: /metrics
interval: {{ .Values.monitoring.intervalSeconds }}s
scrapeTimeout: {{ min 10 .Values.monitoring.intervalSeconds }}s
relabelings:
  - targetLabel: job
    replacement: {{ include "onevision.fullname" . }}
{{- end -}}

{{/* Series of this release. */}}
{{- define "onevision.series" -}}
namespace="{{ .Release.Namespace }}",job="{{ include "onevision.fullname" . }}"
{{- end -}}

{{/* What kube-state-metrics says about the pods of this release. */}}
{{- define "onevision.podSeries" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "onevision.fullname" . }}-[0-9a-z]+-[0-9a-z]+"
{{- end -}}
