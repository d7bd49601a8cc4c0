{{- /* The environment variables that the chart sets. `env` adds more, and must not contain any of these. */}}
{{- define "common.environment" -}}
{{- $manifest := include "common.manifest" . | fromJson }}
{{- $targets := include "common.targets" . | fromJsonArray -}}
- { name: LOG_LEVEL, value: {{ .Values.logLevel }} }
{{- if .Values.inspection }}
- { name: INSPECTION, value: "1" }
{{- end }}
- { name: PORT, value: "8080" }
- { name: OPS_PORT, value: "9090" }
- { name: DRAIN_SECONDS, value: {{ .Values.drainSeconds | quote }} }
- { name: PEOPLE_ISSUER, value: {{ .Values.issuers.people | quote }} }
- { name: PEOPLE_JWKS, value: {{ include "common.address" (list . .Values.issuers.peopleService) }}/.well-known/jwks.json }
- { name: SERVICES_ISSUER, value: {{ .Values.issuers.services | quote }} }
- { name: SERVICES_JWKS, value: file:///var/run/bulkhead/issuer/jwks.json }
- { name: SERVICES_NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
{{- if ne $manifest.store "none" }}
- { name: {{ upper $manifest.store }}_URL, valueFrom: { secretKeyRef: { name: {{ .Values.store.existingSecret | default (printf "%s-store" .Chart.Name) }}, key: url } } }
{{- end }}
{{- if include "common.usesEventLog" . }}
- { name: EVENT_LOG_URL, valueFrom: { secretKeyRef: { name: {{ .Values.eventLog.existingSecret | default (printf "%s-event-log" .Chart.Name) }}, key: url } } }
{{- end }}
{{- range $targets }}
- { name: {{ upper . | replace "-" "_" }}_URL, value: {{ include "common.address" (list $ .) }} }
{{- end }}
{{- if $targets }}
- { name: SERVICE_TOKENS_DIR, value: /var/run/bulkhead/tokens }
{{- end }}
{{- with .Values.tracing.endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ quote . }} }
- { name: OTEL_TRACES_SAMPLER_ARG, value: {{ $.Values.tracing.ratio | quote }} }
{{- end }}
{{- range concat ($manifest.secrets | default list) .Values.secrets.more | uniq }}
- { name: {{ . }}, valueFrom: { secretKeyRef: { name: {{ $.Values.secrets.existingSecret }}, key: {{ . }} } } }
{{- end }}
{{- range $variable, $file := .Values.files }}
- { name: {{ $variable }}, value: /var/run/bulkhead/files/{{ $variable }}/{{ $file.key }} }
{{- end }}
{{- end }}
