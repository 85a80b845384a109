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
