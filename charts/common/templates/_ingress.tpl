{{- define "common.ingress" -}}
{{- if .Values.ingress.enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{- include "common.metadata" . | nindent 2 }}
  {{- with .Values.ingress.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- $tls := dict }}
  {{- with .Values.ingress.tlsSecret }}{{ $_ := set $tls "secretName" . }}{{ end }}
  {{- with .Values.ingress.host }}{{ $_ := set $tls "hosts" (list .) }}{{ end }}
  {{- with $tls }}
  tls: {{ list . | toJson }}
  {{- end }}
  rules:
    - {{ with .Values.ingress.host }}host: {{ . | quote }}
      {{ end }}http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: {{ include "common.name" . }}, port: { name: http } } }
{{- end }}
{{- end }}
