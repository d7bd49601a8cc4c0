{{- define "common.httpRoute" -}}
{{- if .Values.route.enabled -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  parentRefs: [{ name: {{ .Values.route.gateway }}{{ with .Values.route.gatewayNamespace }}, namespace: {{ . }}{{ end }}, sectionName: {{ .Values.route.sectionName }} }]
  {{- with .Values.route.hostnames }}
  hostnames: {{ toJson . }}
  {{- end }}
  rules:
    - backendRefs: [{ name: {{ include "common.name" . }}, port: 8080 }]
      # No time-outs: the service limits uploads and event streams itself. By default, implementations end them after 15 s.
      timeouts: { request: 0s }
{{- end }}
{{- end }}
