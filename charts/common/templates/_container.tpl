{{- /* Only memory has a limit. A CPU limit would slow starts and bursts down even on an idle node. */}}
{{- define "common.container" -}}
- name: {{ include "common.name" . }}
  {{- include "common.image" . | nindent 2 }}
  ports:
    - { name: http, containerPort: 8080 }
    - { name: management, containerPort: 9090 }
  env:
    {{- include "common.environment" . | nindent 4 }}
    {{- range $variable, $value := .Values.env }}
    {{- /* Helm reads every number as a float and would write 1e+07. */}}
    {{- if kindIs "float64" $value }}{{ if eq $value (floor $value) }}{{ $value = int64 $value }}{{ end }}{{ end }}
    - { name: {{ $variable }}, value: {{ $value | toString | quote }} }
    {{- end }}
  resources: {{- toYaml .Values.resources | nindent 4 }}
  # The container has a minute to start. The other probes wait for it.
  startupProbe: { httpGet: { path: /livez, port: management }, periodSeconds: 1, failureThreshold: 60, timeoutSeconds: 2 }
  readinessProbe: { httpGet: { path: /readyz, port: management }, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 2 }
  # Restart only if the event loop was blocked for a minute.
  livenessProbe: { httpGet: { path: /livez, port: management }, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 }
  securityContext: {{- include "common.containerSecurity" . | nindent 4 }}
  volumeMounts: {{- include "common.volumeMounts" . | nindent 4 }}
{{- end }}
