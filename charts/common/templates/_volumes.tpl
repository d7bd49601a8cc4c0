{{- /* The cluster's keys, a token for each target, and the files of the value `files`. Mounts whole folders, because Kubernetes never updates a file that is mounted alone. */}}
{{- define "common.volumes" -}}
- name: issuer
  configMap: { name: {{ .Values.issuers.servicesConfigMap }} }
{{- with include "common.targets" . | fromJsonArray }}
- name: tokens
  projected:
    sources:
      {{- range . }}
      - serviceAccountToken: { path: {{ . }}, audience: {{ . }}, expirationSeconds: 3600 }
      {{- end }}
{{- end }}
{{- with .Values.files }}
- name: files
  projected:
    sources:
      {{- range $variable, $file := . }}
      {{- with $file }}
      {{- if .secret }}
      - secret: { name: {{ .secret }}, items: [{ key: {{ .key }}, path: {{ $variable }}/{{ .key }} }] }
      {{- else }}
      - configMap: { name: {{ .configMap }}, items: [{ key: {{ .key }}, path: {{ $variable }}/{{ .key }} }] }
      {{- end }}
      {{- end }}
      {{- end }}
{{- end }}
{{- end }}

{{- define "common.volumeMounts" -}}
- { name: issuer, mountPath: /var/run/bulkhead/issuer, readOnly: true }
{{- if include "common.targets" . | fromJsonArray }}
- { name: tokens, mountPath: /var/run/bulkhead/tokens, readOnly: true }
{{- end }}
{{- if .Values.files }}
- { name: files, mountPath: /var/run/bulkhead/files, readOnly: true }
{{- end }}
{{- end }}
