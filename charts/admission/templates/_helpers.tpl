{{- define "admission.name" -}}
{{- printf "%s-admission" (.Values.instance | trunc 50 | trimSuffix "-") -}}
{{- end -}}

{{/* Policies and bindings belong to the whole cluster: their names carry the namespace. */}}
{{- define "admission.clusterName" -}}
{{- printf "%s.%s.onevision-kit" (.Values.instance | trunc 50 | trimSuffix "-") .Release.Namespace -}}
{{- end -}}

{{- define "admission.labels" -}}
app.kubernetes.io/name: onevision-admission
app.kubernetes.io/instance: {{ .Release.Name | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/part-of: onevision-kit
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* What a pod may not load beside its model, by argument and by environment variable. */}}
{{- define "admission.loaders" -}}
hf-repo|hf-file|hfr|hf|hff|hfd|hf-repo-draft|model-url|mu|model-draft|md|mmproj-url|mmu|docker-repo|dr|models-dir|models-preset|lora|lora-scaled|lora-modules|control-vector|control-vector-scaled|tokenizer|hf-config-path|speculative-config|generation-config|config|allow-deprecated-quantization|load-format|enable-lora|trust-remote-code|middleware|logits-processors|worker-extension-cls|tool-parser-plugin|reasoning-parser-plugin
{{- end -}}
{{- define "admission.variables" -}}
LLAMA_ARG_(MODEL|MMPROJ|HF|DOCKER|LORA|CONTROL|MU|MODELS).*|HF_ENDPOINT|HF_TOKEN|VLLM_USE_MODELSCOPE|VLLM_PLUGINS|VLLM_ALLOW_RUNTIME_LORA_UPDATING|LD_PRELOAD|LD_LIBRARY_PATH|PYTHONPATH|PYTHONSTARTUP|PYTHONHOME
{{- end -}}

{{/* What a container has the kubelet start in it beside its command: hooks and probes. Expression for one list of containers. */}}
{{- define "admission.hooks" -}}
{{- $terms := list -}}
{{- range list "lifecycle.postStart" "lifecycle.preStop" "startupProbe" "readinessProbe" "livenessProbe" -}}
  {{- $guards := list -}}
  {{- $path := "c" -}}
  {{- range append (splitList "." .) "exec" -}}
    {{- $path = printf "%s.%s" $path . -}}
    {{- $guards = append $guards (printf "has(%s)" $path) -}}
  {{- end -}}
  {{- $terms = append $terms (printf "%s.filter(c, %s).map(c, %s.command.join('|'))" $ (join " && " $guards) $path) -}}
{{- end -}}
{{- join " + " $terms -}}
{{- end -}}

{{/* PATH=KIND:NAME of what is mounted, a text for each container of a list. */}}
{{- define "admission.mounts" -}}
{{ . }}.filter(c, has(c.volumeMounts) && size(c.volumeMounts) > 0).map(c, c.volumeMounts.map(m, m.mountPath + (has(m.subPath) || has(m.subPathExpr) ? ' by subPath' : '') + '=' + variables.volumes.filter(v, v.startsWith(m.name + '=')).map(v, v.substring(size(m.name) + 1)).join('')).join('\n'))
{{- end -}}
{{/* COMMAND VARIABLES of each container of a list: those that scripts of the chart go by. */}}
{{- define "admission.scriptVariables" -}}
{{ . }}.map(c, (has(c.command) ? c.command.join('|') : '') + ' ' + (has(c.env) ? c.env.filter(e, e.name.matches('^(PROXY_.*|WEIGHTS_(FOLDER|MANIFEST)|TEST_URL)$')).map(e, e.name + '=' + (has(e.value) ? e.value : '?')).join('|') : ''))
{{- end -}}

{{/* The policy for one way of writing pods. Arguments: root, name, rules (resources), podSpec and metadata (CEL). */}}
{{- define "admission.policy" -}}
{{- $root := .root -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ printf "%s.%s" .name (include "admission.clusterName" $root) }}
  labels:
    {{- include "admission.labels" $root | nindent 4 }}
spec:
  failurePolicy: Fail
  paramKind:
    apiVersion: v1
    kind: ConfigMap
  matchConstraints:
    matchPolicy: Equivalent
    namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: {{ $root.Release.Namespace }}
    {{- if eq $root.Values.scope "release" }}
    objectSelector:
      matchLabels:
        app.kubernetes.io/part-of: onevision-kit
        app.kubernetes.io/instance: {{ $root.Values.instance | quote }}
    {{- end }}
    resourceRules:
      {{- range .rules }}
      - apiGroups: [{{ .group | quote }}]
        apiVersions: ["*"]
        operations: [CREATE, UPDATE]
        resources: {{ .resources | toJson }}
      {{- end }}
  matchConditions:
    # what ran before this verdict may still be scaled, labelled and taken down; only a change of its pods is a new thing to judge
    - name: pods-change
      expression: "request.operation != 'UPDATE' || {{ .podSpec }} != {{ .podSpec | replace "object." "oldObject." }}"
  variables:
    - name: spec
      expression: {{ .podSpec | quote }}
    - name: images
      expression: >-
        variables.spec.containers.map(c, has(c.image) ? c.image : '')
        + (has(variables.spec.initContainers) ? variables.spec.initContainers.map(c, has(c.image) ? c.image : '') : [])
        + (has(variables.spec.ephemeralContainers) ? variables.spec.ephemeralContainers.map(c, has(c.image) ? c.image : '') : [])
    - name: volumeImages
      expression: >-
        has(variables.spec.volumes)
        ? variables.spec.volumes.filter(v, has(v.image)).map(v, has(v.image.reference) ? v.image.reference : '') : []
    - name: commands
      expression: >-
        variables.spec.containers.map(c, has(c.command) ? c.command.join('|') : '')
        + (has(variables.spec.initContainers) ? variables.spec.initContainers.map(c, has(c.command) ? c.command.join('|') : '') : [])
        + (has(variables.spec.ephemeralContainers) ? variables.spec.ephemeralContainers.map(c, has(c.command) ? c.command.join('|') : '') : [])
    - name: hooks
      expression: >-
        {{ include "admission.hooks" "variables.spec.containers" }}
        + (has(variables.spec.initContainers) ? {{ include "admission.hooks" "variables.spec.initContainers" }} : [])
    - name: arguments
      expression: >-
        variables.spec.containers.map(c, has(c.args) ? '\n' + c.args.join('\n') + '\n' : '\n')
        + (has(variables.spec.initContainers) ? variables.spec.initContainers.map(c, has(c.args) ? '\n' + c.args.join('\n') + '\n' : '\n') : [])
        + (has(variables.spec.ephemeralContainers) ? variables.spec.ephemeralContainers.map(c, has(c.args) ? '\n' + c.args.join('\n') + '\n' : '\n') : [])
    - name: models
      expression: "variables.arguments.map(a, a.findAll('\\n(?:--model|-m)[\\n=][^\\n]*').join(' ')).filter(a, a != '')"
    - name: allowedImages
      expression: "params.data.images.split('\\n')"
    - name: badImages
      expression: "variables.images.filter(i, !(i in variables.allowedImages) && !(i.contains('@') && i.substring(i.indexOf('@') + 1) in variables.allowedImages))"
    - name: badVolumeImages
      expression: "variables.volumeImages.filter(i, !(i in variables.allowedImages) && !(i.contains('@') && i.substring(i.indexOf('@') + 1) in variables.allowedImages))"
    - name: badCommands
      expression: "(variables.commands + variables.hooks).filter(c, !(c in params.data.commands.split('\\n')))"
    - name: badModels
      expression: >-
        variables.arguments.map(a, a.findAll('\n(?:--model|-m)[\n=][^\n]*')
        .filter(m, m.replace('=', '\n', 1).substring(m.replace('=', '\n', 1).lastIndexOf('\n') + 1) != params.data.modelPath).join(' ')).filter(a, a != '')
    - name: badProjectors
      expression: >-
        variables.arguments.map(a, a.findAll('\n--mmproj[\n=][^\n]*')
        .filter(m, m.replace('=', '\n', 1).substring(m.replace('=', '\n', 1).lastIndexOf('\n') + 1) != params.data.projectorPath).join(' ')).filter(a, a != '')
    - name: badRevisions
      expression: >-
        variables.arguments.map(a, a.findAll('\n--(?:code-|tokenizer-)?revision[\n=][^\n]*')
        .filter(m, m.replace('=', '\n', 1).substring(m.replace('=', '\n', 1).lastIndexOf('\n') + 1) != params.data.modelRevision).join(' ')).filter(a, a != '')
    - name: loaders
      expression: "variables.arguments.filter(a, a != '\\n' + params.data.arguments + '\\n').map(a, a.findAll('\\n--?(?:{{ include "admission.loaders" . }})[\\n=]').join(' ')).filter(a, a != '')"
    - name: environments
      expression: >-
        variables.spec.containers.filter(c, has(c.envFrom) && size(c.envFrom) > 0).map(c, 'envFrom of ' + c.name)
        + (has(variables.spec.initContainers) ? variables.spec.initContainers.filter(c, has(c.envFrom) && size(c.envFrom) > 0).map(c, 'envFrom of ' + c.name) : [])
        + variables.spec.containers.filter(c, has(c.env)).map(c, c.env.filter(e, e.name.matches('^({{ include "admission.variables" . }})$')).map(e, e.name).join(' ')).filter(t, t != '')
        + (has(variables.spec.initContainers) ? variables.spec.initContainers.filter(c, has(c.env)).map(c, c.env.filter(e, e.name.matches('^({{ include "admission.variables" . }})$')).map(e, e.name).join(' ')).filter(t, t != '') : [])
        + variables.spec.containers.filter(c, has(c.env)).map(c, c.env.filter(e, e.name in ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE', 'LLAMA_ARG_OFFLINE'] && !(has(e.value) && e.value == '1')).map(e, e.name).join(' ')).filter(t, t != '')
    # NAME=KIND:NAME of each volume; a part of a ConfigMap or of a path is none of the chart's
    - name: volumes
      expression: >-
        has(variables.spec.volumes) ? variables.spec.volumes.map(v, v.name + '=' + (
        has(v.configMap) ? (has(v.configMap.items) ? 'part of ' : '') + 'configMap:' + v.configMap.name
        : has(v.secret) ? 'secret:' + v.secret.secretName + (has(v.secret.items) ? '/' + v.secret.items.map(i, i.key + '>' + i.path).join(',') : '')
        : has(v.emptyDir) ? 'emptyDir'
        : has(v.hostPath) ? 'hostPath:' + v.hostPath.path
        : has(v.persistentVolumeClaim) ? 'persistentVolumeClaim:' + v.persistentVolumeClaim.claimName
        : has(v.projected) && has(v.projected.sources) && v.projected.sources.all(s, has(s.serviceAccountToken)) ? 'token'
        : 'another kind')) : []
    - name: mounts
      expression: >-
        {{ include "admission.mounts" "variables.spec.containers" }}
        + (has(variables.spec.initContainers) ? {{ include "admission.mounts" "variables.spec.initContainers" }} : [])
        + (has(variables.spec.ephemeralContainers) ? {{ include "admission.mounts" "variables.spec.ephemeralContainers" }} : [])
    # EKS hands a pod its identity by a token that it mounts itself
    - name: badMounts
      expression: >-
        variables.mounts.map(t, t.split('\n').filter(l, !(l in params.data.mounts.split('\n'))
        && !(l.startsWith('/var/run/secrets/') && l.endsWith('=token') && !l.contains('..'))).join(', ')).filter(t, t != '')
    - name: badVariables
      expression: >-
        ({{ include "admission.scriptVariables" "variables.spec.containers" }}
        + (has(variables.spec.initContainers) ? {{ include "admission.scriptVariables" "variables.spec.initContainers" }} : []))
        .filter(t, !(t in params.data.variables.split('\n')))
    - name: judged
      expression: "' was not judged by the verdict ' + params.data.verdict.substring(0, 19) + '. Next: npx ovkit check, then cdktf deploy.'"
  validations:
    - expression: "params.data.state == 'allowed'"
      reason: Forbidden
      messageExpression: "'OVK-ADM-001: the verdict is ' + params.data.state + ', so nothing of this release may run. Next: npx ovkit check.'"
    - expression: "variables.images.all(i, i.matches('^[^\\\\s@]+@sha256:[0-9a-f]{64}$'))"
      reason: Forbidden
      messageExpression: "'OVK-ADM-002: the image ' + variables.images.filter(i, !i.matches('^[^\\\\s@]+@sha256:[0-9a-f]{64}$'))[0] + ' is not named by digest; a tag can be moved after the verdict.'"
    - expression: "size(variables.badImages) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-003: the image ' + variables.badImages[0] + variables.judged"
    - expression: "size(variables.badVolumeImages) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-004: the image volume ' + variables.badVolumeImages[0] + variables.judged"
    - expression: "size(variables.badCommands) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-005: the command \"' + variables.badCommands[0].replace('|', ' ') + '\"' + variables.judged"
    - expression: "size(variables.badModels) == 0 && size(variables.badProjectors) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-006: the argument' + (variables.badModels + variables.badProjectors)[0].replace('\\n', ' ') + variables.judged"
    # the engine's is the first of the commands; the others are scripts of the chart, which open no model
    - expression: "size(variables.models) >= variables.commands.filter(c, c == params.data.commands.split('\\n')[0]).size()"
      reason: Forbidden
      messageExpression: "'OVK-ADM-006: no container has --model ' + params.data.modelPath + ', so the engine would choose a model of its own' + variables.judged"
    - expression: "size(variables.badRevisions) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-007: the argument' + variables.badRevisions[0].replace('\\n', ' ') + variables.judged"
    - expression: >-
        has({{ .metadata }}.annotations) && 'onevision-kit/model-revision' in {{ .metadata }}.annotations
        && {{ .metadata }}.annotations['onevision-kit/model-revision'] == params.data.modelRevision
      reason: Forbidden
      messageExpression: "'OVK-ADM-007: the annotation onevision-kit/model-revision of the pods is not ' + params.data.modelRevision + ', the revision of the verdict.'"
    - expression: "size(variables.loaders) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-008: the argument' + variables.loaders[0].replace('\\n', ' ') + 'loads something that' + variables.judged"
    - expression: "size(variables.environments) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-009: the environment (' + variables.environments[0] + ') can load something that' + variables.judged"
    - expression: "size(variables.badMounts) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-010: the mount ' + variables.badMounts[0] + variables.judged"
    - expression: "size(variables.badVariables) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-011: the command with its variables \"' + variables.badVariables[0].replace('|', ' ') + '\"' + variables.judged"
---
{{ include "admission.binding" (dict "root" $root "name" .name "params" true) }}
{{- end -}}
