{{- define "mirror.manifest" -}}
{{- range .Values.files }}
{{- printf "%s  %s\n" .sha256 .path }}
{{- end }}
{{- end -}}

{{/* Another list or another source is another job: the pods of a job cannot be changed. */}}
{{- define "mirror.job" -}}
{{- printf "weights-mirror-%s" (printf "%s%s%s%s%s" (include "mirror.manifest" .) .Values.source .Values.mirror .Values.image .Values.script | sha256sum | trunc 10) -}}
{{- end -}}

{{/* A label value from any text: 63 characters of letters, digits, dots, dashes and underscores, with a letter or digit at both ends. */}}
{{- define "mirror.labelValue" -}}
{{- regexReplaceAll "[^A-Za-z0-9]+$" (regexReplaceAll "[^A-Za-z0-9._-]" (regexReplaceAll "^[^A-Za-z0-9]+" . "") "-" | trunc 63) "" -}}
{{- end -}}

{{- define "mirror.labels" -}}
app.kubernetes.io/name: weights-mirror
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/part-of: onevision-kit
app.kubernetes.io/managed-by: {{ .Release.Service }}
onevision-kit/release: {{ include "mirror.labelValue" .Values.release.name | quote }}
onevision-kit/environment: {{ .Values.release.environment | quote }}
onevision-kit/owner: {{ include "mirror.labelValue" .Values.release.owner | quote }}
onevision-kit/cost-centre: {{ include "mirror.labelValue" .Values.release.costCentre | quote }}
{{- end -}}
