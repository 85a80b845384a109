{{/* Grafana dashboard of one release, by the kind of its engine: the same series as alerts and autoscaler. */}}
{{- define "onevision.dashboard" -}}
{{- $pods := include "onevision.podSeries" . -}}
{{- $panels := list (dict "title" "Replicas that answer" "unit" "short" "queries" (list (dict "expr" (printf "sum(up{%s})" $pods) "legend" "replicas"))) -}}
{{- if eq .Values.engine.kind "vllm" -}}
{{- $panels = concat $panels (list
  (dict "title" "Requests" "unit" "short" "queries" (list
    (dict "expr" (printf "sum(vllm:num_requests_running{%s})" $pods) "legend" "running")
    (dict "expr" (printf "sum by (reason) (vllm:num_requests_waiting_by_reason{%s})" $pods) "legend" "waiting: {{reason}}")))
  (dict "title" "Time to first token" "unit" "s" "queries" (list
    (dict "expr" (printf "histogram_quantile(0.5, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket{%s}[5m])))" $pods) "legend" "median")
    (dict "expr" (printf "histogram_quantile(0.95, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket{%s}[5m])))" $pods) "legend" "1 in 20")))
  (dict "title" "Time per output token" "unit" "s" "queries" (list
    (dict "expr" (printf "histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket{%s}[5m])))" $pods) "legend" "median")
    (dict "expr" (printf "histogram_quantile(0.95, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket{%s}[5m])))" $pods) "legend" "1 in 20")))
  (dict "title" "Whole request" "unit" "s" "queries" (list
    (dict "expr" (printf "histogram_quantile(0.95, sum by (le) (rate(vllm:e2e_request_latency_seconds_bucket{%s}[5m])))" $pods) "legend" "1 in 20")
    (dict "expr" (printf "histogram_quantile(0.95, sum by (le) (rate(vllm:request_queue_time_seconds_bucket{%s}[5m])))" $pods) "legend" "of it in the queue")))
  (dict "title" "Tokens per second" "unit" "short" "queries" (list
    (dict "expr" (printf "sum(rate(vllm:prompt_tokens_total{%s}[5m]))" $pods) "legend" "prompt")
    (dict "expr" (printf "sum(rate(vllm:generation_tokens_total{%s}[5m]))" $pods) "legend" "output")))
  (dict "title" "KV cache in use" "unit" "percentunit" "queries" (list
    (dict "expr" (printf "vllm:kv_cache_usage_perc{%s}" $pods) "legend" "{{pod}}")))
  (dict "title" "Ends of requests" "unit" "reqps" "queries" (list
    (dict "expr" (printf "sum by (finished_reason) (rate(vllm:request_success_total{%s}[5m]))" $pods) "legend" "{{finished_reason}}")
    (dict "expr" (printf "sum(rate(vllm:num_preemptions_total{%s}[5m]))" $pods) "legend" "started over")))
  (dict "title" "HTTP by status" "unit" "reqps" "queries" (list
    (dict "expr" (printf "sum by (status) (rate(http_requests_total{%s}[5m]))" $pods) "legend" "{{status}}")))) -}}
{{- else -}}
{{- $panels = concat $panels (list
  (dict "title" "Requests" "unit" "short" "queries" (list
    (dict "expr" (printf "sum(llamacpp:requests_processing{%s})" $pods) "legend" "running")
    (dict "expr" (printf "sum(llamacpp:requests_deferred{%s})" $pods) "legend" "waiting")))
  (dict "title" "Tokens per second" "unit" "short" "queries" (list
    (dict "expr" (printf "sum(rate(llamacpp:prompt_tokens_total{%s}[5m]))" $pods) "legend" "prompt")
    (dict "expr" (printf "sum(rate(llamacpp:tokens_predicted_total{%s}[5m]))" $pods) "legend" "output")))
  (dict "title" "Seconds per output token" "unit" "s" "queries" (list
    (dict "expr" (printf "sum(rate(llamacpp:tokens_predicted_seconds_total{%s}[5m])) / sum(rate(llamacpp:tokens_predicted_total{%s}[5m]))" $pods $pods) "legend" "mean")))
  (dict "title" "Seconds per prompt token" "unit" "s" "queries" (list
    (dict "expr" (printf "sum(rate(llamacpp:prompt_seconds_total{%s}[5m])) / sum(rate(llamacpp:prompt_tokens_total{%s}[5m]))" $pods $pods) "legend" "mean")))
  (dict "title" "Busy slots per decode" "unit" "short" "queries" (list
    (dict "expr" (printf "llamacpp:n_busy_slots_per_decode{%s}" $pods) "legend" "{{pod}}")))) -}}
{{- end -}}
{{- $panels = concat $panels (list
  (dict "title" "Restarts" "unit" "short" "queries" (list
    (dict "expr" (printf "sum by (container) (increase(kube_pod_container_status_restarts_total{%s}[1h]))" $pods) "legend" "{{container}}")))
  (dict "title" "Pods by phase" "unit" "short" "queries" (list
    (dict "expr" (printf "sum by (phase) (kube_pod_status_phase{%s})" $pods) "legend" "{{phase}}")))) -}}
{{- $drawn := list -}}
{{- range $index, $panel := $panels -}}
  {{- $targets := list -}}
  {{- range $number, $query := $panel.queries -}}
    {{- $targets = append $targets (dict "refId" (printf "%c" (add 65 $number)) "expr" $query.expr "legendFormat" $query.legend "datasource" (dict "type" "prometheus" "uid" "${datasource}")) -}}
  {{- end -}}
  {{- $place := dict "h" 8 "w" 12 "x" (mul 12 (mod $index 2)) "y" (mul 8 (div $index 2)) -}}
  {{- $drawn = append $drawn (dict "id" (add1 $index) "type" "timeseries" "title" $panel.title "gridPos" $place "targets" $targets
    "datasource" (dict "type" "prometheus" "uid" "${datasource}") "fieldConfig" (dict "defaults" (dict "unit" $panel.unit "min" 0) "overrides" list)) -}}
{{- end -}}
{{- $variable := dict "name" "datasource" "type" "datasource" "query" "prometheus" "label" "Prometheus" -}}
{{- dict "title" (printf "%s: %s on %s" .Values.release.name .Values.model.id .Values.engine.name) "uid" (printf "ovk-%s" (sha256sum (printf "%s/%s" .Release.Namespace (include "onevision.fullname" .)) | trunc 16))
  "tags" (list "onevision-kit" .Values.engine.kind) "schemaVersion" 39 "editable" true "refresh" "30s" "time" (dict "from" "now-3h" "to" "now")
  "templating" (dict "list" (list $variable)) "panels" $drawn | toPrettyJson -}}
{{- end -}}
