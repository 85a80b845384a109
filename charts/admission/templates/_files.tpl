{{/*
Files that containers start or go by lie in ConfigMaps; a changed one would be another program under a judged command. Named objects only, so that
nothing else of the namespace waits for the parameters, those themselves least of all.
*/}}
{{- define "admission.filesPolicy" -}}
{{- $names := list -}}
{{- range .Values.configMaps }}{{ $names = append $names .name }}{{ end -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ printf "files.%s" (include "admission.clusterName" .) }}
  labels:
    {{- include "admission.labels" . | nindent 4 }}
spec:
  failurePolicy: Fail
  paramKind:
    apiVersion: v1
    kind: ConfigMap
  matchConstraints:
    matchPolicy: Equivalent
    namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: {{ .Release.Namespace }}
    resourceRules:
      - apiGroups: [""]
        apiVersions: ["*"]
        operations: [CREATE, UPDATE]
        resources: [configmaps]
        resourceNames: {{ $names | toJson }}
  variables:
    - name: prefix
      expression: "'file.' + object.metadata.name + '.'"
    - name: others
      expression: >-
        (has(object.data) ? object.data.map(k, k).filter(k, !((variables.prefix + k) in params.data)
        || params.data[variables.prefix + k] != object.data[k]) : [])
        + (has(object.binaryData) ? object.binaryData.map(k, k) : [])
  validations:
    - expression: "size(variables.others) == 0"
      reason: Forbidden
      messageExpression: "'OVK-ADM-012: the file ' + variables.others[0] + ' of the ConfigMap ' + object.metadata.name + ' was not judged by the verdict ' + params.data.verdict.substring(0, 19) + '. Next: npx ovkit check, then cdktf deploy.'"
---
{{ include "admission.binding" (dict "root" . "name" "files" "params" true) }}
{{- end -}}

{{/* Whoever may not change the policies may not change what they go by either. Needs no parameters: those may be gone, and have to come back. */}}
{{- define "admission.parametersPolicy" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ printf "parameters.%s" (include "admission.clusterName" .) }}
  labels:
    {{- include "admission.labels" . | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    matchPolicy: Equivalent
    namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: {{ .Release.Namespace }}
    resourceRules:
      - apiGroups: [""]
        apiVersions: ["*"]
        operations: [CREATE, UPDATE]
        resources: [configmaps]
        resourceNames: [{{ include "admission.name" . | quote }}]
  validations:
    - expression: "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').check('update').allowed()"
      reason: Forbidden
      messageExpression: "'OVK-ADM-013: the ConfigMap ' + object.metadata.name + ' says what admission lets through; only who may change its policies may change it. Next: cdktf deploy.'"
---
{{ include "admission.binding" (dict "root" . "name" "parameters" "params" false) }}
{{- end -}}

{{/* Binds a policy to the namespace. Arguments: root, name, params (whether it reads the ConfigMap). */}}
{{- define "admission.binding" -}}
{{- $root := .root -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ printf "%s.%s" .name (include "admission.clusterName" $root) }}
  labels:
    {{- include "admission.labels" $root | nindent 4 }}
spec:
  policyName: {{ printf "%s.%s" .name (include "admission.clusterName" $root) }}
  validationActions: [Deny]
  {{- if .params }}
  paramRef:
    name: {{ include "admission.name" $root }}
    namespace: {{ $root.Release.Namespace }}
    parameterNotFoundAction: Deny
  {{- end }}
{{- end -}}
