{{/* The kinds of the Prometheus operator are refused where it is not: said here, an install does not stop half way. */}}
{{- define "octopoid.monitoring.check" -}}
{{- if not (or .Values.metrics.assumePrometheusOperator (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1")) -}}
{{- fail "The cluster does not serve monitoring.coreos.com/v1: install the Prometheus operator first, or set metrics.assumePrometheusOperator=true" -}}
{{- end -}}
{{- end -}}

{{/* honorLabels: the operator's own label namespace is that of a task, and a target's would push it aside. */}}
{{- define "octopoid.endpoint" -}}
- port: http
  path: /metrics
  interval: {{ .interval }}
  honorLabels: true
{{- end -}}
