{{/*
One alert: a dict of root, name, values, anchor (its section of the runbook), summary, expr. Summary and expr are texts of Prometheus, with its own braces.
*/}}
{{- define "octopoid.alert" -}}
{{- if .values.enabled }}
- alert: {{ .name }}
  expr: |-
    {{- .expr | trim | nindent 4 }}
  {{- with .values.for }}
  for: {{ . }}
  {{- end }}
  labels:
    {{- include "octopoid.merged" (list .root.Values.alerts.alertLabels (dict "severity" .values.severity)) | nindent 4 }}
  annotations:
    summary: {{ .summary | quote }}
    runbook_url: {{ printf "%s#%s" .root.Values.alerts.runbookUrl .anchor | quote }}
{{- end }}
{{- end -}}

{{/*
A gauge of the leader's, without the gap that a change of leaders leaves: the old one takes its gauges away, the next one's come a scrape later, and
`for` would begin anew. While no leader shows the pool, what the last one showed counts; while one does, what it does not show is over.
*/}}
{{- define "octopoid.lastKnown" -}}
({{ . }} or (last_over_time({{ . }}[5m]) unless on() octopoid_cluster_slots_occupied))
{{- end -}}

{{- define "octopoid.alerts" -}}
{{- with .Values.alerts }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidNothingStarts"
  "values" .nothingStarts
  "anchor" "nothing-starts"
  "summary" "Tasks in {{ $labels.namespace }} could start, or are being started, and none has"
  "expr" (printf `
(
  sum by (namespace) (max by (namespace, blueprint) %s) > 0
  or sum by (namespace) (max by (namespace, role, blueprint) %s) > 0
)
unless sum by (namespace) %s`
    (include "octopoid.lastKnown" "octopoid_slots_starting")
    (include "octopoid.lastKnown" `octopoid_tasks_waiting{reason="Claimable"}`)
    (include "octopoid.started" .nothingStarts.within))) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidGateClosed"
  "values" .gateClosed
  "anchor" "gate-closed"
  "summary" (printf "{{ with $labels.repository }}{{ $labels.namespace }}/{{ . }}{{ else }}The cluster{{ end }} starts nothing that may open a pull request, for %s" .gateClosed.for)
  "expr" (printf `
(max by (namespace, repository) %s == 1 unless on() max(min_over_time(octopoid_cluster_gate_closed[%s])) == 1)
and on (namespace) %s
or max%s == 1 and on() %s`
    (include "octopoid.lastKnown" "octopoid_repository_gate_closed")
    .gateClosed.for
    (include "octopoid.heldByGate" "by (namespace) ")
    (include "octopoid.lastKnown" "octopoid_cluster_gate_closed")
    (include "octopoid.heldByGate" ""))) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidBlueprintDegraded"
  "values" .blueprintDegraded
  "anchor" "blueprint-degraded"
  "summary" "Agents of {{ $labels.namespace }}/{{ $labels.blueprint }} cannot start"
  "expr" (printf `
max by (namespace, blueprint) %s == 1`
    (include "octopoid.lastKnown" `octopoid_blueprint_state{state="Degraded"}`))) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidCountStale"
  "values" .countStale
  "anchor" "count-stale"
  "summary" "How many pull requests are open in {{ $labels.namespace }}/{{ $labels.repository }} is not known"
  "expr" (printf `
max by (namespace, repository) %s
> max by (namespace, repository) %s
or max by (namespace, repository) %s == 1`
    (include "octopoid.lastKnown" "octopoid_repository_count_age_seconds")
    (include "octopoid.lastKnown" "octopoid_repository_count_stale_after_seconds")
    (include "octopoid.lastKnown" `octopoid_repository_gate_closed{reason="OpenPRCountUnknown"}`))) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidLedgerDrift"
  "values" .ledgerDrift
  "anchor" "ledger-drift"
  "summary" "The self-audit found a wrong count, and repaired it: a bug"
  "expr" (printf `
sum(increase(octopoid_ledger_drift_total[%s])) > 0` .ledgerDrift.within)) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidNoLeader"
  "values" .noLeader
  "anchor" "no-leader"
  "summary" "No operator leads: nothing starts, results wait"
  "expr" `
sum(octopoid_leader) == 0 or absent(octopoid_leader)`) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidNoPool"
  "values" .noPool
  "anchor" "no-pool"
  "summary" "An operator leads and runs no pool: it still waits for a list, or there is no AgentOrchestrator"
  "expr" `
absent(octopoid_cluster_slots_limit) and on() sum(octopoid_leader) > 0`) }}
{{- /* While a write is tried again, each half minute, its task does not wait. */}}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidWritesRefused"
  "values" .writesRefused
  "anchor" "writes-refused"
  "summary" "The API server refuses what the operator writes to tasks in {{ $labels.namespace }}"
  "expr" `
sum by (namespace) (max by (namespace, role, blueprint) (max_over_time(octopoid_tasks_waiting{reason="WriteRefused"}[2m]))) > 0`) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidInformerNotSynced"
  "values" .informerNotSynced
  "anchor" "not-synced"
  "summary" "{{ or $labels.pod \"A replica\" }} does not know how {{ $labels.resource }}{{ with $labels.namespace }} in {{ . }}{{ end }} are: no whole list, or no word for minutes"
  "expr" `
min by (pod, resource, namespace) (octopoid_informer_synced) == 0
or max by (pod, resource, namespace) (octopoid_informer_age_seconds) > 300`) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidQuotaLow"
  "values" .quotaLow
  "anchor" "quota-low"
  "summary" "{{ $value | humanizePercentage }} of the forge's quota is left for {{ $labels.namespace }}/{{ $labels.repository }}"
  "expr" (printf `
max by (namespace, repository) %s
/ max by (namespace, repository) %s
< %v`
    (include "octopoid.lastKnown" "octopoid_repository_quota_remaining")
    (include "octopoid.lastKnown" "octopoid_repository_quota_limit")
    .quotaLow.below)) }}
{{- include "octopoid.alert" (dict
  "root" $
  "name" "OctopoidApiSlow"
  "values" .apiSlow
  "anchor" "api-slow"
  "summary" "One request in a hundred to the API server takes {{ $value | humanizeDuration }} or more"
  "expr" (printf `
histogram_quantile(0.99, sum by (le) (rate(kubernetes_client_request_duration_seconds_bucket{verb!="watch"}[5m])))
> %v` .apiSlow.seconds)) }}
{{- end }}
{{- end -}}

{{/* More than none, where tasks have waited for a gate alone within an hour: between times their blueprint may be full. The argument groups them. */}}
{{- define "octopoid.heldByGate" -}}
(sum {{ . }}(max_over_time(octopoid_tasks_waiting{reason=~"OpenPRLimit|OpenPRCountUnknown"}[1h])) > 0)
{{- end -}}

{{/* What has started within a time. A counter that is new has risen too, and increase does not see it. */}}
{{- define "octopoid.started" -}}
(increase(octopoid_attempts_started_total[{{ . }}]) > 0 or (octopoid_attempts_started_total unless octopoid_attempts_started_total offset {{ . }}) > 0)
{{- end -}}
