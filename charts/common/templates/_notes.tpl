{{- define "common.notes" -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is at http://{{ .Chart.Name }}:8080 inside namespace {{ .Release.Namespace }}, with health and metrics on port 9090.

  kubectl -n {{ .Release.Namespace }} rollout status deployment/{{ .Chart.Name }}
  helm test -n {{ .Release.Namespace }} {{ .Release.Name }}

Its pods start only when these exist:
{{ range $object, $keys := include "common.prerequisites" . | fromJson }}
  {{ $object }}: {{ join ", " $keys }}
{{- end }}
{{- if .Values.route.enabled }}

To reach it, use the address of Gateway {{ .Values.route.gateway }}:

  kubectl -n {{ .Values.route.gatewayNamespace | default .Release.Namespace }} get gateway {{ .Values.route.gateway }} -o jsonpath='https://{.status.addresses[0].value}'
{{- end }}
{{- if .Values.ingress.enabled }}

To reach it, use the address of Ingress {{ .Chart.Name }}:

  kubectl -n {{ .Release.Namespace }} get ingress {{ .Chart.Name }}
{{- end }}
{{- end }}

{{- define "common.storeNotes" -}}
{{ .Chart.Name }} is at {{ .Release.Name }}:{{ include "store.port" . }} inside namespace {{ .Release.Namespace }}{{ if include "store.isPersistent" . }}. Its data is in PersistentVolumeClaim data-{{ .Release.Name }}-0{{ else }}. Its data is lost with its pod{{ end }}.

  kubectl -n {{ .Release.Namespace }} rollout status statefulset/{{ .Release.Name }}
  helm test -n {{ .Release.Namespace }} {{ .Release.Name }}
{{- end }}
