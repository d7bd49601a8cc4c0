{{- define "common.storeService" -}}
apiVersion: v1
kind: Service
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  selector: {{- include "common.selector" . | nindent 4 }}
  ports:
    - { name: store, port: {{ include "store.port" . }}, targetPort: store }
    {{- if .Values.exporter.enabled }}
    - { name: metrics, port: {{ .Values.exporter.port }}, targetPort: metrics }
    {{- end }}
{{- end }}

{{- /* In: only the service that owns the store; for the event log, every service; to the exporter, Prometheus. Out: nothing. */}}
{{- define "common.storeNetworkPolicy" -}}
{{- $service := eq (include "common.name" .) "event-log" | ternary "*" (include "common.name" . | trimSuffix "-store") -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  podSelector: { matchLabels: { {{- include "common.selector" . -}} } }
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        {{- include "common.peers" (list $service (printf "%s-test" .Release.Name)) | fromJsonArray | toYaml | nindent 8 }}
        {{- if or (dig "enabled" false .Values.backup) (eq (include "common.name" .) "event-log") }}
        # Backups of the store. Restores of other services read the list of erased people, and make the event log deliver again.
        - podSelector: { matchLabels: { app.kubernetes.io/part-of: bulkhead, app.kubernetes.io/component: backup } }
        {{- end }}
        {{- with .Values.networkPolicy.callers }}{{ toYaml . | nindent 8 }}{{ end }}
      ports: [{ port: {{ include "store.port" . }} }]
    {{- if and .Values.exporter.enabled .Values.networkPolicy.metrics }}
    - from: {{- toYaml .Values.networkPolicy.metrics | nindent 8 }}
      ports: [{ port: {{ .Values.exporter.port }} }]
    {{- end }}
{{- end }}
