{{/* What the operator needs in each namespace whose agents it runs, and no more: its tests run with exactly this. */}}
{{- define "octopoid.rules.namespace" -}}
- apiGroups: [octopoid.dev]
  resources: [agentblueprints, agentflows, agentrepositories]
  verbs: [list, watch]
- apiGroups: [octopoid.dev]
  resources: [agenttasks]
  verbs: [get, list, watch, delete]
- apiGroups: [octopoid.dev]
  resources: [agenttasks/status, agentblueprints/status, agentflows/status, agentrepositories/status]
  verbs: [patch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
# Runner and scripts: read only where one of their name is there already, to see whether it is ours.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, create]
{{- if .Values.rbac.anySecret }}
# Credentials for forges: only those that an AgentRepository names in apiSecretName are ever read, by name.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end }}
# Why a Job gets no pod stands in an Event of the Job controller, and nowhere else.
- apiGroups: [""]
  resources: [events]
  verbs: [list]
{{ include "octopoid.rules.events" . }}
{{- end -}}

{{/* What it tells people. */}}
{{- define "octopoid.rules.events" -}}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{/* What it needs of the one kind that is in no namespace. */}}
{{- define "octopoid.rules.cluster" -}}
- apiGroups: [octopoid.dev]
  resources: [agentorchestrators]
  verbs: [list, watch]
- apiGroups: [octopoid.dev]
  resources: [agentorchestrators/status]
  verbs: [patch]
{{- if not .Values.orchestrator.create }}
# The orchestrator named default is made once, when there is none.
- apiGroups: [octopoid.dev]
  resources: [agentorchestrators]
  verbs: [create]
{{- end }}
{{- end -}}

{{/* A binding's end, of the same kind and name as its role: (list $ KIND NAME). */}}
{{- define "octopoid.binding" -}}
{{- $ := index . 0 -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ index . 1 }}
  name: {{ index . 2 | quote }}
subjects:
  - kind: ServiceAccount
    name: {{ include "octopoid.serviceAccountName" $ | quote }}
    namespace: {{ $.Release.Namespace | quote }}
{{- end -}}

{{/* A Role and its binding: (list $ NAME NAMESPACE RULES). */}}
{{- define "octopoid.role" -}}
{{- $ := index . 0 -}}
{{- $metadata := include "octopoid.metadata" (list $ (index . 1) (index . 2)) | nindent 2 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- $metadata }}
rules:
  {{- index . 3 | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- $metadata }}
{{ include "octopoid.binding" (list $ "Role" (index . 1)) }}
{{- end -}}
