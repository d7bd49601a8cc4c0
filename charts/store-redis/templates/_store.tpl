{{- define "store.port" }}6379{{ end }}

{{- define "store.secret" -}}
{{ .Values.authentication.existingSecret | default .Release.Name }}
{{- end }}

{{- define "store.container" -}}
command: [sh, -ec]
args:
  - |
    {{- include "store.start" . | nindent 4 }}
ports: [{ name: store, containerPort: {{ include "store.port" . }} }]
env: {{- include "store.testEnv" . | nindent 2 }}
startupProbe: { {{- include "store.ping" . }}, periodSeconds: 1, failureThreshold: 120, timeoutSeconds: 5 }
readinessProbe: { {{- include "store.ping" . }}, periodSeconds: 10, failureThreshold: 2, timeoutSeconds: 5 }
livenessProbe: { tcpSocket: { port: store }, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 }
volumeMounts:
  - { name: data, mountPath: /data }
  - { name: tmp, mountPath: /tmp }
  {{- if eq .Values.use "event-log" }}
  - { name: users, mountPath: /etc/bulkhead, readOnly: true }
  {{- end }}
{{- end }}

{{- /* Every user needs a password. It is not a command-line argument, because other processes could read it. The default user is off but keeps all
rights: Redis replays its append-only file as that user, and would skip each transaction with a command that the user may not run (github.com/redis/redis/issues/14541). */}}
{{- define "store.start" -}}
{{- $cache := eq .Values.use "cache" -}}
umask 077
users=/tmp/users.acl
echo 'user default off resetpass ~* &* +@all' >"$users"
{{- if eq .Values.use "event-log" }}
grep -v '^user default ' /etc/bulkhead/users.acl >>"$users"
{{- else }}
printf 'user %s on >%s ~* &* +@all -@admin\n' "$STORE_USERNAME" "$REDISCLI_AUTH" >>"$users"
{{- end }}
exec redis-server --dir /data --save '' --aclfile "$users" --maxmemory {{ .Values.maxMemory }} \
  --maxmemory-policy {{ $cache | ternary "allkeys-lru" "noeviction" }} --appendonly {{ $cache | ternary "no" "yes" }} --appendfsync always
{{- end }}

{{- /* While Redis loads its data, it answers LOADING. */}}
{{- define "store.ping" }} exec: { command: [sh, -ec, 'redis-cli --user "$STORE_USERNAME" ping | grep -q PONG'] }{{ end }}

{{- define "store.testEnv" -}}
- { name: STORE_USERNAME, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: username } } }
- { name: REDISCLI_AUTH, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: password } } }
{{- end }}

{{- define "store.exporterArgs" }}{{ end }}

{{- /* The user of a store may not read the configuration. */}}
{{- define "store.exporterEnv" -}}
- { name: REDIS_ADDR, value: "redis://localhost:{{ include "store.port" . }}" }
- { name: REDIS_USER, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: username } } }
- { name: REDIS_PASSWORD, valueFrom: { secretKeyRef: { name: {{ include "store.secret" . }}, key: password } } }
- { name: REDIS_EXPORTER_CONFIG_COMMAND, value: "-" }
- { name: REDIS_EXPORTER_WEB_LISTEN_ADDRESS, value: ":{{ .Values.exporter.port }}" }
{{- end }}

{{- define "store.volumes" -}}
{{- if eq .Values.use "event-log" -}}
- { name: users, secret: { secretName: {{ include "store.secret" . }}, items: [{ key: users.acl, path: users.acl }] } }
{{- end }}
{{- end }}

{{- /* A cache is never persistent, because it may be lost. */}}
{{- define "store.isPersistent" -}}
{{- if and .Values.persistence.enabled (ne .Values.use "cache") }}yes{{ end }}
{{- end }}
