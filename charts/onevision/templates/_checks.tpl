{{/* Rules that join values, which no schema can say. Each fails the render with one message: what, the values, what is allowed. */}}
{{- define "onevision.checks" -}}
{{- $v := .Values -}}
{{- if and (eq (toString $v.rollout.maxSurge) "0") (eq (toString $v.rollout.maxUnavailable) "0") -}}
  {{- fail "rollout.maxSurge and rollout.maxUnavailable are both 0: no update could ever begin." -}}
{{- end -}}
{{- if le (int $v.shutdown.graceSeconds) (int $v.shutdown.preStopSleepSeconds) -}}
  {{- fail "shutdown.graceSeconds must be more than shutdown.preStopSleepSeconds, or answers in flight are cut off." -}}
{{- end -}}
{{- if le (int $v.startup.progressDeadlineSeconds) (int $v.startup.budgetSeconds) -}}
  {{- fail "startup.progressDeadlineSeconds must be more than startup.budgetSeconds, or an update fails while the engine still loads." -}}
{{- end -}}
{{- if $v.proxy.enabled -}}
  {{- $ports := list (int $v.engine.port) (int $v.proxy.port) (int $v.proxy.opsPort) -}}
  {{- if ne (len (uniq $ports)) 3 -}}
    {{- fail (printf "engine.port (%d), proxy.port (%d) and proxy.opsPort (%d) must differ: they are ports of one pod." (int $v.engine.port) (int $v.proxy.port) (int $v.proxy.opsPort)) -}}
  {{- end -}}
{{- else -}}
  {{- if not $v.proxy.reason -}}
    {{- fail "proxy.enabled is false, and proxy.reason is empty: say why the engine is reached without the proxy. The reason stands on the Deployment." -}}
  {{- end -}}
{{- end -}}
{{- if and $v.engine.allowedMediaDomains (ne $v.engine.kind "vllm") -}}
  {{- fail "engine.allowedMediaDomains is given, and llama.cpp has no list of domains: leave it empty, images come inside the request." -}}
{{- end -}}
{{- if and $v.engine.allowedMediaDomains $v.networkPolicy.enabled (not $v.networkPolicy.egress) -}}
  {{- fail "engine.allowedMediaDomains is given, and networkPolicy.egress is empty: the engine could not reach them. Name their addresses." -}}
{{- end -}}
{{- if and $v.monitoring.serviceMonitor.enabled $v.monitoring.podMonitor.enabled -}}
  {{- fail "monitoring.serviceMonitor and monitoring.podMonitor are both enabled: each pod would be scraped twice, and every sum would double." -}}
{{- end -}}
{{- if and $v.gateway.enabled (not $v.gateway.name) -}}
  {{- fail "gateway.enabled is true, and gateway.name is empty: name the Gateway that the route belongs to." -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.host) -}}
  {{- fail "ingress.enabled is true, and ingress.host is empty: name the host under which the service is reached." -}}
{{- end -}}
{{- if and (or $v.gateway.enabled $v.ingress.enabled) (not $v.proxy.enabled) -}}
  {{- fail "gateway or ingress is enabled, and proxy.enabled is false: paths of the engine that no key guards would be open to everybody outside." -}}
{{- end -}}
{{- if and (or $v.gateway.enabled $v.ingress.enabled) (not $v.apiKey.existingSecret) -}}
  {{- fail "gateway or ingress is enabled, and apiKey.existingSecret is empty: the service would answer everybody outside. Name the Secret that holds the API key." -}}
{{- end -}}
{{- if and (or $v.gateway.enabled $v.ingress.enabled) $v.networkPolicy.enabled (not $v.networkPolicy.ingress) -}}
  {{- fail "gateway or ingress is enabled, and networkPolicy.ingress is empty: the gateway's pods could not reach the service. Name them." -}}
{{- end -}}
{{- if and $v.monitoring.rules.enabled (not (or $v.monitoring.serviceMonitor.enabled $v.monitoring.podMonitor.enabled $v.monitoring.ownScrape)) -}}
  {{- fail "monitoring.rules.enabled is true, and nothing scrapes the engine: every alert would be about missing series. Enable a monitor, or set monitoring.ownScrape: true where a scrape of your own sets the labels namespace and pod." -}}
{{- end -}}
{{- range $key := list "app.kubernetes.io/name" "app.kubernetes.io/instance" -}}
  {{- if hasKey (default dict $v.podLabels) $key -}}
    {{- fail (printf "podLabels holds %s, which the selectors of Deployment, Service and NetworkPolicy go by." $key) -}}
  {{- end -}}
  {{- if hasKey (default dict $v.extraLabels) $key -}}
    {{- fail (printf "extraLabels holds %s, which the selectors of Deployment, Service and NetworkPolicy go by." $key) -}}
  {{- end -}}
{{- end -}}
{{- range $key, $_ := default dict $v.podAnnotations -}}
  {{- if hasPrefix "onevision-kit/" $key -}}
    {{- fail (printf "podAnnotations holds %s: annotations of onevision-kit say what was judged and are written by the chart alone." $key) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
