{{- /* The contract of the installed version. The name has its digest, so an upgrade can compare contracts. No pod reads it. */}}
{{- define "common.contractConfigMap" -}}
{{- $digest := (include "common.contract" . | fromJson).digest -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "common.name" . }}-contract-{{ trimPrefix "sha256:" $digest | trunc 12 }}
  labels: {{- include "common.labels" . | nindent 4 }}
  annotations: { bulkhead/contract-digest: {{ $digest | quote }} }
immutable: true
data:
  contract.json: {{ include "common.contract" . | fromJson | toJson | quote }}
{{- end }}
