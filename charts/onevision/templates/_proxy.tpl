{{/* Answers of the proxy itself, in the form of OpenAI's errors. What the engine answers goes through as it is. */}}
{{- define "onevision.proxyErrors" -}}
{{- $errors := list
  (dict "name" "bad" "statuses" "400 494 495 496 497" "status" 400 "type" "invalid_request_error" "code" "bad_request" "message" "The request is malformed, or its headers are too large.")
  (dict "name" "key" "statuses" "401" "status" 401 "type" "authentication_error" "code" "invalid_api_key" "message" "Missing or wrong API key. Send it as the header Authorization: Bearer KEY, or X-Api-Key: KEY.")
  (dict "name" "path" "statuses" "403 404" "status" 404 "type" "invalid_request_error" "code" "unknown_path" "message" "This path is not served here.")
  (dict "name" "method" "statuses" "405" "status" 405 "type" "invalid_request_error" "code" "method_not_allowed" "message" "This method is not allowed here; the header Allow names the one that is.")
  (dict "name" "slow" "statuses" "408" "status" 408 "type" "invalid_request_error" "code" "request_timeout" "message" "The request was not sent in time.")
  (dict "name" "length" "statuses" "411" "status" 411 "type" "invalid_request_error" "code" "length_required" "message" "The request needs a Content-Length.")
  (dict "name" "large" "statuses" "413" "status" 413 "type" "invalid_request_error" "code" "request_too_large" "message" (printf "The request is larger than %d MiB. Send smaller images." (int .Values.proxy.maxBodyMib)))
  (dict "name" "uri" "statuses" "414" "status" 414 "type" "invalid_request_error" "code" "uri_too_long" "message" "The address is too long.")
  (dict "name" "busy" "statuses" "429" "status" 429 "type" "rate_limit_error" "code" "too_many_requests" "message" (printf "More than %d requests at once. Try again after the seconds in Retry-After." (int .Values.proxy.maxConcurrentRequests)))
  (dict "name" "fault" "statuses" "500 501 505" "status" 500 "type" "server_error" "code" "proxy_error" "message" "The proxy could not handle the request.")
  (dict "name" "away" "statuses" "502 503" "status" 503 "type" "server_error" "code" "engine_unavailable" "message" "The engine is starting or away. Try again after the seconds in Retry-After.")
  (dict "name" "late" "statuses" "504" "status" 504 "type" "server_error" "code" "engine_timeout" "message" (printf "The engine sent nothing for %d s." (int .Values.proxy.answerSeconds)))
-}}
{{- /* addresses and not names of places: a request that could not be read has no address, and nginx sends none such to a name */ -}}
{{- range $errors }}
error_page {{ .statuses }} ={{ .status }} /=error/{{ .name }};
{{- end }}
{{- range $errors }}
location = /=error/{{ .name }} {
  internal;
  return {{ .status }} '{{ dict "error" (dict "message" .message "type" .type "param" nil "code" .code) | toJson }}';
}
{{- end }}
{{- end -}}

{{/* Image of the proxy: that of the engine, unless another one is named, by digest like every image. */}}
{{- define "onevision.proxyImage" -}}
{{- $image := .Values.proxy.image -}}
{{- if $image.repository -}}
  {{- if not (regexMatch "^sha256:[0-9a-f]{64}$" (toString $image.digest)) -}}
    {{- fail (printf "proxy.image.digest is %q: it must be sha256: and 64 hex digits, those of an image that the verdict is about." (toString $image.digest)) -}}
  {{- end -}}
  {{- printf "%s@%s" $image.repository $image.digest -}}
{{- else if $image.digest -}}
  {{- fail "proxy.image.digest is given, and proxy.image.repository is not." -}}
{{- else -}}
  {{- include "onevision.image" . -}}
{{- end -}}
{{- end -}}

{{/* Seconds that answers under way have once the pod is to stop; the engine keeps a moment to end after that. */}}
{{- define "onevision.drainSeconds" -}}
{{- $left := sub .Values.shutdown.graceSeconds .Values.shutdown.preStopSleepSeconds -}}
{{- max 1 (sub $left (min 5 (div $left 2))) -}}
{{- end -}}

{{/* nginx's configuration, before proxy.sh fills in addresses and keys. */}}
{{- define "onevision.proxyConfig" -}}
{{- tpl (.Files.Get "files/proxy/nginx.conf") . -}}
{{- end -}}

{{/* What the proxy and the engine's end are run by; a change of it is another pod. */}}
{{- define "onevision.proxyDigest" -}}
{{- printf "%s%s%s" (include "onevision.proxyConfig" .) (.Files.Get "files/proxy/proxy.sh") (.Files.Get "files/proxy/drain.sh") | sha256sum -}}
{{- end -}}

{{/* The container in front of the engine. It listens on the pod's address; the engine does on the pod's own loopback address only. */}}
{{- define "onevision.proxyContainer" -}}
- name: proxy
  image: {{ include "onevision.proxyImage" . }}
  imagePullPolicy: IfNotPresent
  command:
    - /bin/sh
    - /opt/onevision-kit/proxy/proxy.sh
  env:
    - name: PROXY_LISTEN
      value: 0.0.0.0
    - name: PROXY_ENGINE
      value: 127.0.0.1:{{ .Values.engine.port }}
    - name: PROXY_TEMPLATE
      value: /opt/onevision-kit/proxy/nginx.conf
    - name: PROXY_FOLDER
      value: /run/onevision-kit
    {{- if .Values.apiKey.existingSecret }}
    - name: PROXY_KEY_FILE
      value: /run/secrets/onevision-kit/api-key
    {{- end }}
  ports:
    - name: http
      containerPort: {{ .Values.proxy.port }}
      protocol: TCP
    - name: metrics
      containerPort: {{ .Values.proxy.opsPort }}
      protocol: TCP
  resources:
    requests:
      cpu: {{ .Values.proxy.resources.cpu | quote }}
      memory: {{ .Values.proxy.resources.memory }}
    limits:
      memory: {{ .Values.proxy.resources.memory }}
  securityContext:
    allowPrivilegeEscalation: false
    privileged: false
    readOnlyRootFilesystem: true
    capabilities:
      drop:
        - ALL
  startupProbe:
    httpGet:
      path: /alive
      port: metrics
    periodSeconds: 1
    timeoutSeconds: 5
    failureThreshold: 30
  readinessProbe:
    httpGet:
      path: /alive
      port: metrics
    periodSeconds: 5
    timeoutSeconds: 5
    failureThreshold: 3
  livenessProbe:
    httpGet:
      path: /alive
      port: metrics
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  {{- if .Values.shutdown.preStopSleepSeconds }}
  lifecycle:
    preStop:
      sleep:
        seconds: {{ .Values.shutdown.preStopSleepSeconds }}
  {{- end }}
  volumeMounts:
    - name: proxy
      mountPath: /opt/onevision-kit/proxy
      readOnly: true
    - name: proxy-run
      mountPath: /run/onevision-kit
    {{- if .Values.apiKey.existingSecret }}
    - name: api-key
      mountPath: /run/secrets/onevision-kit
      readOnly: true
    {{- end }}
{{- end -}}
