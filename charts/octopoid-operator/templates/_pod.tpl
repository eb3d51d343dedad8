{{- define "octopoid.env" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
# The root file system is read-only, and .NET's diagnostics would write to it.
- {name: DOTNET_EnableDiagnostics, value: "0"}
- {name: OCTOPOID_LEASE_SECONDS, value: {{ .Values.leaseSeconds | quote }}}
- {name: OCTOPOID_LOG_FORMAT, value: {{ .Values.log.format }}}
- {name: OCTOPOID_LOG_LEVEL, value: {{ .Values.log.level }}}
{{- with .Values.watchNamespaces }}
- {name: OCTOPOID_NAMESPACES, value: {{ join "," . | quote }}}
{{- end }}
{{- if .Values.orchestrator.create }}
- {name: OCTOPOID_CREATE_ORCHESTRATOR, value: "false"}
{{- end }}
{{- if .Values.webhooks.enabled }}
- {name: OCTOPOID_WEBHOOK_PORT, value: "8081"}
- {name: OCTOPOID_WEBHOOK_SECRETS, value: /etc/octopoid/webhooks}
{{- end }}
{{- with .Values.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- range .Values.extraEnv }}
{{- if or (and (eq .name "OCTOPOID_CREATE_ORCHESTRATOR") $.Values.orchestrator.create) (and (eq .name "OTEL_EXPORTER_OTLP_ENDPOINT") $.Values.otlpEndpoint) }}
{{- fail (printf "extraEnv has %s, which the chart sets already: by orchestrator.create or otlpEndpoint" .name) }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Wished for, not insisted on: on one node, two replicas are still better than one. */}}
{{- define "octopoid.spread" -}}
{{- if .Values.topologySpreadConstraints -}}
{{ toYaml .Values.topologySpreadConstraints }}
{{- else -}}
{{- range $i, $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" -}}
{{- if $i }}
{{ end -}}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "octopoid.selectorLabels" $ | nindent 6 }}
  # Without those that an update is about to end.
  matchLabelKeys: [pod-template-hash]
{{- end -}}
{{- end -}}
{{- end -}}
