{{/* Names, from wherever the cluster answers for them: some network plug-ins do not count pods as addresses. */}}
{{- define "octopoid.egress.dns" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- end -}}

{{/* Every address but some, as peers: (list IS_V6 CIDRS). */}}
{{- define "octopoid.peer.allBut" -}}
{{- $isV6 := index . 0 -}}
- ipBlock:
    cidr: {{ ternary "::/0" "0.0.0.0/0" $isV6 | quote }}
    {{- $except := list }}
    {{- range index . 1 }}
    {{- if eq (contains ":" .) $isV6 }}
    {{- $except = append $except . }}
    {{- end }}
    {{- end }}
    {{- with $except }}
    except: {{ toJson . }}
    {{- end }}
{{- end -}}

{{/* The Service of webhooks: a name of at most 63 characters. */}}
{{- define "octopoid.webhooks.name" -}}
{{- printf "%s-webhooks" (include "octopoid.fullname" . | trunc 54 | trimSuffix "-") -}}
{{- end -}}
