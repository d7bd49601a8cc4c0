{{- /*
A sidecar of a store that publishes the figures of its server at `/metrics`. The chart defines `store.exporterArgs` and `store.exporterEnv` (lists
or nothing). It has no readiness probe, because a broken exporter must not take the store out of service.
*/}}
{{- define "common.exporter" -}}
{{- with .Values.exporter }}
{{- if .enabled -}}
- name: exporter
  image: {{ .image.repository }}:{{ .image.tag }}
  imagePullPolicy: {{ .image.pullPolicy }}
  {{- with include "store.exporterArgs" $ }}
  args: {{- nindent 4 . }}
  {{- end }}
  ports: [{ name: metrics, containerPort: {{ .port }} }]
  {{- with include "store.exporterEnv" $ }}
  env: {{- nindent 4 . }}
  {{- end }}
  resources: {{- toYaml .resources | nindent 4 }}
  securityContext: {{- include "common.containerSecurity" $ | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
