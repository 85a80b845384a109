{{/*
Alerts, as Prometheus reads them. Each names what to look at next. Series of engines: vLLM 0.32 and llama.cpp v0.5.0, as scraped; those of
the cluster: kube-state-metrics 2.x. llama.cpp exports neither cache usage, nor latencies, nor errors: it has no alerts about them.
*/}}
{{- define "onevision.ruleGroups" -}}
{{- $name := include "onevision.fullname" . -}}
{{- $pods := include "onevision.podSeries" . -}}
{{- $limits := .Values.monitoring.rules -}}
{{- $vllm := eq .Values.engine.kind "vllm" -}}
{{- $wanted := include "onevision.steadyReplicas" . | int -}}
{{- $alerts := list -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionEngineDown" "for" "5m" "severity" "critical"
  "expr" (printf "(sum(up{%s}) or vector(0)) < 1" $pods)
  "summary" "No replica answers."
  "next" (printf "kubectl --namespace %s get pods,events" .Release.Namespace)) -}}
{{- if gt $wanted 1 -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionReplicaMissing" "for" "15m" "severity" "warning"
  "expr" (printf "sum(up{%s}) < %d" $pods $wanted)
  "summary" (printf "Fewer than %d replicas answer." $wanted)
  "next" (printf "kubectl --namespace %s describe deployment %s" .Release.Namespace $name)) -}}
{{- end -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionRestarts" "for" "0m" "severity" "warning"
  "expr" (printf "sum by (container) (increase(kube_pod_container_status_restarts_total{%s}[1h])) > %d" $pods (int $limits.restartsPerHour))
  "summary" "The container {{ $labels.container }} keeps restarting."
  "next" (printf "kubectl --namespace %s logs deployment/%s --previous; exit code 137 is memory" .Release.Namespace $name)) -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionWeightsFail" "for" "5m" "severity" "critical"
  "expr" (printf "max(kube_pod_init_container_status_waiting_reason{%s,container=\"weights\",reason=\"CrashLoopBackOff\"}) > 0" $pods)
  "summary" "The weights cannot be fetched, or are not those of the verdict."
  "next" (printf "kubectl --namespace %s logs deployment/%s --container weights" .Release.Namespace $name)) -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionRolloutStuck" "for" "1m" "severity" "critical"
  "expr" (printf "max(kube_deployment_status_condition{namespace=\"%s\",deployment=\"%s\",condition=\"Progressing\",status=\"false\"}) > 0" .Release.Namespace $name)
  "summary" (printf "An update made no progress for %d s." (int .Values.startup.progressDeadlineSeconds))
  "next" "npx ovkit verify") -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionQueue" "for" (printf "%dm" (int $limits.queueMinutes)) "severity" "warning"
  "expr" (ternary
    (printf "sum(vllm:num_requests_waiting_by_reason{%s,reason=\"capacity\"}) > %d" $pods (int $limits.queuedRequests))
    (printf "sum(llamacpp:requests_deferred{%s}) > %d" $pods (int $limits.queuedRequests)) $vllm)
  "summary" (printf "More than %d requests wait for a place." (int $limits.queuedRequests))
  "next" "more replicas (placement.maxReplicas), or less load") -}}
{{- if $vllm -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionKvCacheFull" "for" "10m" "severity" "warning"
  "expr" (printf "max(vllm:kv_cache_usage_perc{%s}) > %v" $pods $limits.kvCacheShare)
  "summary" "The KV cache is full: requests wait, or are started over."
  "next" "npx ovkit plan: fewer requests at once, shorter context, or a larger GPU") -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionPreemptions" "for" "10m" "severity" "warning"
  "expr" (printf "sum(rate(vllm:num_preemptions_total{%s}[10m])) > 0" $pods)
  "summary" "Requests are started over for want of KV cache."
  "next" "npx ovkit plan: fewer requests at once, shorter context, or a larger GPU") -}}
{{- if gt (float64 $limits.timeToFirstTokenSeconds) 0.0 -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionTimeToFirstToken" "for" "15m" "severity" "warning"
  "expr" (printf "histogram_quantile(0.5, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket{%s}[10m]))) > %v" $pods $limits.timeToFirstTokenSeconds)
  "summary" (printf "Half of the requests wait longer than %v s for their first token, the target of the release." $limits.timeToFirstTokenSeconds)
  "next" "npx ovkit verify measures one request alone; compare with the queue") -}}
{{- end -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionErrors" "for" "10m" "severity" "critical"
  "expr" (printf "sum(rate(http_requests_total{%s,status=\"5xx\"}[10m])) / sum(rate(http_requests_total{%s}[10m])) > %v" $pods $pods $limits.errorShare)
  "summary" (printf "More than %v of the requests fail in the engine." $limits.errorShare)
  "next" (printf "kubectl --namespace %s logs deployment/%s" .Release.Namespace $name)) -}}
{{- end -}}
{{- if ne .Values.autoscaling.mode "none" -}}
{{- $missing := list -}}
{{- range .Values.autoscaling.signals -}}
  {{- $missing = append $missing (printf "absent(%s)" (include "onevision.signalQuery" (dict "root" $ "query" .query))) -}}
{{- end -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionScalingSignalMissing" "for" "10m" "severity" "critical"
  "expr" (join " or " $missing)
  "summary" "The scaling signal returned no series: the number of replicas is frozen."
  "next" "the monitor and its labels; Prometheus, page Targets") -}}
{{- end -}}
{{- if .Values.gpu.count -}}
{{- $needed := mul .Values.gpu.count (max 1 $wanted) -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionGpuNodeMissing" "for" "15m" "severity" "critical"
  "expr" (printf "(sum(kube_node_status_allocatable{resource=\"%s\"}) or vector(0)) < %d" (regexReplaceAll "[^A-Za-z0-9]" .Values.gpu.resourceName "_") $needed)
  "summary" (printf "The nodes offer fewer than %d GPUs." $needed)
  "next" "node group or Karpenter, the account's vCPU quota, the device plugin's DaemonSet") -}}
{{- end -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionPodPending" "for" "15m" "severity" "warning"
  "expr" (printf "sum(kube_pod_status_phase{%s,phase=\"Pending\"}) > 0" $pods)
  "summary" "A pod finds no place, or its image or weights do not come."
  "next" (printf "kubectl --namespace %s get events" .Release.Namespace)) -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionDisk" "for" "5m" "severity" "critical"
  "expr" (printf "max by (node) (kube_node_status_condition{condition=\"DiskPressure\",status=\"true\"} * on (node) group_left () max by (node) (kube_pod_info{%s})) > 0" $pods)
  "summary" "The disk of the node {{ $labels.node }} is full: its pods are evicted, their weights with them."
  "next" "a larger volume, or weights on local NVMe") -}}
{{- if eq .Values.weights.volume.type "persistentVolumeClaim" -}}
{{- $claim := printf "namespace=\"%s\",persistentvolumeclaim=\"%s\"" .Release.Namespace .Values.weights.volume.claimName -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionVolumeFull" "for" "15m" "severity" "warning"
  "expr" (printf "kubelet_volume_stats_available_bytes{%s} / kubelet_volume_stats_capacity_bytes{%s} < 0.05" $claim $claim)
  "summary" "The volume of the weights is nearly full."
  "next" "a larger claim, or fewer revisions on it") -}}
{{- end -}}
{{- $expires := toDate "2006-01-02T15:04:05Z07:00" (regexReplaceAll "\\.[0-9]+" .Values.verdict.expires "") | unixEpoch -}}
{{- $alerts = append $alerts (dict "alert" "OnevisionVerdictExpires" "for" "0m" "severity" "warning"
  "expr" (printf "vector(time()) > %d" (sub (int64 $expires) (mul 86400 (int64 $limits.verdictDays))))
  "summary" (printf "The verdict holds until %s: the next change of the release is refused after that." .Values.verdict.expires)
  "next" "npx ovkit check, then cdktf deploy") -}}
groups:
  - name: {{ $name }}
    rules:
      {{- range $alerts }}
      - alert: {{ .alert }}
        expr: {{ .expr | quote }}
        for: {{ .for }}
        labels:
          severity: {{ .severity }}
          namespace: {{ $.Release.Namespace }}
          release: {{ $.Values.release.name }}
          owner: {{ include "onevision.labelValue" $.Values.release.owner | quote }}
        annotations:
          summary: {{ .summary | quote }}
          next: {{ .next | quote }}
      {{- end }}
{{- end -}}
