{{- define "store.port" }}27017{{ end }}

{{- define "store.secret" -}}
{{ .Values.authentication.existingSecret | default .Release.Name }}
{{- end }}

{{- /* A TCP check is enough: while MongoDB creates its users, it listens only on the loopback interface. */}}
{{- define "store.container" -}}
ports: [{ name: store, containerPort: {{ include "store.port" . }} }]
{{- with .Values.command }}
command: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.args }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .Values.authentication.enabled }}
env:
  - { name: MONGO_INITDB_ROOT_USERNAME, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: username } } }
  - { name: MONGO_INITDB_ROOT_PASSWORD, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: password } } }
  - { name: MONGODB_URL, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: url, optional: true } } }
  # mongosh keeps its settings in the home folder.
  - { name: HOME, value: /tmp }
{{- end }}
startupProbe: { tcpSocket: { port: store }, periodSeconds: 1, failureThreshold: 120, timeoutSeconds: 2 }
readinessProbe: { tcpSocket: { port: store }, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 2 }
livenessProbe: { tcpSocket: { port: store }, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 }
volumeMounts:
  - { name: data, mountPath: {{ .Values.dataPath }} }
  # The image declares this folder as a volume. Without this mount, the runtime would create one.
  - { name: tmp, mountPath: /data/configdb, subPath: configdb }
  - { name: tmp, mountPath: /tmp, subPath: tmp }
  {{- if .Values.authentication.enabled }}
  - { name: users, mountPath: /docker-entrypoint-initdb.d, readOnly: true }
  {{- end }}
{{- end }}

{{- define "store.exporterArgs" -}}
- --web.listen-address=:{{ .Values.exporter.port }}
- --collector.diagnosticdata
- --collector.dbstats
{{- end }}

{{- define "store.exporterEnv" -}}
- { name: MONGODB_URI, value: "mongodb://localhost:{{ include "store.port" . }}/admin" }
{{- if .Values.authentication.enabled }}
- { name: MONGODB_USER, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: username } } }
- { name: MONGODB_PASSWORD, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: password } } }
{{- end }}
{{- end }}

{{- define "store.volumes" -}}
{{- if .Values.authentication.enabled -}}
- { name: users, configMap: { name: {{ include "store.users" . }} } }
{{- end }}
{{- end }}

{{- define "store.isPersistent" -}}
{{- if .Values.persistence.enabled }}yes{{ end }}
{{- end }}

{{- define "store.testEnv" -}}
# mongosh keeps its settings in the home folder.
- { name: HOME, value: /tmp }
{{- if .Values.authentication.enabled }}
- { name: MONGODB_URL, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: url } } }
{{- end }}
{{- end }}
