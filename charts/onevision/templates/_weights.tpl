{{/* The volume that holds the weights. The engine mounts it read-only; only an init container may ever write to it. */}}
{{- define "onevision.weightsVolume" -}}
{{- $volume := .Values.weights.volume -}}
{{- if eq $volume.type "emptyDir" -}}
emptyDir:
  sizeLimit: {{ $volume.sizeGib }}Gi
{{- else if eq $volume.type "persistentVolumeClaim" -}}
persistentVolumeClaim:
  claimName: {{ required "weights.volume.claimName is needed for type persistentVolumeClaim" $volume.claimName }}
  readOnly: true
{{- else if eq $volume.type "hostPath" -}}
hostPath:
  path: {{ required "weights.volume.path is needed for type hostPath" $volume.path }}
  type: Directory
{{- else -}}
{{- fail (printf "weights.volume.type is %q: it must be emptyDir, persistentVolumeClaim or hostPath." $volume.type) -}}
{{- end -}}
{{- end -}}

{{/* The files that the engine may open, as sha256sum reads them; empty when the verdict knows no hashes. */}}
{{- define "onevision.weightsManifest" -}}
{{- range .Values.weights.files }}
{{- printf "%s  %s\n" .sha256 .path }}
{{- end }}
{{- end -}}

{{/* Compares the weights with the hashes of the verdict, and fetches what is missing, before the engine starts. */}}
{{- define "onevision.weightsInit" -}}
{{- $source := .Values.weights.source.url -}}
{{- if and $source (not .Values.weights.files) -}}
{{- fail "weights.source.url is given, and weights.files is empty: nothing is fetched whose hash is not known." -}}
{{- end -}}
{{- if and $source (ne .Values.weights.volume.type "emptyDir") -}}
{{- fail "weights.source.url needs weights.volume.type emptyDir: other volumes are mounted read-only." -}}
{{- end -}}
{{- if and $source .Values.networkPolicy.enabled (not .Values.networkPolicy.egress) -}}
{{- fail "weights.source.url is given, and networkPolicy.egress is empty: the pod could not reach the source. Name its addresses." -}}
{{- end -}}
{{- if .Values.weights.files -}}
- name: weights
  image: {{ include "onevision.image" . }}
  imagePullPolicy: IfNotPresent
  command:
    - /bin/sh
    - /opt/onevision-kit/weights.sh
  env:
    - name: WEIGHTS_FOLDER
      value: {{ include "onevision.weightsFolder" . }}
    - name: WEIGHTS_MANIFEST
      value: /opt/onevision-kit/weights.sha256
    - name: WEIGHTS_SOURCE
      value: {{ $source | quote }}
    {{- with .Values.weights.source.region }}
    - name: AWS_REGION
      value: {{ . }}
    {{- end }}
  resources:
    requests:
      cpu: 500m
      memory: 256Mi
    limits:
      memory: 512Mi
  securityContext:
    allowPrivilegeEscalation: false
    privileged: false
    readOnlyRootFilesystem: true
    capabilities:
      drop:
        - ALL
  volumeMounts:
    - name: weights
      mountPath: {{ .Values.weights.mountPath }}
      readOnly: {{ not $source }}
    - name: weights-check
      mountPath: /opt/onevision-kit
      readOnly: true
    - name: tmp
      mountPath: /tmp
{{- end -}}
{{- end -}}
