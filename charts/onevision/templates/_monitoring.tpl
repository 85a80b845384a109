{{/* Port that carries the metrics: the proxy's second one, or the engine's own where there is no proxy. */}}
{{- define "onevision.metricsPort" -}}
{{- ternary "metrics" "http" .Values.proxy.enabled -}}
{{- end -}}

{{/* What both monitors scrape. The operator adds the labels namespace and pod, which alerts, dashboard and autoscaler go by. */}}
{{- define "onevision.scrape" -}}
port: {{ include "onevision.metricsPort" . }}
path: /metrics
interval: {{ .Values.monitoring.intervalSeconds }}s
scrapeTimeout: {{ min 10 .Values.monitoring.intervalSeconds }}s
{{- end -}}

{{/* Series of the pods of this release: those of their engines, and what kube-state-metrics says about them. */}}
{{- define "onevision.podSeries" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "onevision.fullname" . }}-[a-z0-9]+-[a-z0-9]+"
{{- end -}}
