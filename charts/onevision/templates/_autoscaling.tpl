{{/* PromQL of a signal for the pods of this release, by the labels that a PodMonitor or ServiceMonitor gives. Context: root and query. */}}
{{- define "onevision.signalQuery" -}}
{{- $pods := include "onevision.podSeries" .root -}}
{{- if not (contains "$PODS" .query) -}}
{{- fail (printf "the query %q does not say which pods it is about: write $PODS between the braces of each series." .query) -}}
{{- end -}}
{{- replace "$PODS" $pods .query -}}
{{- end -}}

{{/* Name of an external metric: unique in the cluster, since an external metric has no owner. Context: root and name. */}}
{{- define "onevision.externalMetric" -}}
{{- printf "%s_%s_%s" .root.Release.Namespace (include "onevision.fullname" .root) .name | replace "-" "_" -}}
{{- end -}}

{{/* How fast replicas come and go, as autoscaling/v2 has it. */}}
{{- define "onevision.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: {{ .Values.autoscaling.scaleUp.stabilizationSeconds }}
  policies:
    - type: Pods
      value: {{ .Values.autoscaling.scaleUp.pods }}
      periodSeconds: {{ .Values.autoscaling.scaleUp.periodSeconds }}
scaleDown:
  stabilizationWindowSeconds: {{ .Values.autoscaling.scaleDown.stabilizationSeconds }}
  policies:
    - type: Pods
      value: {{ .Values.autoscaling.scaleDown.pods }}
      periodSeconds: {{ .Values.autoscaling.scaleDown.periodSeconds }}
{{- end -}}

{{/* True when an autoscaler owns the number of replicas. Refuses what could not work. */}}
{{- define "onevision.scaled" -}}
{{- $scaling := .Values.autoscaling -}}
{{- if ne $scaling.mode "none" -}}
  {{- if lt (int $scaling.minReplicas) 1 -}}
    {{- fail "autoscaling.minReplicas is 0: nothing holds a request until the first replica is up, and the signal that should start it would never come." -}}
  {{- end -}}
  {{- if lt (int $scaling.maxReplicas) (int $scaling.minReplicas) -}}
    {{- fail (printf "autoscaling.maxReplicas (%d) is less than minReplicas (%d)." (int $scaling.maxReplicas) (int $scaling.minReplicas)) -}}
  {{- end -}}
  {{- if not $scaling.signals -}}
    {{- fail "autoscaling.signals is empty: an autoscaler without a signal never scales." -}}
  {{- end -}}
true
{{- end -}}
{{- end -}}
