{{- define "nodes.labels" -}}
app.kubernetes.io/name: karpenter-nodes
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/part-of: onevision-kit
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
