{{/*
One alert: (list $ NAME VALUES ANCHOR SUMMARY EXPRESSION). Summary and expression are texts of Prometheus: its own braces are quoted.
*/}}
{{- define "octopoid.alert" -}}
{{- $ := index . 0 -}}
{{- $values := index . 2 -}}
{{- if $values.enabled }}
- alert: {{ index . 1 }}
  expr: |-
    {{- index . 5 | trim | nindent 4 }}
  {{- with $values.for }}
  for: {{ . }}
  {{- end }}
  labels:
    {{- toYaml (merge (dict "severity" $values.severity) $.Values.alerts.alertLabels) | nindent 4 }}
  annotations:
    summary: {{ index . 4 | quote }}
    runbook_url: {{ printf "%s#%s" $.Values.alerts.runbookUrl (index . 3) | quote }}
{{- end }}
{{- end -}}

{{- define "octopoid.alerts" -}}
{{- with .Values.alerts }}
{{- /* A counter that is new has risen too, and increase does not see it. */}}
{{- $started := printf "(increase(octopoid_attempts_started_total[%s]) > 0 or (octopoid_attempts_started_total unless octopoid_attempts_started_total offset %s) > 0)" .nothingStarts.for .nothingStarts.for }}
{{- include "octopoid.alert" (list $ "OctopoidNothingStarts" .nothingStarts "nothing-starts" "Tasks in {{ $labels.namespace }} could start, slots are free, and nothing starts" (printf `
sum by (namespace) (max by (namespace, role, blueprint) (octopoid_tasks_waiting{reason="Claimable"})) > 0
and sum by (namespace) (max by (namespace, blueprint) (octopoid_blueprint_claimable)) > 0
unless sum by (namespace) %s` $started)) }}
{{- include "octopoid.alert" (list $ "OctopoidGateClosed" .gateClosed "gate-closed" (printf "{{ with $labels.repository }}{{ $labels.namespace }}/{{ . }}{{ else }}The cluster{{ end }} starts nothing that may open a pull request, for %s" .gateClosed.for) `
max by (namespace, repository) (octopoid_repository_gate_closed) == 1
or max(octopoid_cluster_gate_closed) == 1`) }}
{{- include "octopoid.alert" (list $ "OctopoidBlueprintDegraded" .blueprintDegraded "blueprint-degraded" "Agents of {{ $labels.namespace }}/{{ $labels.blueprint }} cannot start" `
max by (namespace, blueprint) (octopoid_blueprint_state{state="Degraded"}) == 1`) }}
{{- include "octopoid.alert" (list $ "OctopoidCountStale" .countStale "count-stale" "How many pull requests are open in {{ $labels.namespace }}/{{ $labels.repository }} is not known" `
max by (namespace, repository) (octopoid_repository_count_age_seconds > octopoid_repository_count_stale_after_seconds)
or max by (namespace, repository) (octopoid_repository_gate_closed{reason="OpenPRCountUnknown"}) == 1`) }}
{{- include "octopoid.alert" (list $ "OctopoidLedgerDrift" .ledgerDrift "ledger-drift" "The self-audit found a wrong count, and repaired it: a bug" (printf `
sum(
  increase(octopoid_ledger_drift_total[%s]) > 0
  or (octopoid_ledger_drift_total unless octopoid_ledger_drift_total offset %s) > 0
)` .ledgerDrift.within .ledgerDrift.within)) }}
{{- include "octopoid.alert" (list $ "OctopoidNoLeader" .noLeader "no-leader" "No operator leads: nothing starts, results wait" `
sum(octopoid_leader) == 0 or absent(octopoid_leader)`) }}
{{- include "octopoid.alert" (list $ "OctopoidQuotaLow" .quotaLow "quota-low" "{{ $value | humanizePercentage }} of the forge's quota is left for {{ $labels.namespace }}/{{ $labels.repository }}" (printf `
max by (namespace, repository) (octopoid_repository_quota_remaining)
/ max by (namespace, repository) (octopoid_repository_quota_limit)
< %v` .quotaLow.below)) }}
{{- include "octopoid.alert" (list $ "OctopoidApiSlow" .apiSlow "api-slow" "One request in a hundred to the API server takes {{ $value | humanizeDuration }} or more" (printf `
histogram_quantile(0.99, sum by (le) (rate(kubernetes_client_request_duration_seconds_bucket{verb!="watch"}[5m])))
> %v` .apiSlow.seconds)) }}
{{- end }}
{{- end -}}
