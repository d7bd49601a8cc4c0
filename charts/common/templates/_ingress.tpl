{{- define "common.ingress" -}}
{{- if .Values.ingress.enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- with .Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  tls: [{ secretName: {{ .Values.ingress.tlsSecret }}{{ with .Values.ingress.host }}, hosts: [{{ . | quote }}]{{ end }} }]
  rules:
    - {{ with .Values.ingress.host }}host: {{ . | quote }}
      {{ end }}http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: {{ include "common.name" . }}, port: { name: http } } }
{{- end }}
{{- end }}
