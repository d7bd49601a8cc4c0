{{- define "common.notes" -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is at http://{{ .Chart.Name }}:8080 inside namespace {{ .Release.Namespace }}, with health and metrics on port 9090.

  kubectl -n {{ .Release.Namespace }} rollout status deployment/{{ .Chart.Name }}
  helm test -n {{ .Release.Namespace }} {{ .Release.Name }}
{{- end }}

{{- define "common.storeNotes" -}}
{{ .Chart.Name }} is at {{ .Release.Name }}:{{ include "store.port" . }} inside namespace {{ .Release.Namespace }}{{ if include "store.isPersistent" . }}, its data in PersistentVolumeClaim data-{{ .Release.Name }}-0{{ else }}. Its data goes with its pod{{ end }}.

  kubectl -n {{ .Release.Namespace }} rollout status statefulset/{{ .Release.Name }}
  helm test -n {{ .Release.Namespace }} {{ .Release.Name }}
{{- end }}
