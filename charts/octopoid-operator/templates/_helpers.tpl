{{- define "octopoid.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/*
A release whose name is the beginning of the chart's, or has it in it, adds nothing: octopoid becomes octopoid-operator. A release may have dots in its
name, a Service may not.
*/}}
{{- define "octopoid.fullname" -}}
{{- $name := include "octopoid.name" . -}}
{{- $release := .Release.Name | replace "." "-" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name $release -}}
{{- $release | trunc 63 | trimSuffix "-" -}}
{{- else if hasPrefix $release $name -}}
{{- $name -}}
{{- else -}}
{{- printf "%s-%s" $release $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What never changes over a release's life: a Deployment's selector cannot. */}}
{{- define "octopoid.selectorLabels" -}}
app.kubernetes.io/name: {{ include "octopoid.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of an object, with some of its own: (list $ OWN). Those that selectors and Helm go by are nobody's to change. */}}
{{- define "octopoid.labels" -}}
{{- $ := index . 0 -}}
{{- $chart := dict
  "helm.sh/chart" (printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" $.Chart.AppVersion
  "app.kubernetes.io/component" "operator"
  "app.kubernetes.io/part-of" "octopoid" -}}
{{- $fixed := set (include "octopoid.selectorLabels" $ | fromYaml) "app.kubernetes.io/managed-by" $.Release.Service -}}
{{- include "octopoid.merged" (list $chart $.Values.commonLabels (index . 1) $fixed) -}}
{{- end -}}

{{- define "octopoid.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "octopoid.fullname" .) -}}
{{- else -}}
{{- if .Values.rbac.create -}}
{{- $_ := required "serviceAccount.name is empty, and serviceAccount.create is false: rbac.create would give the operator's rights to every pod of the namespace" .Values.serviceAccount.name -}}
{{- end -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "octopoid.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- with .Values.image.digest -}}
{{- printf "%s:%s@%s" $.Values.image.repository $tag . -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end -}}

{{/* Metadata of an object: (list $ NAME NAMESPACE), and where it has labels of its own, these. NAMESPACE is empty where it is in none. */}}
{{- define "octopoid.metadata" -}}
{{- $ := index . 0 -}}
name: {{ index . 1 | quote }}
{{- with index . 2 }}
namespace: {{ . | quote }}
{{- end }}
labels:
  {{- include "octopoid.labels" (list $ (gt (len .) 3 | ternary (last .) dict)) | nindent 2 }}
{{- end -}}

{{/* Maps as one, each key once: of those that have it, the last counts. Sprig's mergeOverwrite passes over what is empty. */}}
{{- define "octopoid.merged" -}}
{{- $all := dict -}}
{{- range . -}}
{{- range $key, $value := . -}}
{{- $_ := set $all $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* A map's entries that have a value, as JSON. */}}
{{- define "octopoid.given" -}}
{{- $given := dict -}}
{{- range $key, $value := . -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $_ := set $given $key $value -}}
{{- end -}}
{{- end -}}
{{- toJson $given -}}
{{- end -}}
