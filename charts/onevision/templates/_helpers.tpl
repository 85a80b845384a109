{{/* Names. Kubernetes allows 63 characters in the names of Services and in label values. */}}
{{- define "onevision.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "onevision.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $full = default $full .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" $full) -}}
{{- fail (printf "the name %q is no Service name: begin with a letter, use lower-case letters, digits and dashes (helm release name or fullnameOverride)." $full) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{/* A label value from any text: 63 characters of letters, digits, dots, dashes and underscores, with a letter or digit at both ends. */}}
{{- define "onevision.labelValue" -}}
{{- regexReplaceAll "[^A-Za-z0-9]+$" (regexReplaceAll "[^A-Za-z0-9._-]" (regexReplaceAll "^[^A-Za-z0-9]+" . "") "-" | trunc 63) "" -}}
{{- end -}}

{{- define "onevision.selectorLabels" -}}
app.kubernetes.io/name: {{ include "onevision.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" | quote }}
{{- end -}}

{{/* Labels that pods and cost reports go by. llm-d.ai/model is what OpenCost reads by default for the cost of inference. */}}
{{- define "onevision.costLabels" -}}
onevision-kit/release: {{ include "onevision.labelValue" .Values.release.name | quote }}
onevision-kit/environment: {{ .Values.release.environment | quote }}
onevision-kit/owner: {{ include "onevision.labelValue" .Values.release.owner | quote }}
onevision-kit/cost-centre: {{ include "onevision.labelValue" .Values.release.costCentre | quote }}
llm-d.ai/model: {{ include "onevision.labelValue" (base .Values.model.id) | quote }}
{{- end -}}

{{- define "onevision.labels" -}}
{{ include "onevision.selectorLabels" . }}
app.kubernetes.io/version: {{ include "onevision.labelValue" .Values.engine.version | quote }}
app.kubernetes.io/component: inference
app.kubernetes.io/part-of: onevision-kit
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ include "onevision.labelValue" (printf "%s-%s" .Chart.Name .Chart.Version) }}
{{ include "onevision.costLabels" . }}
{{- with .Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Annotations of every object, with their key and the line break before it; nothing when there are none. */}}
{{- define "onevision.annotations" -}}
{{- with .Values.extraAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{/* The image by digest. Anything else fails, also when the schema was not looked at (helm --skip-schema-validation). */}}
{{- define "onevision.image" -}}
{{- $image := .Values.image -}}
{{- $placeholder := printf "sha256:%s" (repeat 64 "0") -}}
{{- if eq $image.state "built" -}}
  {{- if not (regexMatch "^sha256:[0-9a-f]{64}$" (toString $image.digest)) -}}
    {{- fail (printf "image.digest is %q: it must be sha256: and 64 hex digits. The chart takes no tags." (toString $image.digest)) -}}
  {{- end -}}
  {{- if or (not $image.repository) (contains "@" $image.repository) (regexMatch ":[^/]*$" $image.repository) -}}
    {{- fail (printf "image.repository is %q: it must be a registry and a repository, without tag or digest." $image.repository) -}}
  {{- end -}}
  {{- if eq $image.digest $placeholder -}}
    {{- fail "image.digest is all zeros, which is the digest of nothing." -}}
  {{- end -}}
  {{- printf "%s@%s" $image.repository $image.digest -}}
{{- else if not .Values.rehearsal -}}
  {{- fail (printf "image.state is %q: there is no image to run. Give image.digest, or set rehearsal: true where the nodes are the rehearsal's." $image.state) -}}
{{- else if eq $image.state "host" -}}
  {{- printf "onevision-kit.invalid/host/%s@%s" (lower (required "image.binary is needed for image.state host" $image.binary)) $placeholder -}}
{{- else if eq $image.state "unbuilt" -}}
  {{- printf "onevision-kit.invalid/unbuilt/%s@%s" (required "release.name is needed" .Values.release.name) $placeholder -}}
{{- else -}}
  {{- fail (printf "image.state is %q: it must be built, unbuilt or host." $image.state) -}}
{{- end -}}
{{- end -}}

{{/* Folder and file that the engine serves. */}}
{{- define "onevision.weightsFolder" -}}
{{- printf "%s/%s" .Values.weights.mountPath .Values.weights.folder -}}
{{- end -}}

{{/* Arguments that say where the engine listens and what it serves, then those of the plan as they are. */}}
{{- define "onevision.args" -}}
{{- $folder := include "onevision.weightsFolder" . -}}
{{- /* behind the proxy nobody but the proxy reaches the engine, whatever the network enforces */ -}}
{{- $owned := list "--host" (ternary "127.0.0.1" "0.0.0.0" .Values.proxy.enabled) "--port" (toString .Values.engine.port) -}}
{{- if eq .Values.engine.kind "vllm" -}}
  {{- $owned = concat $owned (list "--model" $folder "--served-model-name" .Values.model.id) -}}
  {{- /* an empty list would allow every domain; one that cannot exist allows none */ -}}
  {{- $owned = concat $owned (list "--allowed-media-domains") (default (list "onevision-kit.invalid") .Values.engine.allowedMediaDomains) -}}
{{- else -}}
  {{- $owned = concat $owned (list "--model" (printf "%s/%s" $folder .Values.weights.file) "--alias" .Values.model.id) -}}
  {{- with .Values.weights.projectorFile -}}
    {{- $owned = concat $owned (list "--mmproj" (printf "%s/%s" $folder .)) -}}
  {{- end -}}
{{- end -}}
{{- toYaml (concat $owned .Values.engine.args) -}}
{{- end -}}

{{/* Environment: no network, writable places for caches, a user name for an id that the image does not know. */}}
{{- define "onevision.env" -}}
{{- $env := dict "HOME" "/home/onevision" "USER" "onevision" "HF_HUB_OFFLINE" "1" "TRANSFORMERS_OFFLINE" "1" "HF_HOME" "/home/onevision/huggingface" -}}
{{- if eq .Values.engine.kind "vllm" -}}
  {{- $env = merge $env (dict "VLLM_NO_USAGE_STATS" "1" "DO_NOT_TRACK" "1" "VLLM_LOGGING_LEVEL" "INFO" "VLLM_MEDIA_URL_ALLOW_REDIRECTS" "0") -}}
{{- else -}}
  {{- /* by environment and not by flag: llama.cpp renamed some of the flags, and ignores variables that it does not know */ -}}
  {{- $env = merge $env (dict "LLAMA_ARG_OFFLINE" "1" "LLAMA_ARG_ENDPOINT_METRICS" "1" "LLAMA_ARG_NO_ENDPOINT_SLOTS" "1" "LLAMA_ARG_NO_WEBUI" "1" "LLAMA_ARG_UI" "0") -}}
{{- end -}}
{{- range $name := keys .Values.engine.env -}}
  {{- if or (hasKey $env $name) (has $name (list "VLLM_API_KEY" "LLAMA_API_KEY")) -}}
    {{- fail (printf "engine.env.%s is set by the chart itself." $name) -}}
  {{- end -}}
{{- end -}}
{{- $env = merge $env .Values.engine.env -}}
{{- $entries := list -}}
{{- range $name := keys $env | sortAlpha -}}
  {{- $entries = append $entries (dict "name" $name "value" (get $env $name)) -}}
{{- end -}}
{{- /* behind the proxy the key never reaches the engine; without it, it guards the few paths that the engine guards */ -}}
{{- if and .Values.apiKey.existingSecret (not .Values.proxy.enabled) -}}
  {{- $secret := dict "secretKeyRef" (dict "name" $.Values.apiKey.existingSecret "key" $.Values.apiKey.key) -}}
  {{- $entries = append $entries (dict "name" (ternary "VLLM_API_KEY" "LLAMA_API_KEY" (eq $.Values.engine.kind "vllm")) "valueFrom" $secret) -}}
{{- end -}}
{{- toYaml $entries -}}
{{- end -}}

{{/* Replicas that always run, for the PodDisruptionBudget. */}}
{{- define "onevision.steadyReplicas" -}}
{{- ternary .Values.replicas .Values.autoscaling.minReplicas (eq .Values.autoscaling.mode "none") -}}
{{- end -}}

{{/* Labels of the pods of `helm test`: another name, so that no Service and no policy of the engine takes them for engines. */}}
{{- define "onevision.testSelectorLabels" -}}
app.kubernetes.io/name: {{ include "onevision.name" . | trunc 58 | trimSuffix "-" }}-test
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" | quote }}
{{- end -}}
