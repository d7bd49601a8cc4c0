{{- /* The script that creates the service's user. MongoDB's image runs the scripts in /docker-entrypoint-initdb.d when the data is new. */}}
{{- define "store.usersConfigMap" -}}
{{- if .Values.authentication.enabled -}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "store.users" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
data:
  service-user.js: |
    {{- .Files.Get "files/service-user.js" | nindent 4 }}
{{- end }}
{{- end }}

{{- define "store.users" }}{{ .Release.Name }}-users{{ end }}
